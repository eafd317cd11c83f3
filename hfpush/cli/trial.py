"""`hfpush try`: the whole story on one machine, with numbers."""

from __future__ import annotations

import threading
from typing import Annotated

import typer

from hfpush.cli import render
from hfpush.cli.guard import guarded


def _until_interrupted() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        render.say("the Hub has ended")


@guarded
def try_command(
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the Hub running until ^C, and say how to look at it.")
    ] = False,
) -> None:
    """Carry a made-up model to a Hub on this machine and back.

    The connection is cut and the process killed on the way; at the end every byte is compared.
    """
    from hfpush.commands.trial import trial  # brings a server along, which no other command needs

    trial(render.reveal, keep=keep, wait=_until_interrupted)
