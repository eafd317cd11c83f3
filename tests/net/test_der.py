"""Values in DER."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.net.der import SEQUENCE, items, only, signed_fields


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", []),
        (b"\x02\x01\x05", [(2, b"\x05")]),
        (b"\x02\x01\x05\x04\x00", [(2, b"\x05"), (4, b"")]),
        (b"\x04\x81\x80" + bytes(128), [(4, bytes(128))]),
    ],
)
def test_values_in_a_row(data: bytes, found: list[tuple[int, bytes]]) -> None:
    assert list(items(data)) == found


def test_the_first_value_must_have_the_tag() -> None:
    assert only(b"\x30\x01x", SEQUENCE) == b"x"
    with pytest.raises(ValueError):
        only(b"\x02\x01x", SEQUENCE)


@given(st.binary(max_size=100))
def test_what_is_no_der_raises_one_of_two(data: bytes) -> None:
    with suppress(ValueError, IndexError):
        list(items(data))
    with suppress(ValueError, IndexError):
        signed_fields(data)
