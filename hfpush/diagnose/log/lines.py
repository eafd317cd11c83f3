"""A log of any size as lines of bounded length, read once from front to end in little memory and time.

A step of a progress display, which ends with a carriage return, is a line of its own with the number of the line of
the file that it stands in. Secrets and escape sequences are still in: they are log/clean.py's business. Whether
anything is text is not asked: bytes that are none become U+FFFD.
"""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

HEAD, TAIL = 8192, 2048
"""Of a longer line only this many characters from its beginning and its end are kept, with LEFT_OUT between."""
LEFT_OUT = " […] "
FIRST, LAST = 8 << 20, 4 << 20
"""Of a larger log only this many bytes from its beginning and its end are read: what counts is there, and doctor has
seconds."""
_CHUNK = 1 << 16
_BREAK = re.compile(r"\r\n|\n|\r")
_LAST_WORD = re.compile(r"[^\s\"'<>]*\Z")
_FIRST_WORD = re.compile(r"\A[^\s\"'<>]*")
_BOMS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF8, "utf-8"))


def lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Each line or step of a display that is not empty, with the number of its line, from 1 on.

    Of a log that is larger than FIRST + LAST bytes, lines in the middle are counted only. Little more than LAST bytes
    are held at a time. UTF-16 with its mark at the beginning, as PowerShell writes it, is read as such, anything else
    as UTF-8.
    """
    number, held, broken = 1, _Held(), False
    for lost, text in _texts(stream):
        if lost:
            held.taken()  # of the lines at both ends of the gap there is a part only
            number, text = number + lost + 1, text.partition("\n")[2]
        at = 0
        if broken and text.startswith("\n"):  # its "\r" was the last letter of the piece before
            number, at = number + 1, 1
        broken = text.endswith("\r")
        for found in _BREAK.finditer(text, at):
            held.add(text[at : found.start()])
            if line := held.taken():
                yield number, line
            at = found.end()
            number += found.group() != "\r"
        held.add(text[at:])
    if line := held.taken():
        yield number, line


def _texts(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """The stream's pieces, decoded, each with how many line ends were left out before it."""
    decoder: codecs.IncrementalDecoder | None = None
    for lost, data in _pieces(stream):
        if decoder is None:
            mark, encoding = next((one for one in _BOMS if data.startswith(one[0])), (b"", "utf-8"))
            decoder = codecs.getincrementaldecoder(encoding)("replace")
            data = data[len(mark) :]
        if lost:
            decoder.reset()
        yield lost, decoder.decode(data)
    if decoder is not None:
        yield 0, decoder.decode(b"", final=True)


def _pieces(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The first FIRST bytes and the last LAST ones, the first piece behind a gap with the line ends that it had."""
    begun = 0
    while begun < FIRST and (data := stream.read(_CHUNK)):
        yield 0, data
        begun += len(data)
    last: deque[bytes] = deque()
    size, lost = 0, 0
    while begun >= FIRST and (data := stream.read(_CHUNK)):
        last.append(data)
        size += len(data)
        while size > LAST:
            gone = last.popleft()
            size, lost = size - len(gone), lost + gone.count(b"\n")
    for data in last:
        yield lost, data
        lost = 0


class _Held:
    """A line that is not at its end yet: its beginning, and its last letters where it is long."""

    def __init__(self) -> None:
        self._head, self._tail, self._over = "", "", False

    def add(self, text: str) -> None:
        room = HEAD - len(self._head)
        self._head += text[:room]
        rest = text[room:] if room < len(text) else ""
        if rest:
            self._over = self._over or len(self._tail) + len(rest) > TAIL
            self._tail = (self._tail + rest)[-TAIL:]

    def taken(self) -> str:
        """The line; empty for one of blanks. Then the next one begins."""
        head, tail, over = self._head, self._tail, self._over
        self._head, self._tail, self._over = "", "", False
        # Half a word at a cut could be half a secret, which nothing would know as one.
        line = _LAST_WORD.sub("", head) + LEFT_OUT + _FIRST_WORD.sub("", tail) if over else head + tail
        return line.strip()
