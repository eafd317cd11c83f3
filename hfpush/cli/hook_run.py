"""`hfpush hook run`: what the hooks start when there is something to say or to send. git gives the arguments."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from hfpush import units
from hfpush.cli import render
from hfpush.cli.guard import guarded
from hfpush.cli.options import settings_of
from hfpush.cli.progress import Progressing
from hfpush.cli.watch import SendingWatch
from hfpush.commands.hook_push import PrePushReport, PrePushRequest, pre_push
from hfpush.commands.hook_staged import check_staged
from hfpush.commands.outlet import noted, outlet_for
from hfpush.endpoints import Endpoint
from hfpush.repo.hooks.pushed import parse_pushed
from hfpush.settings import Settings


@guarded
def run_pre_commit() -> None:
    """Judge what is staged."""
    index = os.environ.get("GIT_INDEX_FILE")
    check_staged(Path("."), Path(index).absolute() if index else None)


@guarded
def run_pre_push(
    remote: Annotated[str, typer.Argument(metavar="REMOTE")], url: Annotated[str, typer.Argument(metavar="URL")]
) -> None:
    """Judge what is pushed; bring its LFS objects to the Hub."""
    refs = parse_pushed(os.fsdecode(sys.stdin.buffer.read()))
    settings = settings_of({})
    outlet = outlet_for(settings, pushed_to(settings, url), "fetch", Path("."))
    request = PrePushRequest(
        path=Path("."),
        remote=remote,
        url=url,
        refs=refs,
        endpoint=outlet.endpoint,
        state_dir=settings.state_dir,
        token=outlet.token,
        jobs=settings.jobs,
        attempts=settings.attempts,
        network=outlet.network,
    )
    with noted(outlet), Progressing("sending") as progress:
        report = pre_push(request, SendingWatch(progress))
    for line in push_lines(report):
        render.say(line)


def pushed_to(settings: Settings, url: str) -> Endpoint:
    """The endpoint that git pushes to: the one that was named if the URL is its own, else the one whose URL it is. Any
    other place is no Hub for us, which the hook finds out from the endpoint that it gets here. Pure."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    plain = f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"
    usual = settings.usual_endpoint
    return usual if usual.owns(plain) else settings.book.owner(plain) or usual


def push_lines(report: PrePushReport) -> list[str]:
    """What a pre-push hook did, if there is anything to say. Pure."""
    sent = report.upload
    if sent is None or not (sent.sent or sent.resumed):
        return []
    files = units.count(len(sent.sent) + len(sent.resumed), "large file")
    return [f"hfpush sent {files}, {units.size(sent.bytes_sent)} on the wire"]
