"""git's own answers about attribute files that stand in no work tree, many in one process.

Each set of files gets a folder of its own in a scratch repository, where one `check-attr` stays up. What counts only
at the very top, the definition of a macro, is asked of a repository of its own.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from hfpush.errors import LocalTrouble
from hfpush.repo.attributes import FILE, LFS_QUESTION, UNENCODED, lfs_paths
from hfpush.repo.process import Git
from hfpush.repo.scratch import scratch

_PIPE_BYTES = 4096  # the least that a pipe holds on any system we run on
_MARK = b"\xef\xbb\xbf"
_SETTINGS = ("core.attributesFile=/dev/null", "core.ignoreCase=false")


class AttributeAnswers:
    """Which paths attribute files send to LFS as they are (attributes.LFS_QUESTION). A context manager; one thread at a
    time."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._running: tuple[Git, subprocess.Popen[bytes]] | None = None
        self._asked = 0

    def __enter__(self) -> AttributeAnswers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._stack.__exit__(kind, error, trace)

    def lfs(self, files: Mapping[bytes, bytes], paths: Sequence[bytes]) -> set[bytes]:
        """Those of `paths` that the files send to LFS, whether git reads them from a work tree or an index. `files` are
        contents by folder, empty for the top."""
        if not paths or not files:
            return set()
        found = self._read_as_files(files, paths)
        if any(content.startswith(_MARK) for content in files.values()):
            # Out of an index, git takes a byte order mark for a part of the first pattern: that line is lost.
            lost = {
                folder: (b"#" + content[3:] if content.startswith(_MARK) else content)
                for folder, content in files.items()
            }
            found &= self._read_as_files(lost, paths)
        return found

    def _read_as_files(self, files: Mapping[bytes, bytes], paths: Sequence[bytes]) -> set[bytes]:
        if any(b"[attr]" in content for content in files.values()):
            texts = {_text(folder): content for folder, content in files.items()}
            named = lfs_paths(texts, [_text(path) for path in paths], as_they_are=True)
            return {path.encode("utf-8", "surrogateescape") for path in named}
        git, process = self._started()
        self._asked += 1
        top = f"{self._asked}"
        place = git.directory / top
        for folder, content in files.items():
            file = place / Path(_text(folder)) / FILE
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        try:
            return set(_ask(process, top.encode() + b"/", paths))
        finally:
            shutil.rmtree(place)

    def _started(self) -> tuple[Git, subprocess.Popen[bytes]]:
        if self._running is None:
            git = self._stack.enter_context(scratch())
            command = ("check-attr", "--stdin", "-z", *LFS_QUESTION)
            process = git.running(*command, stdin=subprocess.PIPE, settings=_SETTINGS)
            self._running = git, self._stack.enter_context(process)
        return self._running


def _ask(process: subprocess.Popen[bytes], top: bytes, paths: Sequence[bytes]) -> list[bytes]:
    assert process.stdin is not None
    assert process.stdout is not None
    found, start = [], 0
    while start < len(paths):
        stop, size = start, 0
        while stop < len(paths) and (stop == start or size < _PIPE_BYTES // 2):
            size += len(top) + len(paths[stop]) + 1
            stop += 1
        process.stdin.write(b"".join(top + path + b"\0" for path in paths[start:stop]))
        process.stdin.flush()
        answer = b""
        while answer.count(b"\0") < 6 * (stop - start):
            block = process.stdout.read1(65536)  # type: ignore[attr-defined]
            if not block:
                raise LocalTrouble.of("git-failed", "git check-attr ended before it had answered.")
            answer += block
        fields = answer.split(b"\0")
        rows = zip(paths[start:stop], fields[2::6], fields[5::6], strict=False)
        found += [path for path, value, encoding in rows if value == b"lfs" and encoding.decode() in UNENCODED]
        start = stop
    return found


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
