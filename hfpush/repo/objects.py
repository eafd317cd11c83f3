"""Sizes and small contents of git objects, many in one process.

One `cat-file` stays up for sizes and one for contents. Ids go in by small batches that fit any pipe, so that neither
side ever waits for the other while it writes.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import IO

from hfpush.errors import Damaged
from hfpush.repo.process import Git

_PIPE_BYTES = 4096  # the least that a pipe holds on any system we run on


@dataclass(frozen=True)
class ObjectInfo:
    """What git says of one object: `type` is `blob`, `tree`, `commit` or `tag`, or None when it is not here."""

    id: str
    type: str | None
    size: int


class ObjectReader:
    """Reads objects of one repository. A context manager; one thread at a time."""

    def __init__(self, git: Git, *, partial: bool = False) -> None:
        """`partial` says that objects may lawfully be missing here. Older versions of git would then try to fetch each
        one that is asked for, so what is here is listed first."""
        self._git = git
        self._here = self._all_here() if partial else None
        self._stack = ExitStack()
        self._info: subprocess.Popen[bytes] | None = None
        self._content: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ObjectReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._stack.__exit__(kind, error, trace)

    def info(self, ids: Sequence[str]) -> Iterator[ObjectInfo]:
        """Type and size of each object, in order. Fetches nothing: an object of a partial clone that is not here has
        type None."""
        if self._info is None:
            self._info = self._start("--batch-check")
        for batch in _batches(ids):
            asked = self._present(batch)
            answers = _ask(self._info, asked)
            known = {info.id: info for info in [_parse_info(_line(answers)) for _ in asked]}
            yield from (known.get(id, ObjectInfo(id, None, 0)) for id in batch)

    def contents(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Id and whole content of each object that is here, in order. For small ones: each is held in memory."""
        if self._content is None:
            self._content = self._start("--batch")
        for batch in _batches(ids):
            asked = self._present(batch)
            answers = _ask(self._content, asked)
            for _ in asked:
                info = _parse_info(_line(answers))
                if info.type is None:
                    continue
                body = answers.read(info.size + 1)
                if len(body) != info.size + 1:
                    raise _cut_short()
                yield info.id, body[:-1]

    def _present(self, ids: Sequence[str]) -> Sequence[str]:
        return ids if self._here is None else [id for id in ids if bytes.fromhex(id) in self._here]

    def _all_here(self) -> set[bytes]:
        every = ("cat-file", "--batch-all-objects", "--unordered", "--buffer", "--batch-check=%(objectname)")
        with self._git.running(*every) as process:
            assert process.stdout is not None
            return {bytes.fromhex(line.decode("ascii")) for line in process.stdout}

    def _start(self, mode: str) -> subprocess.Popen[bytes]:
        return self._stack.enter_context(self._git.running("cat-file", mode, stdin=subprocess.PIPE))


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    step = max(1, _PIPE_BYTES // (len(ids[0]) + 1)) if ids else 1
    for start in range(0, len(ids), step):
        yield ids[start : start + step]


def _ask(process: subprocess.Popen[bytes], ids: Sequence[str]) -> IO[bytes]:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write("".join(f"{id}\n" for id in ids).encode())
        process.stdin.flush()
    except BrokenPipeError as gone:
        raise _cut_short() from gone
    return process.stdout


def _line(stream: IO[bytes]) -> bytes:
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise _cut_short()
    return line


def _parse_info(line: bytes) -> ObjectInfo:
    fields = line.decode("ascii", "replace").split()
    if len(fields) == 3 and fields[2].isdigit():
        return ObjectInfo(fields[0], fields[1], int(fields[2]))
    return ObjectInfo(fields[0] if fields else "", None, 0)


def _cut_short() -> Damaged:
    return Damaged.of(
        "repo-damaged",
        "git stopped while it read the repository's objects.",
        to_try=("git fsck, which names the damaged object",),
    )
