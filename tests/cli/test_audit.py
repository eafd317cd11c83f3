from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from support.command_line import git, make_repo
from support.scans import blob, scan_of

from hfpush.cli.audit import AuditWatch, closing_line, opening_lines, progress_line
from hfpush.commands.audit_report import AuditReport
from hfpush.findings import Finding
from hfpush.repo.audit.judged import Verdict

Shell = Callable[..., "CompletedProcess[bytes]"]
LARGE = b"x" * (10 * 2**20 + 1)


@pytest.mark.needs("git")
def test_a_clean_repository_is_said_to_be_clean(tmp_path: Path, shell: Shell) -> None:
    repo = make_repo(tmp_path / "r", {"w.bin": b"1"}, {"a.txt": b"a"})
    said = shell(f"$hfpush audit {repo}")
    assert (said.returncode, said.stderr) == (0, b"")
    assert said.stdout == (
        b"looked at 1 commit in all, since no remote is a Hub, with 3 files new in them\nclean: the Hub would take it\n"
    )


@pytest.mark.needs("git")
def test_what_the_hub_would_refuse_ends_with_one_and_the_command(tmp_path: Path, shell: Shell) -> None:
    repo = make_repo(tmp_path / "my model", {}, {"notes.txt": LARGE})
    said = shell(f"cd {tmp_path} && $hfpush audit 'my model'")
    lines = said.stdout.decode().splitlines()
    commit = git(repo, "rev-parse", "HEAD")[:10]
    assert said.returncode == 1
    assert lines[1:5] == [
        "error: large-file-in-git",
        "  There is a file over 10 MiB in the history of git itself, which the Hub refuses.",
        f"  seen   notes.txt: 10.5 MB, since commit {commit}, on main",
        "  try    hfpush fix 'my model'",
    ]
    assert lines[-1] == "the Hub would refuse it: 1 error"


@pytest.mark.needs("git")
def test_commands_that_are_offered_hold_in_a_folder_below(tmp_path: Path, shell: Shell) -> None:
    repo = make_repo(tmp_path / "r", {}, {"a.dat": b"\0"})
    (repo / "sub").mkdir()
    assert b"  try    hfpush fix ..\n" in shell(f"cd {repo}/sub && $hfpush audit").stdout
    assert b"  try    hfpush fix\n" in shell(f"cd {repo} && $hfpush audit").stdout


@pytest.mark.needs("git")
def test_hostile_names_reach_no_terminal_as_they_are(tmp_path: Path, shell: Shell) -> None:
    repo = make_repo(tmp_path / "r", {})
    for name in (b"\x1b[2J", b"caf\xe9", b"-rf"):
        (repo / os.fsdecode(name)).write_bytes(b"\0")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "x")
    said = shell(f"$hfpush audit {repo}")
    assert said.returncode == 1
    assert b"\x1b" not in said.stdout
    assert b"'caf\\udce9': 1 B" in said.stdout
    document = json.loads(shell(f"$hfpush audit {repo} --json").stdout)
    assert {os.fsencode(one["path"]) for one in document["offences"]} == {b"\x1b[2J", b"caf\xe9", b"-rf"}


@pytest.mark.needs("git")
def test_json_is_one_document_with_the_same_exit_code(tmp_path: Path, shell: Shell) -> None:
    repo = make_repo(tmp_path / "r", {}, {"a.dat": b"\0"})
    said = shell(f"$hfpush audit {repo} --json")
    document = json.loads(said.stdout)
    assert (said.returncode, said.stderr) == (1, b"")
    assert document["clean"] is False
    assert [one["reference"] for one in document["findings"]] == ["binary-file-in-git"]
    assert document["offences"][0]["path"] == "a.dat"


@pytest.mark.needs("git")
def test_files_over_a_size_alone(tmp_path: Path, shell: Shell) -> None:
    repo = make_repo(tmp_path / "r", {}, {"a.dat": b"\0" * 3000})
    said = shell(f"$hfpush audit {repo} --above 2kB")
    assert said.returncode == 1
    assert said.stdout.startswith(b"looked for files over 2.0 kB in 1 commit in all")
    assert b"error: file-above-size\n" in said.stdout
    said = shell(f"$hfpush audit {repo} --above 1MiB")
    assert (said.returncode, said.stdout.splitlines()[-1]) == (0, b"no such file")


@pytest.mark.needs("git")
def test_nothing_to_look_at_is_no_failure(tmp_path: Path, shell: Shell) -> None:
    git(tmp_path, "init", "-q", "r")
    said = shell(f"$hfpush audit {tmp_path}/r")
    assert (said.returncode, said.stderr) == (0, b"")
    assert said.stdout == b"nothing to look at: the repository has no commit yet\n"


@pytest.mark.needs("git")
@pytest.mark.parametrize(
    ("words", "reference"),
    [
        ("--above huge", "size-invalid"),
        pytest.param("--all --range main", "audit-twofold", marks=pytest.mark.slow),
        pytest.param("--remote nobody", "remote-unknown", marks=pytest.mark.slow),
        ("--range nothing", "range-unknown"),
        pytest.param("--type thing", "repo-type-unknown", marks=pytest.mark.slow),
        pytest.param("--endpoint nowhere", "endpoint-unknown", marks=pytest.mark.slow),
    ],
)
def test_a_wrong_command_line_ends_with_two(tmp_path: Path, shell: Shell, words: str, reference: str) -> None:
    repo = make_repo(tmp_path / "r", {})
    said = shell(f"$hfpush audit {repo} {words}")
    assert (said.returncode, said.stdout) == (2, b"")
    assert said.stderr.startswith(f"error: {reference}\n".encode())


def test_what_is_no_repository_ends_with_two(tmp_path: Path, shell: Shell) -> None:
    assert shell(f"$hfpush audit {tmp_path}").returncode == 2
    assert shell(f"$hfpush audit {tmp_path}/none").returncode == 2
    assert shell("$hfpush audit --nonsense").returncode == 2


def test_progress_is_shown_only_after_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    with AuditWatch(quiet=False, patience_seconds=60) as watch:
        watch.stage("looking")
        watch.looked_at("commits", 1, 2)
        assert not watch.is_shown
    with AuditWatch(quiet=True, patience_seconds=0) as watch:
        watch.looked_at("commits", 1, 2)
        assert not watch.is_shown
    with AuditWatch(quiet=False, patience_seconds=0) as watch:
        watch.looked_at("commits", 1, 2)
        assert watch.is_shown
    assert capsys.readouterr().out == ""


def test_progress_in_a_line() -> None:
    assert progress_line("commits", 1200, 5000) == "commits: 1,200 of 5,000 (24%)"
    assert progress_line("files", 7, None) == "files: 7"


@pytest.mark.parametrize(
    ("findings", "line"),
    [
        ((), "clean: the Hub would take it"),
        ((Finding("x", "y", severity="note"),), "clean: 1 note"),
        ((Finding("x", "y"), Finding("x", "y", severity="warning")), "the Hub would refuse it: 1 error, 1 warning"),
    ],
)
def test_the_last_line_is_the_verdict(findings: tuple[Finding, ...], line: str) -> None:
    assert closing_line(AuditReport(".", "in all", scan_of(), Verdict(findings))) == line


def test_the_first_line_says_what_was_looked_at() -> None:
    report = AuditReport(".", "that origin may not have", scan_of(blob()), Verdict(()))
    assert opening_lines(report) == ["looked at 3 commits that origin may not have, with 1 file new in them"]
