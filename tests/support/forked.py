"""Runs the command line in processes that cost no start of Python: a program, and the class that talks to it.

    with Forked() as forked:
        run = forked.start(["fetch", "local/model"], environment)
        run.send(signal.SIGTERM)
        said = run.end()

The program loads once all that a fetch needs, and forks for each run. A run is a process of its own, in a session of
its own, with the environment that it is given; `hfpush` is what it is called. It can be killed like any other. What it
takes from its sockets is counted on our side of the kernel's buffers, and known to us even after kill -9.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from support.command_line import Said

SECONDS = 60.0
_LOADED = (
    *("hfpush.cli.app", "hfpush.cli.fetch", "hfpush.commands.through", "hfpush.receive.engine"),
    *("requests", "rich.progress", "rich.live", "hfpush.net.pool", "hfpush.net.failures", "huggingface_hub.constants"),
)


@dataclass
class Run:
    """One process. `pid` is also the number of its group."""

    pid: int
    _place: Path
    began: float

    def send(self, number: int) -> float:
        """Send it a signal; when that was, as time.monotonic says. Nothing if it has ended."""
        if not self.ended:
            os.kill(self.pid, number)
        return time.monotonic()

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self._code.exists()

    def end(self, seconds: float = SECONDS) -> Said:
        """Wait for its end; it is killed, and the test fails, if that takes longer. A signal's code is negative."""
        end = time.monotonic() + seconds
        while not self.ended:
            if time.monotonic() > end:
                self.send(signal.SIGKILL)
                raise AssertionError(f"still running after {seconds:.0f} s: {self.out}\n{self.err}")
            time.sleep(0.005)
        return Said(int(self._code.read_text()), self.out, self.err)

    @property
    def out(self) -> str:
        """What it has printed until now."""
        return (self._place / "out").read_text("utf-8", "replace")

    @property
    def err(self) -> str:
        """What it has said until now."""
        return (self._place / "err").read_text("utf-8", "replace")

    @property
    def taken(self) -> int:
        """Bytes that it has read from its sockets until now; not those that still lay in them when it was killed."""
        return int.from_bytes((self._place / "taken").read_bytes()[:8], "little")

    @property
    def _code(self) -> Path:
        return self._place / "code"


class Forked:
    """A context manager around the program. What still runs at its end is killed.

    `before` are words before its own: a program that gives it surroundings and becomes it.
    """

    def __init__(self, *before: str) -> None:
        self._before = before

    def __enter__(self) -> Forked:
        self._folder = TemporaryDirectory(prefix="forked-")
        self._runs: list[Run] = []
        paths = [str(Path(__file__).resolve().parent.parent), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [*self._before, sys.executable, "-m", "support.forked"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for run in self._runs:
            run.send(signal.SIGKILL)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait(SECONDS)
        self._folder.cleanup()

    def start(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Run:
        """A run of `hfpush` with these arguments."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.poll() is None, "the program does not start, or has ended"
        place = Path(self._folder.name) / str(len(self._runs))
        place.mkdir()
        asked = {"arguments": list(arguments), "environment": dict(environment), "place": str(place)}
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        pid = self._process.stdout.readline()
        assert pid, "the program does not start, or has ended"
        self._runs.append(Run(int(pid), place, time.monotonic()))
        return self._runs[-1]


def _serve() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while line := sys.stdin.buffer.readline():
        asked = json.loads(line)
        ready, told = os.pipe()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(ready)
            _keep(asked, told)
        os.close(told)
        sys.stdout.write(os.read(ready, 20).decode() + "\n")
        sys.stdout.flush()
        os.close(ready)


def _keep(asked: dict[str, object], told: int) -> None:
    """Be the parent of one run until it has ended."""
    place = Path(str(asked["place"]))
    for name in ("out", "err", "taken"):
        (place / name).touch()
    pid = os.fork()
    if pid == 0:
        os.close(told)
        _child(asked, place)
    os.setsid()
    os.write(told, str(pid).encode())
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    (place / "code.new").write_text(str(code))
    (place / "code.new").rename(place / "code")
    os._exit(0)


def _child(asked: dict[str, object], place: Path) -> None:
    os.setsid()
    for number, name in ((0, os.devnull), (1, str(place / "out")), (2, str(place / "err"))):
        opened = os.open(name, os.O_RDWR if number else os.O_RDONLY)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(asked["environment"])  # type: ignore[arg-type]
    _count(place / "taken")
    sys.argv = ["hfpush", *asked["arguments"]]  # type: ignore[misc]
    code: object = 0
    try:
        from hfpush.cli import main

        main()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001  # nothing may reach the loop of the parent
        traceback.print_exc()
        code = 70
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code if isinstance(code, int) else 1)


def _count(place: Path) -> None:
    """Keep the number of bytes that come out of sockets there, in memory that outlives this process."""
    place.write_bytes(bytes(8))
    with place.open("r+b") as file:
        shared = mmap.mmap(file.fileno(), 8)
    whole, lock = memoryview(shared).cast("Q"), threading.Lock()
    recv, recv_into = socket.socket.recv, socket.socket.recv_into

    def received(self: socket.socket, *arguments: Any) -> bytes:
        block = recv(self, *arguments)
        with lock:
            whole[0] += len(block)
        return block

    def received_into(self: socket.socket, *arguments: Any) -> int:
        length = recv_into(self, *arguments)
        with lock:
            whole[0] += length
        return length

    socket.socket.recv, socket.socket.recv_into = received, received_into  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    from importlib import import_module

    for module in _LOADED:
        import_module(module)
    _serve()
