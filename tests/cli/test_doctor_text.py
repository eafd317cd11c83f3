"""What doctor has to say, on a screen of 80 columns: the verdict first, the line to paste whole, the rest in short."""

from __future__ import annotations

import pytest

from hfpush.cli.doctor_text import report_lines
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.names import Lookup
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.report import Report
from hfpush.findings import Finding

PASTED = (
    "export HTTPS_PROXY=socks5h://proxy.test:1080  # and a very long remark that goes far beyond the eightieth column"
)
BROKEN = Finding(
    "all-proxy-ignored", "git-lfs does not read ALL_PROXY, and goes straight " * 3, ("seen " * 30,), (PASTED,)
)
NOTE = Finding("fake-address", "A note of several words. " * 6, ("evidence of a note",), severity="note")
WELL = Facts(
    question=Question(endpoint="https://hf.test", repo_id="local/model"),
    ways=tuple(Way(client, "hub", "hf.test", 443, why="no proxy is set") for client in ("git", "git-lfs", "hfpush")),
    lookups=(Lookup("hf.test", addresses=("10.77.0.2",), seconds=0.012),),
    dials=(Dial("hf.test:443 straight", "10.77.0.2", seconds=0.004),),
)


def shown(report: Report, **more: int) -> list[str]:
    return [line.plain for line in report_lines(report, **more)]  # type: ignore[arg-type]


def test_what_is_wrong_comes_first_and_what_is_to_be_pasted_is_one_line() -> None:
    lines = shown(Report(WELL, (BROKEN, NOTE), 3.21))
    assert lines[0] == "1 error: https://hf.test, local/model (3.2 s)"
    assert lines[1] == "error: all-proxy-ignored"
    assert f"  try    {PASTED}" in lines
    assert lines.index("  try    " + PASTED) < next(at for at, line in enumerate(lines) if line.startswith("note:"))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_wider_than_the_screen_but_what_is_to_be_pasted(width: int) -> None:
    lines = shown(Report(WELL, (BROKEN, NOTE)), width=width)
    assert [line for line in lines if len(line) > width and "try" not in line and "routes" not in line] == []


def test_a_healthy_machine_is_told_in_a_few_lines() -> None:
    lines = shown(Report(WELL, (), 0.4))
    assert lines[0] == "all is well: https://hf.test, local/model (0.4 s)"
    assert "routes            to hub hf.test: all straight (no proxy is set)" in lines
    assert len(lines) < 8


def test_beside_what_is_wrong_the_layers_that_are_well_take_one_line() -> None:
    lines = shown(Report(WELL, (BROKEN,)))
    assert f"{'ok':<18}names, connections" in lines
    assert not any(line.startswith("names") for line in lines)


def test_programs_that_go_different_ways_are_shown_each() -> None:
    ways = (
        *WELL.ways[:1],
        Way("git-lfs", "hub", "hf.test", 443, via="http://p:3128", why="https_proxy", names="proxy"),
    )
    text = "\n".join(shown(Report(Facts(ways=ways))))
    assert "git                      straight (no proxy is set)" in text
    assert "git-lfs                  through http://p:3128 (https_proxy)" in text


def test_a_layer_in_which_something_failed_shows_what_and_verbose_shows_all() -> None:
    dials = (*WELL.dials, Dial("s3.test:443 straight", outcome="silent", said="no answer", seconds=4.0))
    facts = Facts(dials=dials)
    short, long = "\n".join(shown(Report(facts))), "\n".join(shown(Report(facts), whole=1))
    assert "FAIL s3.test:443 straight: silent: no answer" in short
    assert "hf.test:443" not in short
    assert "hf.test:443 straight" in long
