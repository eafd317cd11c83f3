"""The table of a dry run."""

from __future__ import annotations

from pathlib import Path

import pytest

from hfpush.cli.fetch_plan import plan_lines
from hfpush.commands.fetch_report import FetchReport
from hfpush.receive.plan import PlannedFile

FEW = (
    PlannedFile("../x", 5, "refuse", 0, "its name leads out of the folder"),
    PlannedFile("a/model-00001-of-00002.safetensors", 5_000_000_000, "fetch"),
    PlannedFile("a/model-00002-of-00002.safetensors", 4_000_000_000, "resume", 1_500_000_000),
    PlannedFile("config.json", 700, "keep", 700),
    PlannedFile("README.md", 1000, "replace"),
)


def report(plan: tuple[PlannedFile, ...], free: int | None = 80_000_000_000) -> FetchReport:
    commit = "0123456789abcdef"
    return FetchReport(
        "ada/model", "u", "main", commit, Path("x"), (), 0, 1_500_000_700, plan=plan, to_come=7, room=8, free=free
    )


def test_a_few_files_have_a_line_each() -> None:
    assert plan_lines(report(FEW)) == [
        "ada/model at 0123456789 (main)",
        "  refuse        5 B  ../x  (its name leads out of the folder)",
        "  fetch      5.0 GB  a/model-00001-of-00002.safetensors",
        "  resume     4.0 GB  a/model-00002-of-00002.safetensors  (1.5 GB here)",
        "  keep        700 B  config.json",
        "  replace    1.0 kB  README.md",
        "5 files, 9.0 GB: 1.5 GB here, 7 B to come",
        "needs 8 B of disk, 80.0 GB are free",
        "into x",
        "dry run: nothing was fetched, and nothing changed",
    ]


def test_many_files_have_a_line_for_each_action() -> None:
    many = tuple(PlannedFile(f"data/{number:05}.parquet", number, "fetch") for number in range(1, 3121))
    bad = tuple(PlannedFile(f"\x1b{number}", 1, "refuse", 0, "it has control characters") for number in range(12))
    lines = plan_lines(report((*many, *FEW[3:], *bad)))
    assert lines[1:4] == [
        "  keep           1 file     700 B  such as config.json",
        "  fetch     3,120 files    4.9 MB  such as data/03120.parquet, data/03119.parquet",
        "  replace        1 file    1.0 kB  such as README.md",
    ]
    assert lines[4] == "  refuse       12 files      12 B"
    assert lines[5] == "  refuse        1 B  \\x1b0  (it has control characters)"
    assert lines[15] == "  and 2 more"
    assert len(lines) == 16 + 4


@pytest.mark.parametrize("count", [4, 400])
@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_file_wraps_on_a_terminal(width: int, count: int) -> None:
    plan = tuple(PlannedFile(f"{number}/" + "x" * 300, 10**12, "resume", 10**11) for number in range(count))
    table = [line for line in plan_lines(report(plan), width) if line.startswith("  ")]
    assert table
    assert all(len(line) < width for line in table)


def test_where_the_disk_cannot_be_asked_nothing_is_said_of_what_is_free() -> None:
    assert "needs 8 B of disk" in "\n".join(plan_lines(report(FEW, free=None)))
    assert "free" not in "\n".join(plan_lines(report(FEW, free=None)))
