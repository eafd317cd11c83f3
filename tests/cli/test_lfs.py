"""`hfpush lfs` as a person sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.filter_talk import bare_path

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def hfpush(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("PATH", bare_path(tmp_path / "bin"))

    def run(*words: str, stdin: bytes = b"") -> tuple[int, str, str]:
        command = [sys.executable, "-m", "hfpush", "lfs", *words]
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


def test_install_status_and_uninstall_say_what_is_so(hfpush, home: Path) -> None:  # type: ignore[no-untyped-def]
    file = home / ".gitconfig"
    assert hfpush("install") == (0, f"git runs hfpush for LFS files now: {file}\n", "")
    assert hfpush("install") == (0, f"nothing to do: {file}\n", "")
    code, said, _ = hfpush("status", str(home))
    assert code == 0
    assert said.splitlines()[0] == "filter  hfpush"
    assert f"set in  {file}" in said
    assert "git-lfs is not installed" in said
    assert json.loads(hfpush("status", str(home), "--json")[1])["filter"] == "hfpush"
    assert hfpush("uninstall") == (0, f"git no longer runs hfpush for LFS files: {file}\n", "")
    assert json.loads(hfpush("uninstall", "--json")[1])["done"] == "unchanged"


def test_a_path_in_no_repository_is_misuse(hfpush, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, _, said = hfpush("install", "--local", str(tmp_path))
    assert (code, said.splitlines()[0]) == (2, "error: not-a-repo")


def test_help_names_what_people_use_and_not_what_git_uses(hfpush) -> None:  # type: ignore[no-untyped-def]
    code, said, _ = hfpush("--help")
    assert code == 0
    assert all(word in said for word in ("install", "uninstall", "status", "enable-largefiles"))
    assert "filter-process" not in said
    assert "transfer agent" not in said
    assert hfpush("agent", "--help")[0] == 0
    assert hfpush("filter-process", "--help")[0] == 0


def test_the_agent_is_registered_shown_and_taken_back(hfpush, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    subprocess.run(["git", "init", "-q", str(tmp_path / "repo")], check=True, timeout=30)
    repo, file = str(tmp_path / "repo"), tmp_path / "repo/.git/config"
    assert "agent   none: git-lfs sends large files whole" in hfpush("status", repo)[1]
    assert hfpush("enable-largefiles", repo) == (0, f"git-lfs sends large files with hfpush now: {file}\n", "")
    assert hfpush("enable-largefiles", repo) == (0, f"nothing to do: {file}\n", "")
    said = hfpush("status", repo)[1]
    assert "agent   hfpush\n" in said
    assert "hfpush lfs agent\n" in said
    assert "MISSING" not in said
    assert json.loads(hfpush("status", repo, "--json")[1])["agent"]["agent"] == "hfpush"
    subprocess.run(["git", "config", "lfs.customtransfer.multipart.path", "/nowhere/hfpush"], cwd=repo, check=True)
    said = hfpush("status", repo)[1]
    assert f"MISSING that program is not there; run: hfpush lfs enable-largefiles {repo}\n" in said
    report = json.loads(hfpush("enable-largefiles", repo, "--json")[1])
    assert (report["done"], report["findings"][0]["reference"]) == ("enabled", "lfs-agent-replaced")
    code, said, _ = hfpush("disable-largefiles", repo)
    assert (code, said) == (0, f"git-lfs no longer sends large files with hfpush: {file}\n")
    assert json.loads(hfpush("disable-largefiles", repo, "--json")[1])["done"] == "unchanged"


def test_an_agent_in_no_repository_is_misuse(hfpush, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, said, _ = hfpush("enable-largefiles", str(tmp_path), "--json")
    assert (code, json.loads(said)["error"]["reference"]) == (2, "not-a-repo")
