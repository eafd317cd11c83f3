from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from hfpush.bridge.spool import Spool
from hfpush.errors import LocalTrouble


def read(spool: Spool) -> bytes:
    body = spool.body()
    found = b""
    while data := body.read():
        found += data
    assert len(body) == len(found)
    return found


@pytest.mark.parametrize("size", [0, 5, 3_000_000])
def test_what_is_kept_is_sent_as_often_as_asked(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    with Spool(tmp_path) as spool:
        spool.fill(data[at : at + 100_000] for at in range(0, size, 100_000))
        assert spool.size == size
        assert spool.beginning(4) == data[:4]
        assert read(spool) == read(spool) == data
        assert list(tmp_path.iterdir()) == []  # it has no name


def test_the_beginning_of_a_packed_body_is_unpacked() -> None:
    with Spool() as spool:
        spool.fill([gzip.compress(b"0032want and more")])
        assert spool.beginning(4, gzipped=True) == b"0032"
        assert read(spool)[:2] == b"\x1f\x8b"


def test_a_beginning_that_is_not_packed_as_it_says_is_empty() -> None:
    with Spool() as spool:
        spool.fill([b"0000"])
        assert spool.beginning(4, gzipped=True) == b""


def test_bytes_that_move_are_told() -> None:
    moved: list[int] = []
    with Spool() as spool:
        spool.fill([b"abc"])
        spool.body(moved.append).read()
    assert moved == [3]


def test_a_disk_that_does_not_take_it_is_told(tmp_path: Path) -> None:
    with Spool(tmp_path / "gone") as spool, pytest.raises(LocalTrouble):
        spool.fill([b"x" * 1_000_000])
