"""What the filter answers, with objects that are here, missing, brought, and never to be had."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from hfpush.errors import Damaged, HfpushError, NotFound
from hfpush.findings import Finding
from hfpush.lfs.pointer import Pointer
from hfpush.repo.filter.bringing import BATCH, Missing
from hfpush.repo.filter.handler import BLOCK, FileAnswer, LfsFilter, Smudging
from hfpush.repo.filter.pktline import PlainContent
from hfpush.repo.filter.store import Store, store_folders


def pointer(data: bytes) -> Pointer:
    return Pointer(hashlib.sha256(data).hexdigest(), len(data))


def put(store: Store, data: bytes) -> None:
    draft = store.draft()
    draft.write(memoryview(data))
    draft.keep(pointer(data))


class Remote:
    """A Bringing that has some objects, and brings a batch when it is asked what arrived."""

    def __init__(self, store: Store, *contents: bytes) -> None:
        self.store = store
        self.has = {pointer(data).oid: data for data in contents}
        self.asked: list[list[str]] = []
        self.open: list[str] = []

    def want(self, missing: Sequence[Missing]) -> None:
        self.asked.append([one.name for one in missing])
        self.open += [one.pointer.oid for one in missing]

    def arrived(self) -> Mapping[str, HfpushError | None]:
        ended: dict[str, HfpushError | None] = {}
        for oid in self.open:
            if oid in self.has:
                put(self.store, self.has[oid])
            ended[oid] = None if oid in self.has else NotFound.of("object-missing", "It is not there.")
        self.open = []
        return ended


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(store_folders(tmp_path, None))


def lfs(store: Store, remote: Remote, told: list[Finding] | None = None, *, lenient: bool = False) -> LfsFilter:
    smudging = Smudging(lambda path: not path.startswith("skip"), lambda: remote, lenient)
    return LfsFilter(store, smudging, tell=(told if told is not None else []).append)


def smudged(filter_: LfsFilter, path: bytes, blob: bytes, *, can_delay: bool = False) -> bytes:
    answer = filter_.smudge(path, PlainContent(io.BytesIO(blob)), can_delay=can_delay)
    if isinstance(answer, FileAnswer):
        data = os.pread(answer.fd, answer.size, 0)
        answer.close()
        return data
    return answer.encode() if isinstance(answer, str) else answer


def test_an_object_that_is_here_is_given_and_nobody_is_asked(store: Store) -> None:
    put(store, b"content")
    remote = Remote(store)
    assert smudged(lfs(store, remote), b"a", pointer(b"content").encode()) == b"content"
    assert remote.asked == []


@pytest.mark.parametrize("data", [b"", b"text\n", b"x" * 2000, bytes(3 * BLOCK + 5)])
def test_what_is_no_pointer_passes_through(store: Store, data: bytes) -> None:
    assert smudged(lfs(store, Remote(store)), b"a", data) == data
    assert list(store.tmp.rglob("*")) == []


def test_a_pointer_to_nothing_is_an_empty_file(store: Store) -> None:
    assert smudged(lfs(store, Remote(store)), b"a", pointer(b"").encode()) == b""


def test_a_missing_object_is_brought_at_once_where_git_cannot_wait(store: Store) -> None:
    remote = Remote(store, b"content")
    assert smudged(lfs(store, remote), b"a", pointer(b"content").encode()) == b"content"
    assert remote.asked == [["a"]]


def test_delayed_objects_are_asked_for_in_batches_and_given_later(store: Store) -> None:
    contents = [b"%d" % number for number in range(1, BATCH + 2)]
    remote = Remote(store, *contents)
    filter_ = lfs(store, remote)
    for data in contents:
        for copy in (b"a", b"b"):
            assert smudged(filter_, copy + data, pointer(data).encode(), can_delay=True) == b"delayed"
    assert [len(batch) for batch in remote.asked] == [BATCH]
    ready = filter_.available()
    assert [len(batch) for batch in remote.asked] == [BATCH, 1]
    assert sorted(ready) == sorted(copy + data for data in contents for copy in (b"a", b"b"))
    assert all(smudged(filter_, path, b"") == path[1:] for path in ready)
    assert filter_.available() == ()


def test_an_object_that_cannot_be_had_is_an_error_or_leaves_the_pointer(store: Store) -> None:
    blob = pointer(b"lost").encode()
    with pytest.raises(NotFound) as failure:
        smudged(lfs(store, Remote(store)), b"a.bin", blob)
    assert failure.value.finding.evidence == ("for a.bin",)

    filter_ = lfs(store, Remote(store))
    smudged(filter_, b"a.bin", blob, can_delay=True)
    assert filter_.available() == [b"a.bin"]
    with pytest.raises(NotFound):
        smudged(filter_, b"a.bin", b"")

    told: list[Finding] = []
    assert smudged(lfs(store, Remote(store), told, lenient=True), b"a.bin", blob) == blob
    assert [(one.reference, one.severity) for one in told] == [("object-missing", "warning")]


def test_a_path_whose_object_is_not_wanted_keeps_its_pointer(store: Store) -> None:
    remote, blob = Remote(store, b"content"), pointer(b"content").encode()
    assert smudged(lfs(store, remote), b"skip.bin", blob, can_delay=True) == blob
    put(store, b"content")
    assert smudged(lfs(store, remote), b"skip.bin", blob) == b"content"
    assert remote.asked == []


def test_a_pointer_with_an_extension_is_refused(store: Store) -> None:
    put(store, b"content")
    version, rest = pointer(b"content").encode().split(b"\n", 1)
    with pytest.raises(Damaged) as told:
        smudged(lfs(store, Remote(store)), b"a", version + b"\next-0-x sha256:" + b"0" * 64 + b"\n" + rest)
    assert told.value.finding.reference == "pointer-extension"


def test_clean_answers_with_the_pointer(store: Store) -> None:
    assert lfs(store, Remote(store)).clean(PlainContent(io.BytesIO(b"abc"))) == pointer(b"abc").encode()
