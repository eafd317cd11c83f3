"""A piece of a file as a request body."""

from __future__ import annotations

import errno
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.errors import LocalTrouble, SourceChanged
from hfpush.net.body import SliceBody
from hfpush.net.pool import BLOCK_BYTES


def drain(body: SliceBody, count: int) -> list[bytes]:
    blocks = []
    while block := body.read(count):
        blocks.append(block)
    return blocks


@given(st.binary(max_size=300), st.integers(0, 300), st.integers(0, 300), st.integers(1, 400))
def test_the_body_is_exactly_the_piece_whatever_is_read_at_a_time(data: bytes, start: int, length: int, n: int) -> None:
    start, length = min(start, len(data)), min(length, len(data) - min(start, len(data)))
    stream = io.BytesIO(data)
    stream.seek(start)
    told: list[int] = []
    body = SliceBody(stream, length, on_bytes=told.append)
    assert len(body) == length
    assert b"".join(drain(body, n)) == data[start : start + length]
    assert sum(told) == length
    assert body.read(n) == b""


def test_blocks_are_bounded_and_grow_on_a_quick_line() -> None:
    sizes = [len(block) for block in drain(SliceBody(io.BytesIO(bytes(5 << 20)), 5 << 20), 1 << 30)]
    assert sizes[0] < sizes[-2] <= max(sizes) == BLOCK_BYTES


def test_reading_without_a_count_is_bounded_too() -> None:
    assert 0 < len(SliceBody(io.BytesIO(bytes(5 << 20)), 5 << 20).read()) <= BLOCK_BYTES


def test_a_file_that_became_shorter_is_a_changed_source() -> None:
    body = SliceBody(io.BytesIO(b"abc"), 4)
    assert body.read(10) == b"abc"
    with pytest.raises(SourceChanged):
        body.read(10)


def test_a_disk_that_fails_is_not_taken_for_the_network() -> None:
    class Failing(io.BytesIO):
        def read(self, count: int | None = -1) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(LocalTrouble) as caught:
        SliceBody(Failing(), 4).read(4)
    assert caught.value.finding.evidence == ("Input/output error",)
