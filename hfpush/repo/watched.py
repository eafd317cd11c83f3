"""A git command that talks to another machine: its output as it comes, and a bound on silence.

The command gets a session of its own, so that it ends with all of its helpers (git-remote-https, hooks).
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hfpush import units
from hfpush.errors import LocalTrouble, Unavailable
from hfpush.net.redact import redact

_KEPT_BYTES = 2**20
_LINGER_SECONDS = 1.0
_TERMINATE_SECONDS = 3.0
_LINE_END = re.compile(rb"[\r\n]+")

Said = Callable[[str], None]
"""Called with each line of git's stderr, progress included, already redacted."""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said: the last mebibyte of each stream, as text, not redacted."""

    returncode: int
    stdout: str
    stderr: str


def watch(
    command: Sequence[str],
    *,
    directory: Path,
    env: Mapping[str, str],
    patience_seconds: float,
    said: Said | None = None,
    descriptors: tuple[int, ...] = (),
    alive: Callable[[], float] | None = None,
) -> Ended:
    """Runs a command to its end. `descriptors` are open in it under the same numbers.

    Raises Unavailable (`git-stalled`) after `patience_seconds` without a byte from it, and without another sign of
    life: `alive` gives the time (of `time.monotonic`) of the last one. It and its helpers are dead then.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=directory,
            env=dict(env),
            pass_fds=descriptors,
            start_new_session=True,
        )
    except FileNotFoundError as absent:
        raise LocalTrouble.of(
            "git-missing", "git could not be started.", seen=(f"program: {command[0]}",), to_try=("install git",)
        ) from absent
    with process:
        try:
            return _listen(process, patience_seconds, said, alive)
        finally:
            if process.poll() is None:
                _end(process)


def _listen(
    process: subprocess.Popen[bytes], patience_seconds: float, said: Said | None, alive: Callable[[], float] | None
) -> Ended:
    assert process.stdout is not None
    assert process.stderr is not None
    kept = {process.stdout: bytearray(), process.stderr: bytearray()}
    teller = _Teller(said)
    last = time.monotonic()
    with selectors.DefaultSelector() as selector:
        for stream in kept:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(min(_LINGER_SECONDS, patience_seconds))
            for key, _ in ready:
                stream = _stream(key.fileobj, kept)
                block = os.read(stream.fileno(), 65536)
                if not block:
                    selector.unregister(stream)
                    continue
                last = time.monotonic()
                kept[stream] += block
                del kept[stream][:-_KEPT_BYTES]
                if stream is process.stderr:
                    teller.add(block)
            if not ready and process.poll() is not None:
                break  # git has ended, and a program that a hook left behind holds the pipes
            last = max(last, alive()) if alive is not None else last
            if time.monotonic() - last > patience_seconds:
                raise _stalled(patience_seconds, bytes(kept[process.stderr]))
    teller.end()
    process.wait(timeout=patience_seconds)
    out, err = (bytes(kept[stream]).decode("utf-8", "replace") for stream in (process.stdout, process.stderr))
    return Ended(process.returncode, out, err)


def _stream(found: object, streams: Mapping[IO[bytes], bytearray]) -> IO[bytes]:
    return next(stream for stream in streams if stream is found)


class _Teller:
    """Cuts stderr into lines, at carriage returns too: git draws its progress with them."""

    def __init__(self, said: Said | None) -> None:
        self._said = said
        self._rest = b""

    def add(self, block: bytes) -> None:
        if self._said is None:
            return
        *lines, self._rest = _LINE_END.split(self._rest + block)
        for line in lines:
            self._tell(line)
        self._rest = self._rest[-_KEPT_BYTES:]

    def end(self) -> None:
        if self._said is not None:
            self._tell(self._rest)

    def _tell(self, line: bytes) -> None:
        text = redact(line.decode("utf-8", "replace")).strip()
        if text and self._said is not None:
            self._said(text)


def _end(process: subprocess.Popen[bytes]) -> None:
    """First politely, so that git removes its temporary files and locks; then whatever of its helpers is left."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_TERMINATE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _stalled(patience_seconds: float, stderr: bytes) -> Unavailable:
    words = redact(stderr.decode("utf-8", "replace").replace("\r", "\n")).split("\n")
    return Unavailable.of(
        "git-stalled",
        f"git said nothing for {units.duration(patience_seconds)}, so it was stopped.",
        seen=tuple(line.strip() for line in words if line.strip())[-3:],
        to_try=("run the same command again; it goes on where it was",),
    )
