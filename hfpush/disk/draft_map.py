"""The journal behind the content of a draft: which of its bytes are there. Pure.

    [0, size)        the content, with holes
    [size, ...)      records; the valid one with the highest number counts, all else is ignored

    one record:  "hfpmap1\\n"  number  count  (start  stop) * count  check        all numbers 64 bits, little-endian

Each record is the whole map. So a record that was torn costs what was new in it, and the one before it, which is
never written over, still holds. `check` is a digest of the rest and of the content's size.
"""

from __future__ import annotations

import hashlib
import itertools
import struct
from dataclasses import dataclass

from hfpush.disk.extents import Extents

MOST_STRETCHES = 16384  # a map of more is written down without its shortest ones
MOST_BYTES = 4 * (MOST_STRETCHES + 2) * 16  # no journal is longer: see `room_for`
_MAGIC = b"hfpmap1\n"
_HEAD = struct.Struct("<8sQQ")
_CHECK_BYTES = 8


@dataclass(frozen=True)
class Record:
    """A record that holds: its number, where in the journal it stands, [start, stop), and what it says."""

    number: int
    start: int
    stop: int
    have: Extents


def encode(number: int, have: Extents, size: int) -> bytes:
    """The record that says `have`, of a content of `size` bytes."""
    parts = have.parts
    if len(parts) > MOST_STRETCHES:
        parts = tuple(sorted(sorted(parts, key=lambda part: part[0] - part[1])[:MOST_STRETCHES]))
    places = struct.pack(f"<{2 * len(parts)}Q", *itertools.chain.from_iterable(parts))
    body = _HEAD.pack(_MAGIC, number, len(parts)) + places
    return body + _check(body, size)


def newest(journal: bytes, size: int) -> Record | None:
    """The record that counts, or None where none holds."""
    found, at = None, journal.find(_MAGIC)
    while at >= 0:
        record = _record(journal, at, size)
        if record is not None and (found is None or record.number > found.number):
            found = record
        at = journal.find(_MAGIC, at + 1 if record is None else record.stop)
    return found


def room_for(length: int, last: Record | None) -> int:
    """Where in the journal a record of `length` bytes goes: never over the last one, and back to the start when it
    fits there, so that a journal stays within three records.
    """
    return 0 if last is None or length <= last.start else last.stop


def _record(journal: bytes, at: int, size: int) -> Record | None:
    if len(journal) - at < _HEAD.size:
        return None
    _, number, count = _HEAD.unpack_from(journal, at)
    end = at + _HEAD.size + 16 * count
    if count > MOST_STRETCHES or journal[end : end + _CHECK_BYTES] != _check(journal[at:end], size):
        return None
    places = struct.unpack_from(f"<{2 * count}Q", journal, at + _HEAD.size)
    ascending = all(one < two for one, two in itertools.pairwise(places))
    if not ascending or (places and places[-1] > size):
        return None
    parts = tuple(zip(places[::2], places[1::2], strict=True))
    return Record(number, at, end + _CHECK_BYTES, Extents(parts))


def _check(body: bytes, size: int) -> bytes:
    return hashlib.blake2b(body, digest_size=_CHECK_BYTES, key=struct.pack("<Q", size)).digest()
