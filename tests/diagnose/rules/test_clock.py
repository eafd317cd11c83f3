"""Clocks that differ: whose is wrong is told by how many servers agree."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.lfs import Lfs, Put
from hfpush.diagnose.rules.clock import causes


def facts(*answers: tuple[str, float | None]) -> Facts:
    return Facts(exchanges=tuple(Exchange("api", f"{host}:443 straight", ahead=ahead) for host, ahead in answers))


@pytest.mark.parametrize(
    ("answers", "severity", "certain"),
    [
        ([], None, False),
        ([("hf.test", None)], None, False),
        ([("hf.test", 20.0)], None, False),
        ([("hf.test", 90.0)], "warning", False),
        ([("hf.test", 3600.0)], "error", False),
        ([("hf.test", -3600.0)], "error", False),
        ([("hf.test", 3600.0), ("s3.test", 3601.0)], "error", True),
        ([("hf.test", 3600.0), ("s3.test", 1.0)], None, False),
        ([("hf.test", 3600.0), ("s3.test", 7200.0)], None, False),
        ([("hf.test", 3600.0), ("hf.test", 2.0), ("hf.test", 1.0)], None, False),
    ],
)
def test_this_machine_is_told_where_all_servers_say_so(
    answers: list[tuple[str, float | None]], severity: str | None, certain: bool
) -> None:
    found = [(one.finding.reference, one.finding.severity, one.certain) for one in causes(facts(*answers))]
    assert found == ([] if severity is None else [("clock-skewed", severity, certain)])


@pytest.mark.parametrize(("ahead", "side"), [(3600.0, "ahead of"), (-3600.0, "behind")])
def test_the_message_says_which_way(ahead: float, side: str) -> None:
    (cause,) = causes(facts(("hf.test", ahead)))
    assert side in cause.finding.message
    assert "hf.test" in cause.finding.message


def test_a_storage_counts_as_a_server_of_its_own() -> None:
    hub = Exchange("api", "hf.test:443 straight", ahead=3600.0)
    (cause,) = causes(Facts(exchanges=(hub,), lfs=Lfs(puts=(Put("s3.test:443 straight", ahead=3601.0),))))
    assert cause.certain
    assert "1 h 00 min ahead of the Date of s3.test:443" in cause.finding.evidence
    assert list(causes(Facts(exchanges=(hub,), lfs=Lfs(puts=(Put("s3.test:443 straight", ahead=1.0),))))) == []
