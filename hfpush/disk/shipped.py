"""Files that come with hfpush beside its code: in the installed package, or at their place in a checkout."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from hfpush.errors import LocalTrouble

_TOP = Path(__file__).parents[2]


def shipped(packaged: str, checkout: str, what: str) -> bytes:
    """The file at `packaged` in the package, else at `checkout` below the top of the source; `what` is its name for the
    user. Raises LocalTrouble (`installation-damaged`) where it is at neither."""
    places = (resources.files("hfpush") / packaged, _TOP / checkout)
    for place in places:
        if place.is_file():
            return place.read_bytes()
    raise LocalTrouble.of(
        "installation-damaged",
        f"hfpush's {what} is missing from its installation.",
        seen=(str(places[-1]),),
        to_try=("install hfpush again",),
    )
