"""`hfpush lfs agent`: what git-lfs itself runs. Kept apart from the command line, because git-lfs starts several.

Standard output belongs to the conversation: whatever else prints, prints to standard error, which git-lfs shows in its
trace. When git-lfs is gone the agent is, at once: what it has sent is in a journal, and the next one goes on.
"""

from __future__ import annotations

import io
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue

from hfpush.cli import streams
from hfpush.commands.lfs_agent import Agent, AgentStart, told
from hfpush.errors import HfpushError
from hfpush.findings import Finding
from hfpush.lfs.agent import Transfer, parse_message

COMMAND = "agent"
_GONE = 1


class Lines:
    """The lines that come in on a descriptor. A thread reads them, so that the end is noticed amid the work, too."""

    def __init__(self, descriptor: int) -> None:
        self._stream = io.FileIO(descriptor, closefd=False)
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._working = False
        self._ended = False

    def __iter__(self) -> Iterator[bytes]:
        threading.Thread(target=self._read, name="hfpush-lines", daemon=True).start()
        while (line := self._queue.get()) is not None:
            yield line

    def begin(self) -> bool:
        """Work begins: from now on the end of the input ends the process. False when it has ended already."""
        with self._lock:
            self._working = not self._ended
            return self._working

    def finish(self) -> None:
        """Work has ended."""
        with self._lock:
            self._working = False

    def _read(self) -> None:
        with io.BufferedReader(self._stream) as reader:
            for line in reader:
                self._queue.put(line)
        with self._lock:
            self._ended = True
            if self._working:
                os._exit(_GONE)
        self._queue.put(None)


def run() -> int:
    """Be the agent, on standard input and output; the exit code."""
    streams.settle()
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # ^C in the terminal is for git-lfs as well, and it says so
    out = os.dup(1)
    os.dup2(2, 1)
    lock = threading.Lock()

    def send(line: bytes) -> None:
        view = memoryview(line)
        try:
            with lock:
                while view:
                    view = view[os.write(out, view) :]
        except OSError:  # git-lfs is gone
            os._exit(_GONE)

    agent = Agent(AgentStart(Path.cwd(), os.environ, send, _note, _bug))
    lines = Lines(0)
    try:
        for line in lines:
            message = parse_message(line)
            if isinstance(message, Transfer) and not lines.begin():
                return _GONE
            goes_on = agent.answer(message)
            lines.finish()
            if not goes_on:
                break
    except HfpushError as error:
        _note(told(error.finding))
        return error.exit_code
    return 0


def _note(text: str) -> None:
    streams.write_talk(f"{text}\n")


def _bug(error: Exception) -> Finding:
    from hfpush.cli.guard import bug  # only when there is one

    return bug(error)


def is_asked(arguments: Sequence[str]) -> bool:
    """Whether a command line is this one."""
    return list(arguments[:2]) == ["lfs", COMMAND] and "--help" not in arguments and "-h" not in arguments


def main() -> None:
    """Be the agent; ends the process."""
    code = run()
    streams.flush()
    os._exit(code)  # a thread may still wait for a server, and has nobody to tell
