"""The journal of a draft against torn, cut and altered records."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hfpush.disk.draft_map import MOST_STRETCHES, encode, newest, room_for
from hfpush.disk.extents import Extents

SIZE = 1000
_MAPS = st.lists(st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)), max_size=8)


def extents(stretches: list[tuple[int, int]]) -> Extents:
    have = Extents()
    for start, stop in stretches:
        have = have.with_(start, stop)
    return have


def written(journal: bytes, at: int, record: bytes) -> bytes:
    return journal[:at].ljust(at, b"\0") + record + journal[at + len(record) :]


@given(st.lists(_MAPS, min_size=1, max_size=8))
def test_the_newest_record_counts_and_a_torn_one_leaves_the_one_before(maps: list[list[tuple[int, int]]]) -> None:
    journal, before = b"", None
    for number, have in enumerate(map(extents, maps), 1):
        record = encode(number, have, SIZE)
        at = room_for(len(record), before)
        whole = written(journal, at, record)
        for torn in range(len(record)):
            rest = written(journal, at, record[:torn])
            if rest != whole:  # what stood there before may end with the very same bytes
                assert newest(rest, SIZE) == before
        journal = whole
        found = newest(journal, SIZE)
        assert found is not None
        assert (found.number, found.have) == (number, have)
        before = found
    longest = max(len(encode(1, extents(stretches), SIZE)) for stretches in maps)
    assert len(journal) <= 3 * longest


@given(_MAPS, st.data())
def test_an_altered_record_says_nothing(stretches: list[tuple[int, int]], data: st.DataObject) -> None:
    record = bytearray(encode(1, extents(stretches), SIZE))
    record[data.draw(st.integers(0, len(record) - 1))] ^= data.draw(st.integers(1, 255))
    assert newest(bytes(record), SIZE) is None


def test_the_record_of_another_size_says_nothing() -> None:
    assert newest(encode(1, Extents.prefix(5), SIZE), SIZE + 1) is None


def test_stretches_that_cannot_be_are_not_believed() -> None:
    for parts in (((5, 2),), ((0, 5), (3, 9)), ((0, SIZE + 1),)):
        assert newest(encode(1, Extents(parts), SIZE), SIZE) is None


@given(st.binary(max_size=200))
def test_anything_may_stand_behind_a_content(junk: bytes) -> None:
    assert newest(junk, SIZE) is None
    record = encode(7, Extents.prefix(5), SIZE)
    found = newest(junk + record + junk, SIZE)
    assert found is not None
    assert found.have == Extents.prefix(5)


def test_of_too_many_stretches_the_longest_are_kept() -> None:
    many = Extents(tuple((10 * n, 10 * n + (9 if n % 2 else 5)) for n in range(2 * MOST_STRETCHES)))
    found = newest(encode(1, many, 1 << 30), 1 << 30)
    assert found is not None
    assert found.have.parts == many.parts[1::2]
