"""Half-open here, inclusive on the wire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.net.ranges import parse_content_range, range_header


@pytest.mark.parametrize(
    ("start", "stop", "header"), [(0, 1, "bytes=0-0"), (5, 10, "bytes=5-9"), (5, None, "bytes=5-")]
)
def test_a_range_is_written_as_http_counts_it(start: int, stop: int | None, header: str) -> None:
    assert range_header(start, stop) == header


@pytest.mark.parametrize(("start", "stop"), [(5, 5), (5, 4), (-1, 4), (-1, None)])
def test_a_range_without_bytes_cannot_be_asked_for(start: int, stop: int | None) -> None:
    with pytest.raises(ValueError, match="no bytes"):
        range_header(start, stop)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes 0-0/1", (0, 1, 1)),
        (" bytes 5-9/10 ", (5, 10, 10)),
        ("bytes 5-9/*", (5, 10, None)),
        ("bytes */10", None),
        ("bytes 5-4/10", None),
        ("bytes 5-10/10", None),
        ("bytes 5-9", None),
        ("bytes=5-9/10", None),
        ("items 5-9/10", None),
        ("bytes -5-9/10", None),
        ("bytes ٥-٩/10", None),
        ("bytes 0-9/10, 20-29/30", None),
        ("", None),
    ],
)
def test_a_content_range_is_read_or_is_none(value: str, expected: tuple[int, int, int | None] | None) -> None:
    assert parse_content_range(value) == expected


@given(st.integers(0, 10**15), st.integers(1, 10**15), st.integers(0, 10**15) | st.none())
def test_what_was_asked_for_is_read_back_from_the_answer(start: int, length: int, more: int | None) -> None:
    stop = start + length
    total = None if more is None else stop + more
    span = range_header(start, stop).removeprefix("bytes=")
    answer = f"bytes {span}/{'*' if total is None else total}"
    assert parse_content_range(answer) == (start, stop, total)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = parse_content_range(f"bytes {text}")
    assert found is None or found[0] < found[1]
