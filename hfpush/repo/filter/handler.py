"""What the filter answers to each of git's questions: clean, smudge, and which delayed files are available now.

How questions and answers travel is session.py's business, how missing objects are brought that of a `Bringing`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hfpush.disk.trouble import disk_trouble
from hfpush.errors import Damaged, HfpushError, LocalTrouble
from hfpush.findings import Finding
from hfpush.lfs.pointer import MAX_POINTER_BYTES, Pointer, parse_pointer
from hfpush.repo.filter.bringing import BATCH, Bringing, Missing
from hfpush.repo.filter.clean import clean
from hfpush.repo.filter.delayed import Delays
from hfpush.repo.filter.pktline import Incoming
from hfpush.repo.filter.store import Store

BLOCK = 2**20


@dataclass(frozen=True)
class FileAnswer:
    """An answer that is the content of an open file, `size` bytes from its beginning; `close` ends it."""

    fd: int
    size: int
    close: Callable[[], None]


Answer = bytes | FileAnswer | Literal["delayed"]


@dataclass(frozen=True)
class Smudging:
    """How missing objects are treated: `wanted` says of a path whether its object is to be downloaded at all, `lenient`
    leaves the pointer where a download fails."""

    wanted: Callable[[str], bool]
    bring: Callable[[], Bringing]
    lenient: bool = False


class LfsFilter:
    """The filter of one repository. Not safe for several threads; git asks one thing at a time."""

    def __init__(self, store: Store, smudging: Smudging, *, tell: Callable[[Finding], None]) -> None:
        self._store = store
        self._smudging = smudging
        self._tell = tell
        self._block = memoryview(bytearray(BLOCK))
        self._delays = Delays()
        self._batch: list[Missing] = []
        self._bringing: Bringing | None = None

    def clean(self, content: Incoming) -> Answer:
        """The pointer of `content`, which is in the store then. Raises LocalTrouble."""
        return clean(content, self._store, self._block)

    def smudge(self, path: bytes, content: Incoming, *, can_delay: bool) -> Answer:
        """The content that a pointer stands for; what is no pointer comes back as it is.

        With `can_delay` a missing object is answered by "delayed", and is brought meanwhile. Raises what keeps it from
        being brought, NotFound, Unavailable, ..., and LocalTrouble.
        """
        count = content.into(self._block)
        if not content.ended:
            return self._spooled(count, content)
        data = bytes(self._block[:count])
        pointer = parse_pointer(data) if count < MAX_POINTER_BYTES else None
        if pointer is None:
            late = None if data else self._delays.take(path)
            if late is None:
                return data
            pointer, data = late.pointer, late.blob
            if late.failure is not None:
                return self._given_up(path, data, late.failure)
        if pointer.size == 0:
            return b""
        if b"\next-" in data:
            raise _extended(path)
        return self._stored(pointer) or self._absent(path, pointer, data, can_delay=can_delay)

    def available(self) -> Sequence[bytes]:
        """The paths that git may ask for again now; waits for the first. Empty when none is left."""
        self._ask()
        if self._bringing is None:
            return ()
        paths: list[bytes] = []
        while not paths:
            ended = self._bringing.arrived()
            if not ended:
                return ()
            paths = self._delays.end(ended)
        return paths

    def _absent(self, path: bytes, pointer: Pointer, blob: bytes, *, can_delay: bool) -> Answer:
        name = os.fsdecode(path)
        if not self._smudging.wanted(name):
            return blob
        if can_delay:
            if self._delays.add(path, pointer, blob):
                self._batch.append(Missing(pointer, name))
                if len(self._batch) >= BATCH:
                    self._ask()
            return "delayed"
        failure = self._wait_for(Missing(pointer, name))
        if failure is not None:
            return self._given_up(path, blob, failure)
        found = self._stored(pointer)
        if found is None:
            raise LocalTrouble.of("object-missing", "An LFS object was there, and is gone.", seen=(pointer.oid,))
        return found

    def _wait_for(self, missing: Missing) -> HfpushError | None:
        self._batch.append(missing)
        self._ask()
        assert self._bringing is not None
        while ended := self._bringing.arrived():
            self._delays.end(ended)
            if missing.pointer.oid in ended:
                return ended[missing.pointer.oid]
        raise AssertionError("an object that was asked for never ended")

    def _ask(self) -> None:
        if self._batch:
            if self._bringing is None:
                self._bringing = self._smudging.bring()
            self._bringing.want(self._batch)
            self._batch = []

    def _given_up(self, path: bytes, blob: bytes, failure: HfpushError) -> Answer:
        finding = replace(failure.finding, evidence=(f"for {os.fsdecode(path)}", *failure.finding.evidence))
        if not self._smudging.lenient:
            raise type(failure)(finding)
        self._tell(replace(finding, severity="warning"))
        return blob

    def _stored(self, pointer: Pointer) -> Answer | None:
        found = self._store.find(pointer)
        if found is None:
            return None
        try:
            fd = os.open(found, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        except OSError as error:
            raise disk_trouble(error, found) from error
        return FileAnswer(fd, pointer.size, lambda: os.close(fd))

    def _spooled(self, count: int, content: Incoming) -> Answer:
        """Large content that is no pointer: kept aside, since git reads nothing before it has written everything."""
        draft = self._store.draft()
        try:
            size = 0
            while count:
                draft.write(self._block[:count])
                size += count
                count = content.into(self._block)
        except BaseException:
            draft.discard()
            raise
        return FileAnswer(draft.fileno(), size, draft.discard)


def _extended(path: bytes) -> Damaged:
    return Damaged.of(
        "pointer-extension",
        "A pointer was made with an extension of git-lfs, which hfpush has not got.",
        seen=(os.fsdecode(path),),
        to_try=("install git-lfs and the extension, then: git lfs install --force",),
    )
