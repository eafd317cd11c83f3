"""Registering the agent: what it replaces, what is in its way, and that it all goes away again."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hfpush.commands.lfs_enable import AgentReport, AgentRequest, agent_status, disable_agent, enable_agent
from hfpush.errors import LocalTrouble, Misuse

pytestmark = pytest.mark.needs("git")
PREFIX = "lfs.customtransfer.multipart"


def git(place: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=place, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    place = tmp_path / "my model"
    git(tmp_path, "init", "-q", str(place))
    return place


def request(path: Path, *, everywhere: bool = False) -> AgentRequest:
    return AgentRequest(path, os.environ, everywhere=everywhere)


def ends(report: AgentReport) -> tuple[str, list[str]]:
    return report.done, [one.reference for one in report.findings]


def test_it_is_registered_once_and_taken_back(repo: Path) -> None:
    old = (repo / ".git/config").read_text()
    report = enable_agent(request(repo))
    assert ends(report) == ("enabled", [])
    assert report.file == repo / ".git/config"
    assert report.program is not None
    assert report.program.endswith("hfpush lfs agent")
    assert Path(git(repo, "config", f"{PREFIX}.path")).is_absolute()
    assert git(repo, "config", f"{PREFIX}.direction") == "both"
    assert f"hfpush lfs enable-largefiles '{repo}'" in git(repo, "config", f"{PREFIX}.args").replace("'\"'\"'", "'")
    assert ends(enable_agent(request(repo))) == ("unchanged", [])
    assert agent_status(repo).agent == "hfpush"
    assert disable_agent(request(repo)).done == "disabled"
    assert (repo / ".git/config").read_text() == old
    assert disable_agent(request(repo)).done == "unchanged"
    assert agent_status(repo).agent == "none"


@pytest.mark.parametrize(
    ("path", "args", "kind", "seen"),
    [
        ("huggingface-cli", "lfs-multipart-upload", "huggingface_hub", "which is not there"),
        ("/bin/sh", "lfs-multipart-upload", "huggingface_hub", "kept for hfpush lfs disable-largefiles"),
        ("/nowhere/hfpush", "lfs agent", "hfpush", "which is not there"),
        ("/bin/sh", "x", "another", "kept for hfpush lfs disable-largefiles"),
    ],
)
def test_what_stood_there_is_told_and_replaced(
    path: str, args: str, kind: str, seen: str, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    git(repo, "config", f"{PREFIX}.path", path)
    git(repo, "config", f"{PREFIX}.args", args)
    status = agent_status(repo)
    assert status.agent == kind
    assert (status.repair is not None) == (seen == "which is not there")
    report = enable_agent(request(repo))
    assert ends(report) == ("enabled", ["lfs-agent-replaced"])
    assert report.findings[0].evidence == (f"it was: {path} {args}, {seen}",)
    assert agent_status(repo).agent == "hfpush"
    disable_agent(request(repo))
    assert agent_status(repo).agent == ("none" if kind == "hfpush" else kind)


def test_one_of_our_own_that_has_moved_is_replaced_without_a_word(repo: Path) -> None:
    enable_agent(request(repo))
    git(repo, "config", f"{PREFIX}.path", "/bin/sh")
    assert ends(enable_agent(request(repo))) == ("enabled", [])


def test_it_can_be_for_all_repositories_of_a_user(repo: Path, home: Path) -> None:
    report = enable_agent(request(repo, everywhere=True))
    assert ends(report) == ("enabled", [])
    assert report.file == home / ".gitconfig"
    assert agent_status(repo).file == str(home / ".gitconfig")
    assert agent_status(home).agent == "hfpush"
    assert disable_agent(request(repo, everywhere=True)).done == "disabled"
    assert PREFIX not in (home / ".gitconfig").read_text()


def test_what_is_in_its_way_is_told(repo: Path) -> None:
    git(repo, "config", f"{PREFIX}.path", "hf")
    git(repo, "config", f"{PREFIX}.args", "lfs-multipart-upload")
    git(repo, "config", "lfs.basictransfersonly", "true")
    report = enable_agent(request(repo, everywhere=True))
    assert report.done == "enabled"
    assert enable_agent(request(repo)).findings[-1].remedy == ("git config --local lfs.basictransfersonly false",)


def test_a_repository_that_overrules_the_user_is_told(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo)
    git(repo, "config", f"{PREFIX}.path", "hf")
    git(repo, "config", f"{PREFIX}.args", "lfs-multipart-upload")
    report = enable_agent(request(repo, everywhere=True))
    assert ends(report) == ("enabled", ["lfs-agent-overruled"])
    assert report.findings[0].remedy[0] == f"hfpush lfs enable-largefiles {str(repo)!r}"


def test_outside_of_a_repository_it_has_no_place(tmp_path: Path) -> None:
    with pytest.raises(Misuse):
        enable_agent(request(tmp_path))
    assert agent_status(tmp_path).agent == "none"


def test_a_program_that_does_not_start_is_not_registered(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo.parent / "bin").mkdir()
    program = repo.parent / "bin/hfpush"
    program.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.argv", [str(program)])
    old = (repo / ".git/config").read_text()
    with pytest.raises(LocalTrouble) as told:
        enable_agent(request(repo))
    assert told.value.finding.reference == "agent-unstartable"
    assert told.value.finding.evidence == (f"{program}: broken",)
    assert (repo / ".git/config").read_text() == old
