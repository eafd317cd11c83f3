"""pkt-line: what one side writes the other reads, cut and broken input ends with a word."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.filter_talk import content, lines

from hfpush.errors import Damaged
from hfpush.repo.filter.pktline import MAX_PAYLOAD, PacketReader, PacketWriter, PlainContent, packet

WORDS = st.binary(max_size=40).filter(lambda word: b"\n" not in word)


class Drip(io.BytesIO):
    """A stream that gives a few bytes at a time, as a pipe may."""

    def readinto(self, buffer, /):  # type: ignore[no-untyped-def]
        return super().readinto(memoryview(buffer)[:7])


def reader(said: bytes, stream: type[io.BytesIO] = io.BytesIO) -> PacketReader:
    return PacketReader(stream(said))


def written(write) -> bytes:  # type: ignore[no-untyped-def]
    pieces: list[bytes] = []
    writer = PacketWriter(lambda data: pieces.append(bytes(data)))
    write(writer)
    writer.send()
    return b"".join(pieces)


@given(st.lists(WORDS, max_size=5))
def test_lines_are_read_as_they_were_written(words: list[bytes]) -> None:
    said = written(lambda writer: writer.lines(*words))
    assert said == lines(*words)
    found = reader(said, Drip)
    assert (found.lines(), found.lines()) == (words, None)


@pytest.mark.parametrize("size", [0, 1, MAX_PAYLOAD - 1, MAX_PAYLOAD, MAX_PAYLOAD + 1, 3 * MAX_PAYLOAD, 500_000])
@pytest.mark.parametrize("stream", [io.BytesIO, Drip])
def test_content_of_any_size_passes_through_one_block(size: int, stream: type[io.BytesIO]) -> None:
    data = bytes(number % 251 for number in range(size))
    said = written(lambda writer: writer.content(data))
    assert said == content(data)
    incoming, block, found = reader(said, stream).content(), memoryview(bytearray(2 * MAX_PAYLOAD)), b""
    while count := incoming.into(block):
        found += block[:count]
    assert incoming.ended
    assert found == data


def test_plain_content_is_read_the_same_way() -> None:
    incoming, block = PlainContent(Drip(b"x" * 100)), memoryview(bytearray(64))
    assert (incoming.into(block), incoming.ended) == (64, False)
    assert (incoming.into(block), incoming.ended) == (36, True)
    incoming.drain()


def test_pieces_and_framed_packets_keep_their_place() -> None:
    def write(writer: PacketWriter) -> None:
        writer.lines(b"status=success")
        writer.piece(memoryview(b"abc"))
        writer.framed(memoryview(packet(b"def")))
        writer.end()

    assert written(write) == lines("status=success") + b"0007abc" + b"0007def" + b"0000"


@pytest.mark.parametrize(
    "said", [b"00", b"zzzz", b"0001", b"0003", b"fff1", b"ffff", b"0008ab", b"0006a\n", b"-001", b"+005a", b" 005a"]
)
def test_what_is_no_pkt_line_is_told(said: bytes) -> None:
    with pytest.raises(Damaged) as told:
        reader(said).lines()
    assert told.value.finding.reference == "filter-protocol"


@given(st.binary(max_size=60))
def test_any_bytes_end_with_lines_or_a_word(said: bytes) -> None:
    found = reader(said)
    with suppress(Damaged):
        while found.lines() is not None:
            pass


@given(st.binary(max_size=300), st.integers(min_value=0, max_value=310))
def test_content_cut_anywhere_is_told(data: bytes, cut: int) -> None:
    said = content(data)
    incoming = reader(said[:cut]).content()
    if cut >= len(said):
        incoming.drain()
        return
    with pytest.raises(Damaged):
        incoming.drain()
