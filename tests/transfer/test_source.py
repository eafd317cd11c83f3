from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hfpush.errors import LocalTrouble, Refused, SourceChanged
from hfpush.transfer.source import Source

DATA = bytes(range(200))


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "model.bin"
    path.write_bytes(DATA)
    return Source(path, len(DATA), path.stat().st_mtime_ns, "weights/model.bin")


def touch(source: Source) -> None:
    os.utime(source.path, ns=(source.mtime_ns, source.mtime_ns + 1))


def grow(source: Source) -> None:
    with source.path.open("ab") as file:
        file.write(b"more")
    os.utime(source.path, ns=(source.mtime_ns, source.mtime_ns))


def shrink(source: Source) -> None:
    os.truncate(source.path, 100)
    os.utime(source.path, ns=(source.mtime_ns, source.mtime_ns))


CHANGES = [touch, grow, shrink]
Change = Callable[[Source], None]


def change_while_open(source: Source, change: Change) -> None:
    with source.open(0) as stream:
        stream.read(10)
        change(source)


def refused_while_open(source: Source, change: Change) -> None:
    with source.open(0):
        change(source)
        raise Refused.of("storage-refused", "The storage server refuses the upload.")


def test_it_opens_at_any_byte_also_in_parallel(source: Source) -> None:
    def read(start: int) -> bytes:
        with source.open(start) as stream:
            return stream.read(10)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(0, 200, 10))) == [DATA[start : start + 10] for start in range(0, 200, 10)]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changed_before_is_not_opened(source: Source, change: Change) -> None:
    change(source)
    with pytest.raises(SourceChanged, match="source-changed"), source.open(0):
        pytest.fail("opened")


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_meanwhile_is_noticed_at_the_end(source: Source, change: Change) -> None:
    with pytest.raises(SourceChanged):
        change_while_open(source, change)


def test_a_refusal_of_changed_bytes_is_told_as_the_change(source: Source) -> None:
    with pytest.raises(Refused):
        refused_while_open(source, lambda _: None)
    with pytest.raises(SourceChanged):
        refused_while_open(source, touch)


def test_a_file_replaced_meanwhile_is_still_read_from_the_one_that_was_hashed(source: Source) -> None:
    with source.open(0) as stream:
        new = source.path.with_name("new")
        new.write_bytes(b"other")
        new.replace(source.path)
        assert stream.read(200) == DATA
    with pytest.raises(SourceChanged), source.open(0):
        pytest.fail("opened")


def test_a_file_that_is_gone_has_changed(source: Source) -> None:
    source.path.unlink()
    with pytest.raises(SourceChanged) as caught, source.open(0):
        pytest.fail("opened")
    assert "it is gone" in caught.value.finding.evidence[0]


def test_a_file_that_cannot_be_read_is_trouble_of_this_machine(source: Source, tmp_path: Path) -> None:
    with pytest.raises(LocalTrouble) as caught, Source(tmp_path, 1, 1, "folder").open(0):
        pytest.fail("opened")
    assert caught.value.finding.reference == "file-unreadable"


def test_what_the_body_raises_gets_out(source: Source) -> None:
    with pytest.raises(KeyError), source.open(0):
        raise KeyError
