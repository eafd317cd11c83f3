"""The signals that ask a command to end: it ends in order, as it does for ^C.

Without this a SIGTERM would leave a `git push` running behind our back, and a terminal without its cursor.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

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
    """
    here = threading.current_thread() is threading.main_thread()  # only there Python lets us
    numbers = [getattr(signal, name) for name in _ASKING if here and hasattr(signal, name)]
    changed = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]

    def end(number: int, frame: FrameType | None) -> None:
        for one in changed:
            signal.signal(one, signal.SIG_IGN)
        raise Signalled(number)

    for number in changed:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)
