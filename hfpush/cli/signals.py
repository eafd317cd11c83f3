"""The signals that ask a command to end: it ends in order, as it does for ^C. A second ^C ends it at once.

Without this a SIGTERM would leave a `git push` running behind our back, and a terminal without its cursor.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from hfpush.cli import streams

_ASKING = ("SIGTERM", "SIGHUP")


class Signalled(KeyboardInterrupt):
    """Another signal than ^C's asks us to end; `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def signals_raised() -> Iterator[None]:
    """Within the block those signals raise Signalled in the main thread; elsewhere than there it changes nothing.

    One that was ignored when we began stays so (nohup). After the first of them the others change nothing any more.
    A ^C raises KeyboardInterrupt as ever; the next one ends the process as it stands, which loses no more than a kill.
    """
    here = threading.current_thread() is threading.main_thread()  # only there Python lets us
    numbers = [getattr(signal, name) for name in _ASKING if here and hasattr(signal, name)]
    changed = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]

    def end(number: int, frame: FrameType | None) -> None:
        for one in changed:
            signal.signal(one, signal.SIG_IGN)
        raise Signalled(number)

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.signal(number, _end_at_once)
        raise KeyboardInterrupt

    for number in changed:
        signal.signal(number, end)
    ours = here and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        if ours and signal.getsignal(signal.SIGINT) in (interrupt, _end_at_once):
            signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def _end_at_once(number: int, frame: FrameType | None) -> None:
    streams.show_cursor()
    os._exit(128 + number)
