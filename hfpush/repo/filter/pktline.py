"""Git's pkt-line: four hex digits of length, then that many bytes less four; `0000` ends a list. Pure.

A reader takes packets from a stream into memory that it is given, so that content of any size passes through one block.
Sources: gitprotocol-common(5), and "Long Running Filter Process" of gitattributes(5).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from hfpush.errors import Damaged

MAX_PAYLOAD = 65516
"""The most bytes that git puts into one packet."""
FLUSH = b"0000"
_HEADER = re.compile(rb"[0-9a-fA-F]{4}")


class Stream(Protocol):
    """Where packets come from: reads wait until all is there, and are short at the end only."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill `buffer`; how many bytes it got."""


class Incoming(Protocol):
    """A content on its way in. It must be read, or drained, to its end before anything else is."""

    ended: bool

    def into(self, block: memoryview, /) -> int:
        """Put the next bytes into `block`, which has room for MAX_PAYLOAD bytes at least; how many they are.

        Less than that much room stays free, or `ended` is True.
        """

    def drain(self) -> None:
        """Read what is left and forget it: git writes all of a content before it hears an answer."""


def packet(payload: bytes) -> bytes:
    """`payload`, at most MAX_PAYLOAD bytes, as one packet."""
    return b"%04x%b" % (len(payload) + 4, payload)


class PacketReader:
    """Reads lists of packets. Every method raises Damaged (`filter-protocol`) for what is no pkt-line, and for a
    stream that ends inside a list."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._header = memoryview(bytearray(4))
        self._payload = memoryview(bytearray(MAX_PAYLOAD))

    def lines(self) -> list[bytes] | None:
        """The lines of one list, each without its newline; None when the stream ends before it begins."""
        found: list[bytes] = []
        length = self._length(may_end=True)
        if length is None:
            return None
        while length >= 0:
            self._fill(self._payload[:length])
            found.append(bytes(self._payload[:length]).removesuffix(b"\n"))
            length = self._next()
        return found

    def content(self) -> IncomingContent:
        """The content that follows."""
        return IncomingContent(self)

    def _next(self) -> int:
        """The length of the next packet's payload, -1 for the end of a list."""
        length = self._length(may_end=False)
        assert length is not None
        return length

    def _length(self, *, may_end: bool) -> int | None:
        count = self._read(self._header)
        if count == 0 and may_end:
            return None
        header = bytes(self._header)
        if count < 4:
            raise _broken("it ends in the middle of a message")
        if _HEADER.fullmatch(header) is None:
            raise _broken(f"{header!r} stands where the length of a packet must be")
        length = int(header, 16)
        if length == 0:
            return -1
        if not 4 <= length <= MAX_PAYLOAD + 4:
            raise _broken(f"a packet cannot have the length {length}")
        return length - 4

    def _fill(self, buffer: memoryview) -> None:
        if self._read(buffer) < len(buffer):
            raise _broken("it ends in the middle of a packet")

    def _read(self, buffer: memoryview) -> int:
        done = 0
        while done < len(buffer):
            count = self._stream.readinto(buffer[done:])
            if not count:
                break
            done += count
        return done


class IncomingContent:
    """One content, in packets: an Incoming. Made by PacketReader.content."""

    def __init__(self, reader: PacketReader) -> None:
        self._reader = reader
        self.ended = False

    def into(self, block: memoryview, /) -> int:
        """As Incoming says."""
        filled = 0
        while not self.ended and len(block) - filled >= MAX_PAYLOAD:
            length = self._reader._next()
            if length < 0:
                self.ended = True
                break
            self._reader._fill(block[filled : filled + length])
            filled += length
        return filled

    def drain(self) -> None:
        """As Incoming says."""
        while not self.ended:
            self.into(self._reader._payload)


class PlainContent:
    """All that a stream holds, without packets: an Incoming."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.ended = False

    def into(self, block: memoryview, /) -> int:
        """As Incoming says."""
        filled = 0
        while not self.ended and filled < len(block):
            count = self._stream.readinto(block[filled:]) or 0
            self.ended = count == 0
            filled += count
        return filled

    def drain(self) -> None:
        """As Incoming says."""
        block = memoryview(bytearray(MAX_PAYLOAD))
        while not self.ended:
            self.into(block)


class PacketWriter:
    """Writes packets. What is small is kept until `send`, so that an answer is one write.

    `write` takes all of the bytes that it is given.
    """

    def __init__(self, write: Callable[[bytes | memoryview], None]) -> None:
        self._write = write
        self._kept: list[bytes] = []

    def lines(self, *lines: bytes) -> None:
        """One list of lines."""
        self._kept += [packet(line + b"\n") for line in lines]
        self._kept.append(FLUSH)

    def content(self, content: bytes) -> None:
        """A whole content."""
        for at in range(0, len(content), MAX_PAYLOAD):
            self._kept.append(packet(content[at : at + MAX_PAYLOAD]))
        self._kept.append(FLUSH)

    def piece(self, block: memoryview) -> None:
        """A piece of a content that `end` will end: at most MAX_PAYLOAD bytes, sent at once."""
        self._kept.append(b"%04x" % (len(block) + 4))
        self.send()
        self._write(block)

    def framed(self, packets: memoryview) -> None:
        """Bytes that are packets already, sent at once."""
        self.send()
        self._write(packets)

    def end(self) -> None:
        """The end of a list or a content."""
        self._kept.append(FLUSH)

    def send(self) -> None:
        """Hand over what was kept."""
        if self._kept:
            self._write(b"".join(self._kept))
            self._kept.clear()


def _broken(what: str) -> Damaged:
    return Damaged.of(
        "filter-protocol",
        "What git, or whoever calls the filter, says to it cannot be understood.",
        seen=(f"standard input: {what}",),
        to_try=("let git start it: hfpush lfs install",),
    )
