"""Pages cover a listing without gap or overlap."""

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from hfpush.localhub.errors import HubError
from hfpush.localhub.paging import flag, next_link, number, page


@given(st.integers(0, 40), st.integers(1, 12))
def test_following_the_pages_gives_every_item_once(count, size):
    items, seen, start = list(range(count)), [], 0
    while start is not None:
        shown, start = page(items, start=start, size=size)
        assert len(shown) <= size
        seen += shown
    assert seen == items


@pytest.mark.parametrize(
    ("query", "expected"), [("", 50), ("?n=", 50), ("?n=7", 7), ("?n=0", 0), ("?n=999", 100), ("?n=00012", 12)]
)
def test_numbers_of_a_query(query, expected):
    assert number(make_mocked_request("GET", f"/x{query}"), "n", 50, at_most=100) == expected


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "1e3", "%C2%B2", "9" * 30])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(HubError, match="must be a number"):
        number(make_mocked_request("GET", f"/x?n={text}"), "n", 50, at_most=100)


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("True", True), ("1", True), ("false", False), ("", False)]
)
def test_flags(text, expected):
    assert flag(make_mocked_request("GET", f"/x?f={text}"), "f") is expected


def test_the_link_keeps_the_path_as_it_was_encoded():
    request = make_mocked_request("GET", "/api/models/a/b/tree/refs%2Fpr%2F1?recursive=true", headers={"Host": "hub:1"})
    assert next_link(request, cursor="c=") == {
        "Link": '<http://hub:1/api/models/a/b/tree/refs%2Fpr%2F1?recursive=true&cursor=c%3D>; rel="next"'
    }
