"""How a server's clock and ours differ, by the `Date` of its answer. Pure.

What a server says in absolute time (`expires_at`, a Retry-After that is a date) is meant by its own clock; where ours
is wrong by minutes, taking it at its word makes a good lease look dead, or a dead one good.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timezone
from email.utils import parsedate_to_datetime

from hfpush.units import duration

_SMALL_SECONDS = 5.0  # the header counts whole seconds, and an answer is on its way for a while
_WORTH_TELLING_SECONDS = 60.0


def moment_of(text: str) -> float | None:
    """Unix time of a date as HTTP writes it, None for anything else."""
    try:
        when = parsedate_to_datetime(text)
        return (when if when.tzinfo else when.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def ahead(headers: Mapping[str, str], now: float) -> float:
    """By how many seconds our clock, which says `now` (unix time), is ahead of the server's; negative where it is
    behind, 0.0 where the difference is small or the answer does not say."""
    theirs = moment_of(headers.get("Date", ""))
    difference = 0.0 if theirs is None else now - theirs
    return difference if abs(difference) >= _SMALL_SECONDS else 0.0


def clocks_differ(headers: Mapping[str, str], now: float) -> str | None:
    """A line of evidence where our clock and the server's differ so much that it matters, else None."""
    difference = ahead(headers, now)
    if abs(difference) < _WORTH_TELLING_SECONDS:
        return None
    how = "ahead of" if difference > 0 else "behind"
    return f"this machine's clock is {duration(abs(difference))} {how} that server's"
