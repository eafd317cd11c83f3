"""The Link header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.net.links import next_page


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("", None),
        ('<https://h/x?cursor=a>; rel="next"', "https://h/x?cursor=a"),
        ("<https://h/x>; rel=next", "https://h/x"),
        ('<https://h/0>; rel="first", <https://h/2>; rel="next"', "https://h/2"),
        ('<https://h/0>; rel="prev"', None),
        ("https://h/x", None),
        ("<https://h/x>", None),
        ("<<>>;;=,", None),
    ],
)
def test_the_next_page_is_found_or_there_is_none(link: str, url: str | None) -> None:
    assert next_page(link) == url


@given(st.text())
def test_no_header_breaks_the_reader(link: str) -> None:
    found = next_page(link)
    assert found is None or isinstance(found, str)
