from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from support.command_line import git

from hfpush.cli.track import report_lines
from hfpush.commands.track import TrackReport
from hfpush.findings import Finding
from hfpush.repo.track.cover import Line

Shell = Callable[..., "CompletedProcess[bytes]"]
LINE = Line("", "*.q4 filter=lfs", "w.q4 is binary (1 B)")


def report(**changes: object) -> TrackReport:
    values: dict[str, object] = {
        "root": Path("/r"),
        "lines": (LINE,),
        "files": (".gitattributes",),
        "start": None,
        "restaged": (),
        "findings": (),
        "dry_run": False,
        **changes,
    }
    return TrackReport(**values)  # type: ignore[arg-type]


def test_each_line_is_said_with_its_reason_and_what_is_to_do_next() -> None:
    assert report_lines(report()) == [
        ".gitattributes: *.q4 filter=lfs",
        "  w.q4 is binary (1 B)",
        "not staged yet; to do so: git -C /r add -- .gitattributes",
    ]
    assert report_lines(report(dry_run=True))[-1] == "  w.q4 is binary (1 B)"


def test_pointers_and_a_template_are_said() -> None:
    lines = report_lines(report(start="dataset", restaged=tuple(f"f{n}\n" for n in range(22))))
    assert lines[0] == ".gitattributes made, starting with the Hub's list for a dataset"
    assert lines[3:5] == ["22 staged files turned into pointers:", r"  'f0\n'"]
    assert lines[-1] == "  and 2 more"
    planned = report_lines(report(start="hfpush", restaged=("f",), dry_run=True))
    assert planned[0] == ".gitattributes would be made, starting with hfpush's list"
    assert planned[-2:] == ["1 staged file would be turned into a pointer:", "  f"]


def test_nothing_to_do_is_said_and_no_more_than_that_where_something_is_wrong() -> None:
    nothing = report(lines=(), files=())
    assert report_lines(nothing) == ["nothing to do: .gitattributes sends to LFS what must go there"]
    wrong = report(lines=(), files=(), findings=(Finding("attributes-conflict", "x"),))
    assert report_lines(wrong) == ["nothing to do"]


@pytest.mark.needs("git")
def test_the_story_of_a_large_file_that_was_added(tmp_path: Path, shell: Shell) -> None:
    git(tmp_path, "init", "-q", "my repo")
    repo = tmp_path / "my repo"
    (repo / "w.q4").write_bytes(b"\0" * 5000)
    git(repo, "add", ".")
    planned = shell(f"$hfpush track '{repo}' --dry-run --template none --json")
    assert (planned.returncode, json.loads(planned.stdout)["restaged"]) == (0, ["w.q4"])
    said = shell(f"cd '{repo}' && $hfpush track --template none")
    assert (said.returncode, said.stdout.decode().splitlines()[:2]) == (
        0,
        [".gitattributes: *.q4 filter=lfs diff=lfs merge=lfs -text", "  w.q4 is binary (5.0 kB)"],
    )
    assert b"lfs-filter-missing" in said.stderr
    assert git(repo, "cat-file", "blob", ":w.q4").startswith("version https://git-lfs")


@pytest.mark.needs("git")
def test_what_no_line_helps_ends_with_one_and_a_wrong_template_with_two(tmp_path: Path, shell: Shell) -> None:
    git(tmp_path, "init", "-q")
    place = tmp_path / "/".join(["*" * 200] * 6)
    place.parent.mkdir(parents=True)
    place.write_bytes(b"\0")
    said = shell(f"$hfpush track {tmp_path} --template none")
    assert (said.returncode, b"attributes-conflict" in said.stderr) == (1, True)
    assert shell(f"$hfpush track {tmp_path} --template space").returncode == 2
