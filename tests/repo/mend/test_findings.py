"""How a mending says what it leaves and what it needs."""

from __future__ import annotations

import pytest

from hfpush.findings import Finding
from hfpush.repo.mend.findings import (
    card_finding,
    filter_finding,
    forced_finding,
    left_findings,
    published_finding,
    some,
    stash_finding,
    unconfirmed,
)
from hfpush.repo.rewrite.values import Offence, Unmended


def test_published_files_come_with_the_plain_choice() -> None:
    finding = published_finding("my repo", ["a\n.bin", "a\n.bin", "b"], 3)
    assert finding.evidence == (r"'a\n.bin'", "b")
    assert "3 published commits" in finding.message
    assert finding.remedy[0].startswith("hfpush publish 'my repo' --rewrite")
    assert finding.remedy[1].startswith("hfpush fix 'my repo' --rewrite-published")


def test_what_is_left_is_named_with_its_reason() -> None:
    assert left_findings(()) == ()
    (finding,) = left_findings([Unmended(Offence("c" * 40, ".gitignore", "b" * 40, 2_000), "git reads it")])
    assert finding.evidence == (".gitignore: 2.0 kB, since commit cccccccccc: git reads it",)
    assert finding.severity == "error"


@pytest.mark.parametrize(
    ("finding", "severity"),
    [
        (card_finding(), "warning"),
        (forced_finding(2), "warning"),
        (stash_finding(), "note"),
        (filter_finding("."), "warning"),
    ],
)
def test_what_does_not_stop_a_fix_is_no_error(finding: Finding, severity: str) -> None:
    assert finding.severity == severity


def test_the_command_to_run_is_quoted() -> None:
    assert unconfirmed(["hfpush", "fix", "my repo", "--yes"]).remedy == ("hfpush fix 'my repo' --yes",)


def test_long_lists_end_with_how_much_more_there_is() -> None:
    assert some(["x"] * 10) == ("x",) * 10
    assert some(["x"] * 1500)[-1] == "and 1,490 more"
