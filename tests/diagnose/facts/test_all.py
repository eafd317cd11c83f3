"""What is asked of all facts together."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.names import Lookup
from hfpush.diagnose.facts.tls import Handshake
from hfpush.diagnose.facts.ways import Way

LINE = "hf.test:443 straight"
OK, SILENT = Dial(LINE, "10.77.0.2"), Dial(LINE, "fd77::2", "silent")


@pytest.mark.parametrize(
    ("dials", "shaken", "works"),
    [
        ((), (), None),
        ((SILENT,), (), False),
        ((SILENT, OK), (), True),
        ((OK,), (Handshake(LINE),), True),
        ((OK,), (Handshake(LINE, "ok", tries=3, failed=1),), True),
        ((OK,), (Handshake(LINE, "reset", tries=3, failed=3),), False),
        ((OK,), (Handshake("s3.test:443 straight", "reset", tries=1, failed=1),), True),
    ],
)
def test_a_line_works_where_a_connection_and_any_handshake_stood(
    dials: tuple[Dial, ...], shaken: tuple[Handshake, ...], works: bool | None
) -> None:
    assert Facts(dials=dials, handshakes=shaken).works(LINE) is works


def test_facts_are_found_by_what_they_are_about() -> None:
    ways = (Way("git", "hub", "hf.test", 443), Way("git", "storage", "s3.test", 443))
    facts = Facts(ways=ways, lookups=(Lookup("hf.test"),), dials=(OK, SILENT), handshakes=(Handshake(LINE),))
    assert facts.ways_to("storage") == ways[1:]
    assert facts.lookup("hf.test") == Lookup("hf.test")
    assert facts.lookup("s3.test") is None
    assert facts.dialled(LINE) == (OK, SILENT)
    assert facts.handshake(LINE) == Handshake(LINE)
