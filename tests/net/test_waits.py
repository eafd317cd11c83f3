"""How long a server asks us to wait."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.net.waits import asked_wait

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": " 12 "}, 12),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "9" * 30}, None),
        ({"Retry-After": "Tue, 14 Nov 2023 22:14:20 GMT"}, 60),
        ({"Retry-After": "Tue, 14 Nov 2023 22:14:20"}, 60),
        ({"Retry-After": "Tue, 14 Nov 2023 23:14:20 +0100"}, 60),
        ({"Retry-After": "Tue, 14 Nov 2023 22:00:00 GMT"}, 0),
        ({"Retry-After": "Mon, 01 Jan 0001 00:00:00 +2359"}, 0),
        ({"Retry-After": "Fri, 31 Feb 2023 00:00:00 GMT"}, None),
        ({"RateLimit": '"api";r=0;t=55'}, 56),
        ({"RateLimit": '"api"; r=0; t=55'}, 56),
        ({"RateLimit": '"api";r=0;t=55', "Retry-After": "5"}, 56),
        ({"RateLimit": '"api";r=3;t=55', "Retry-After": "5"}, 5),
        ({"RateLimit": '"api";r=3;t=55'}, None),
        ({"RateLimit": '"api";r=10;t=300, "resolvers";r=0;t=7'}, 8),
        ({"RateLimit": '"api";r=0;t=3, "resolvers";r=0;t=7'}, 8),
        ({"RateLimit": '"api";r=0, "resolvers";r=5;t=7'}, None),
        ({"RateLimit": "nonsense"}, None),
    ],
)
def test_the_servers_wish_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(headers, NOW) == seconds


@given(st.integers(0, 10**9 - 1))
def test_a_date_and_the_seconds_until_it_mean_the_same(seconds: int) -> None:
    date = format_datetime(datetime.fromtimestamp(NOW + seconds, timezone.utc), usegmt=True)
    assert asked_wait({"Retry-After": date}, NOW) == asked_wait({"Retry-After": str(seconds)}, NOW) == seconds


@given(st.text(), st.text())
def test_no_header_breaks_the_reader(retry_after: str, rate_limit: str) -> None:
    wait = asked_wait({"Retry-After": retry_after, "RateLimit": rate_limit}, NOW)
    assert wait is None or wait >= 0


@pytest.mark.parametrize("skew", [-600, 0, 600])
def test_a_date_is_meant_by_the_servers_own_clock(skew: int) -> None:
    def date(seconds: float) -> str:
        return format_datetime(datetime.fromtimestamp(seconds, timezone.utc), usegmt=True)

    assert asked_wait({"Retry-After": date(NOW - skew + 30), "Date": date(NOW - skew)}, NOW) == 30
