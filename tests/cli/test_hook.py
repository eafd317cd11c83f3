"""`hfpush hook`: what it says of what it did, and the way there and back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.hooked import Place
from typer.testing import CliRunner

from hfpush.cli.app import app

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    subprocess.run(["git", "init", "-q", "repo"], cwd=tmp_path, check=True, timeout=60)
    return Place(tmp_path / "repo")


def told(place: Place, *words: str) -> str:
    done = CliRunner().invoke(app, ["hook", words[0], str(place.path), *words[1:]])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_pre_commit_is_installed_once_and_taken_out_again(place: Place) -> None:
    assert told(place, "install").startswith("pre-commit: added (")
    assert told(place, "install").startswith("pre-commit: is there already (")
    assert told(place, "status").startswith("pre-commit: installed (")
    assert told(place, "uninstall").startswith("pre-commit: removed (")
    assert told(place, "uninstall").splitlines() == [
        "pre-commit: hfpush is not in it",
        "pre-push: hfpush is not in it",
    ]


def test_pre_push_comes_when_it_is_asked_for_and_says_what_follows(place: Place) -> None:
    said = told(place, "install", "--pre-push")
    assert said.startswith("pre-push: added (")
    assert "git lfs install says from now on" in said
    assert "pre-commit: added" in told(place, "install", "--all")
    assert told(place, "uninstall", "--pre-push").startswith("pre-push: removed (")
    assert "pre-commit: installed" in told(place, "status")


def test_a_hook_that_is_there_is_named(place: Place) -> None:
    hook = place.path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho mine\n")
    hook.chmod(0o755)
    assert "beside what is in it" in told(place, "install")
    assert "it does more than that" in told(place, "status")
    hook.write_text(hook.read_text().replace("export LC_ALL=C", "export LC_ALL=POSIX"))
    assert "of another version" in told(place, "status")
    assert "renewed" in told(place, "install")
    assert "taken out; what else is in it stays" in told(place, "uninstall")
    assert hook.read_text() == "#!/bin/sh\necho mine\n"


def test_what_cannot_be_told_ends_with_1(place: Place) -> None:
    place.done("config", "--global", "core.hooksPath", "/srv/hooks")
    done = CliRunner().invoke(app, ["hook", "status", str(place.path)])
    assert done.exit_code == 1
    assert "hooks-shared" in done.stderr
