"""`hfpush fix` on a command line: what it prints, asks and ends with."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from support.mendable import Repo, empty, offending
from support.surroundings import look

from hfpush.cli.fix import plan_lines, report_lines
from hfpush.commands.fix_report import FixPlan, FixReport
from hfpush.repo.rewrite.values import Offence, RewritePlan
from hfpush.repo.scope import Scope


def run(repo: Repo, *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "hfpush", "fix", *words],
        cwd=repo.path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return offending(tmp_path / "repo")


def test_the_plan_the_fix_and_the_way_back(repo: Repo) -> None:
    before = look(repo.path)
    planned = run(repo, "--dry-run")
    assert planned.returncode == 0
    assert "weights/w.bin  5.1 kB, since commit " in planned.stderr
    assert "3 commits would get new ids" in planned.stderr
    assert planned.stdout == "dry run: nothing was changed\n"
    assert look(repo.path) == before
    mended = run(repo, "--yes")
    assert mended.returncode == 0
    for words in ("mended in ", "refs/hfpush/backup/2", "hfpush fix --undo", "hfpush publish", "lfs-filter-missing"):
        assert words in mended.stdout
    again = run(repo, "--yes")
    assert (again.returncode, again.stdout) == (0, "nothing to mend\n")
    assert run(repo, "--continue").stdout == "nothing to finish: no fix was interrupted\n"
    undone = run(repo, "--undo")
    assert (undone.returncode, undone.stdout) == (0, "undone: 4 refs and .gitattributes are as they were before\n")
    assert look(repo.path) == before


def test_the_old_history_is_let_go(repo: Repo) -> None:
    assert run(repo, "-y").returncode == 0
    gone = run(repo, "--forget-backup")
    assert gone.returncode == 0
    assert "4 backup refs deleted; git gc --prune=now frees up to " in gone.stdout
    undone = run(repo, "--undo")
    assert undone.returncode == 2
    assert "fix-nothing-to-undo" in undone.stderr


def test_without_a_terminal_it_is_not_done_unasked(repo: Repo) -> None:
    before = look(repo.path)
    refused = run(repo, "--above", "2MiB")
    assert refused.returncode == 2
    assert "try    hfpush fix . --above 2MiB --yes" in refused.stderr
    assert look(repo.path) == before


_WITH_TERMINAL = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.argv = ["hfpush", "fix"]
from hfpush.cli import main
main()
"""


@pytest.mark.parametrize(
    ("answer", "code", "changed"), [("y\n", 0, True), ("n\n", 0, False), ("\n", 0, False), ("\x03", 130, False)]
)
def test_on_a_terminal_it_asks_once_below_the_plan(repo: Repo, answer: str, code: int, changed: bool) -> None:
    before = repo.git("rev-parse", "main")
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        # A session of its own takes the terminal as its own, so that ^C reaches it.
        [sys.executable, "-c", _WITH_TERMINAL],
        cwd=repo.path,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    seen = b""
    while b"[y/N]" not in seen:
        seen += os.read(leader, 4096)
    os.write(leader, answer.encode())
    try:
        while piece := os.read(leader, 4096):
            seen += piece
    except OSError:
        pass  # the other end is closed
    assert process.wait(60) == code
    os.close(leader)
    assert b"since commit" in seen.partition(b"[y/N]")[0]
    assert (repo.git("rev-parse", "main") != before) is changed


@pytest.mark.parametrize(
    ("words", "reference"),
    [
        (("--undo", "--continue"), "fix-twofold"),
        (("--undo", "--dry-run"), "fix-twofold"),
        (("--forget-backup", "--remote", "x"), "fix-twofold"),
        (("--above", "much"), "size-invalid"),
        (("--remote", "nowhere"), "remote-unknown"),
        (("--undo",), "fix-nothing-to-undo"),
    ],
)
def test_misuse_ends_with_two(repo: Repo, words: tuple[str, ...], reference: str) -> None:
    done = run(repo, *words, "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["reference"] == reference


def test_what_stands_in_the_way_ends_with_one_and_is_told_in_full(repo: Repo) -> None:
    repo.write("x.dat", b"edited")
    repo.write("notes.txt", b"staged\n")
    repo.git("add", "notes.txt")
    done = run(repo, "--yes", "--json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert document["error"]["reference"] == "fix-staged"
    assert [one["reference"] for one in document["also"]] == ["fix-edited"]
    planned = run(repo, "--dry-run", "--json")
    assert planned.returncode == 1
    assert [one["reference"] for one in json.loads(planned.stdout)["plan"]["blockers"]] == ["fix-staged", "fix-edited"]


def test_a_disk_that_refuses_leaves_all_as_it_was(repo: Repo) -> None:
    line = (
        f"ulimit -f 8; exec {sys.executable} -m hfpush fix --yes --json"  # files end at 4 or 8 kB, as the shell has it
    )
    repo.write("large.bin", bytes(range(256)) * 100)
    repo.commit()
    before = look(repo.path)
    done = subprocess.run(["sh", "-c", line], cwd=repo.path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["error"]["reference"] == "file-too-large-for-disk"
    assert look(repo.path) == before
    assert run(repo, "--yes").returncode == 0


def test_one_document_with_json(repo: Repo) -> None:
    done = run(repo, "--yes", "--json")
    assert done.stderr == ""
    assert json.loads(done.stdout)["action"] == "fixed"


def test_a_folder_in_no_repository_is_misuse(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    assert run(Repo(tmp_path / "plain"), "--yes").returncode == 2
    assert run(empty(tmp_path / "empty"), "--yes").stdout == "nothing to mend\n"


def test_a_plan_names_files_commits_refs_signatures_and_room() -> None:
    offences = tuple(Offence("c" * 40, f"{number}\n.bin", "b" * 40, 10) for number in range(25))
    refs = {f"refs/heads/b{number}": "c" * 40 for number in range(7)}
    plan = RewritePlan(Scope({}), offences, (), 3, refs, {"b" * 40: 10}, 10, signed_commits=2, signed_tags=1)
    lines = plan_lines(FixPlan(plan, 5_000_000))
    assert lines[1] == r"  '0\n.bin'  10 B, since commit cccccccccc"
    assert lines[21] == "  and 5 more"
    assert lines[22] == "  commits    3 commits would get new ids; 2 commits and 1 tag would lose the signature"
    assert lines[23] == "  refs       b0, b1, b2, b3, b4 and 2 more; the old ones are kept in refs/hfpush/backup/"
    assert lines[24] == "  disk       10 B for LFS, of 5.0 MB free"


def test_commands_in_a_report_are_for_the_place_that_was_given() -> None:
    lines = report_lines(FixReport("continued", Path("x"), backup="refs/hfpush/backup/x/", refs=2), "my repo")
    assert lines[-2:] == ["  undo    hfpush fix 'my repo' --undo", "  next    hfpush publish 'my repo'"]
