"""How our clock and a server's differ, by its own word."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.net.server_clock import ahead, clocks_differ, moment_of

NOW = 1_700_000_000.0


@pytest.mark.parametrize("difference", [-86400.0, -600.0, -6.0, 0.0, 3.0, -4.0, 600.0])
def test_a_difference_counts_when_it_is_more_than_the_way_of_an_answer(difference: float) -> None:
    headers = {"Date": formatdate(NOW - difference, usegmt=True)}
    assert ahead(headers, NOW) == (difference if abs(difference) >= 5 else 0.0)


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (600.0, "this machine's clock is 10 min 00 s ahead of that server's"),
        (-600.0, "this machine's clock is 10 min 00 s behind that server's"),
        (59.0, None),
        (0.0, None),
    ],
)
def test_a_difference_is_told_when_it_matters(difference: float, words: str | None) -> None:
    assert clocks_differ({"Date": formatdate(NOW - difference, usegmt=True)}, NOW) == words


@pytest.mark.parametrize("text", ["", "yesterday", "Fri, 31 Feb 2023 00:00:00 GMT", "0"])
def test_a_server_that_does_not_say_is_taken_to_agree(text: str) -> None:
    assert ahead({"Date": text}, NOW) == ahead({}, NOW) == 0.0
    assert clocks_differ({"Date": text}, NOW) is None


@given(st.text())
def test_no_date_breaks_the_reader(text: str) -> None:
    assert isinstance(moment_of(text), float | None)
