"""A log of any size as lines of bounded length, read once from front to end in little memory.

A step of a progress display, which ends with a carriage return, is a line of its own with the number of the line of
the file that it stands in. Secrets and escape sequences are still in: they are log/clean.py's business. Whether
anything is text is not asked: bytes that are none become U+FFFD.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

HEAD, TAIL = 8192, 2048
"""Of a longer line only this many characters from its beginning and its end are kept, with LEFT_OUT between."""
LEFT_OUT = " […] "
_CHUNK = 1 << 16
_BREAK = re.compile(r"\r\n|\n|\r")
_LAST_WORD = re.compile(r"[^\s\"'<>]*\Z")
_FIRST_WORD = re.compile(r"\A[^\s\"'<>]*")
_BOMS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF8, "utf-8"))


def lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Each line or step of a display that is not empty, with the number of its line, from 1 on.

    At most HEAD + TAIL characters and a chunk are held at a time. UTF-16 with its mark at the beginning, as PowerShell
    writes it, is read as such, anything else as UTF-8.
    """
    number, held, broken = 1, _Held(), False
    for text in _texts(stream):
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


def _texts(stream: BinaryIO) -> Iterator[str]:
    """The stream's pieces, decoded; none is empty."""
    data = stream.read(_CHUNK)
    mark, encoding = next((one for one in _BOMS if data.startswith(one[0])), (b"", "utf-8"))
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    data = data[len(mark) :]
    while data:
        if text := decoder.decode(data):
            yield text
        data = stream.read(_CHUNK)
    if text := decoder.decode(b"", final=True):
        yield text


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
