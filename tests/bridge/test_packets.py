from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.bridge.packets import FLUSH, MAX_PAYLOAD, Packets, packet
from hfpush.errors import Damaged

PAYLOADS = st.lists(st.none() | st.binary(max_size=40), max_size=8)


def written(payloads: list[bytes | None]) -> bytes:
    return b"".join(FLUSH if payload is None else packet(payload) for payload in payloads)


@given(PAYLOADS, st.lists(st.integers(0, 400), max_size=6))
def test_what_is_written_is_read_however_it_is_cut(payloads: list[bytes | None], cuts: list[int]) -> None:
    stream, packets = written(payloads), Packets()
    marks = sorted({0, len(stream), *(cut for cut in cuts if cut <= len(stream))})
    found = [one for a, b in pairwise(marks) for one in packets.feed(stream[a:b])]
    assert found == payloads
    assert packets.rest == b""


@given(PAYLOADS, st.integers(1, 3))
def test_what_is_cut_short_is_kept_for_later(payloads: list[bytes | None], lost: int) -> None:
    packets = Packets()
    assert packets.feed(written([*payloads, b"last"])[:-lost]) == payloads
    assert packets.rest


@given(st.binary(max_size=200))
def test_any_bytes_are_packets_or_damaged(data: bytes) -> None:
    packets = Packets()
    with suppress(Damaged):
        found = packets.feed(data)
        assert len(written(found)) + len(packets.rest) == len(data)


@pytest.mark.parametrize("bad", [b"<htm", b"0003", b"-001", b" 004"])
def test_what_is_no_length_is_damaged(bad: bytes) -> None:
    with pytest.raises(Damaged):
        Packets().feed(bad)


def test_a_packet_that_is_too_long_is_not_made() -> None:
    assert len(packet(b"x" * MAX_PAYLOAD)) == MAX_PAYLOAD + 4
    with pytest.raises(ValueError, match="65516"):
        packet(b"x" * (MAX_PAYLOAD + 1))
