"""`hfpush hook run`: what hooks start."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.hooked import Place
from typer.testing import CliRunner

from hfpush.cli.app import app
from hfpush.cli.hook_run import push_lines
from hfpush.commands.hook_push import PrePushReport
from hfpush.transfer.observe import UploadReport

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    subprocess.run(["git", "init", "-q", "repo"], cwd=tmp_path, check=True, timeout=60)
    monkeypatch.chdir(tmp_path / "repo")
    return Place(tmp_path / "repo")


def test_pre_commit_judges_what_is_staged(place: Place) -> None:
    assert CliRunner().invoke(app, ["hook", "run", "pre-commit"]).exit_code == 0
    place.write("logo.png", b"\x89PNG\0")
    place.done("add", ".")
    done = CliRunner().invoke(app, ["hook", "run", "pre-commit"])
    assert done.exit_code == 1
    assert "commit-refused" in done.stderr


@pytest.mark.parametrize(("refs", "code"), [("", 0), ("hello\n", 2)])
def test_pre_push_reads_the_refs_from_git(place: Place, refs: str, code: int) -> None:
    done = CliRunner().invoke(app, ["hook", "run", "pre-push", "origin", "https://example.com/x"], input=refs)
    assert (done.exit_code, done.stdout) == (code, "")


def test_a_push_that_sent_nothing_is_no_word() -> None:
    assert push_lines(PrePushReport(3)) == []
    assert push_lines(
        PrePushReport(3, UploadReport(sent=("a",), resumed=("b",), present=("c",), bytes_sent=2_000_000))
    ) == ["hfpush sent 2 large files, 2.0 MB on the wire"]
