from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.bridge.request_body import BLOCK, BadBody, blocks

CHUNKED = {"transfer-encoding": "chunked"}
PIECES = st.lists(st.binary(min_size=1, max_size=50), max_size=6)


def chunked(pieces: list[bytes], extension: bytes = b"", trailer: bytes = b"") -> bytes:
    body = b"".join(b"%x%b\r\n%b\r\n" % (len(piece), extension, piece) for piece in pieces)
    return body + b"0" + extension + b"\r\n" + trailer + b"\r\n"


@given(PIECES, st.sampled_from([b"", b";a=b", b" ; a"]), st.sampled_from([b"", b"X: y\r\n"]), st.binary(max_size=9))
def test_chunks_are_read_and_no_more(pieces: list[bytes], extension: bytes, trailer: bytes, after: bytes) -> None:
    stream = BytesIO(chunked(pieces, extension, trailer) + after)
    assert b"".join(blocks(stream, CHUNKED)) == b"".join(pieces)
    assert stream.read() == after


@given(PIECES, st.integers(min_value=1))
def test_chunks_that_break_off_are_never_whole(pieces: list[bytes], lost: int) -> None:
    body = chunked(pieces)
    with pytest.raises(BadBody):
        list(blocks(BytesIO(body[: len(body) - 1 - lost % len(body)]), CHUNKED))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_body_or_bad(data: bytes) -> None:
    try:
        found = b"".join(blocks(BytesIO(data), CHUNKED))
    except BadBody:
        return
    assert len(found) < len(data)


@pytest.mark.parametrize(
    "body",
    [b"-1\r\n\r\n", b"0x1\r\na\r\n0\r\n\r\n", b"1\na\n0\n\n", b"1\r\nab\r\n0\r\n\r\n", b"\r\n", b"g\r\n", b"1" * 5000],
)
def test_chunks_that_two_readers_could_understand_differently_are_bad(body: bytes) -> None:
    with pytest.raises(BadBody):
        list(blocks(BytesIO(body), CHUNKED))


@pytest.mark.parametrize(
    "headers",
    [
        {"transfer-encoding": "gzip, chunked"},
        {"transfer-encoding": "chunked", "content-length": "3"},
        {"content-length": "3, 3"},
        {"content-length": "+3"},
        {"content-length": "٣"},
        {"content-length": "9" * 30},
    ],
)
def test_a_length_that_is_not_clear_is_bad(headers: dict[str, str]) -> None:
    with pytest.raises(BadBody):
        list(blocks(BytesIO(b"0\r\n\r\n"), headers))


def test_a_known_length_is_read_in_blocks() -> None:
    data = b"x" * (2 * BLOCK + 1)
    found = list(blocks(BytesIO(data + b"more"), {"content-length": str(len(data))}))
    assert b"".join(found) == data
    assert max(map(len, found)) <= BLOCK
    with pytest.raises(BadBody):
        list(blocks(BytesIO(b"ab"), {"content-length": "3"}))


def test_a_request_without_either_has_no_body() -> None:
    assert list(blocks(BytesIO(b"the next request"), {})) == []
