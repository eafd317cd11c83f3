import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.localhub.byteranges import Unsatisfiable, parse_range


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=5-", (5, 10)),
        ("bytes=5-99", (5, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-30", (0, 10)),
        ("bytes= 2 - 4 ", (2, 5)),
        (None, None),
        ("", None),
        ("bytes=-", None),
        ("bytes=4-2", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
    ],
)
def test_ranges_of_ten_bytes(header, span):
    assert parse_range(header, 10) == span


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=10-", 10), ("bytes=99-100", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_what_lies_outside_is_unsatisfiable(header, size):
    with pytest.raises(Unsatisfiable):
        parse_range(header, size)


@given(st.integers(1, 10**15), st.data())
def test_what_http_says_is_what_python_slices(size, data):
    start = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(start, size * 2))
    assert parse_range(f"bytes={start}-{last}", size) == (start, min(last + 1, size))


@given(st.text(), st.integers(0, 100))
def test_any_header_is_a_range_inside_or_the_whole_file(header, size):
    try:
        span = parse_range(header, size)
    except Unsatisfiable:
        return
    assert span is None or 0 <= span[0] < span[1] <= size
