from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.ailing import Room
from support.ailments.repositories import commit, git, new_repo, write

from hfpush.commands.audit import remotes_of
from hfpush.commands.doctor_config import Configured, read_configured
from hfpush.diagnose.facts.asked import Question
from hfpush.repo.repository import Repository

HUB = Question(endpoint="https://hf.test", endpoint_name="hf", repo_id="acme/model")
LFS_HOOK = '#!/bin/sh\ncommand -v git-lfs >/dev/null 2>&1 || exit 2\ngit lfs pre-push "$@"\n'


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return new_repo(Room(tmp_path))


def configured(repo: Path, question: Question = HUB) -> Configured:
    repository = Repository.around(repo)
    return read_configured(repository, question, remotes_of(repository))


def hook(folder: Path, text: str, mode: int = 0o755) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pre-push").write_text(text)
    (folder / "pre-push").chmod(mode)


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        (LFS_HOOK, "git-lfs"),
        ("#!/bin/sh\nhfpush-hook pre-push || exit 1\n", "hfpush"),
        ("#!/bin/sh\n./run-tests\n", "other"),
        ("#!/bin/sh\n# git lfs pre-push was here\n", "other"),
    ],
)
def test_a_hook_is_told_by_what_it_calls(repo: Path, text: str, whose: str) -> None:
    hook(repo / ".git/hooks", text)
    found = configured(repo)
    assert (found.hook, found.hook_idle, found.hooks_path) == (whose, False, str(repo / ".git/hooks"))


def test_a_hook_that_may_not_be_executed_is_idle(repo: Path) -> None:
    hook(repo / ".git/hooks", LFS_HOOK, 0o644)
    found = configured(repo)
    assert (found.hook, found.hook_idle) == ("git-lfs", True)


def test_hooks_are_looked_for_where_git_looks(repo: Path) -> None:
    hook(repo / ".git/hooks", LFS_HOOK)
    git(repo, "config", "core.hooksPath", ".githooks")
    assert (configured(repo).hook, configured(repo).hooks_path) == ("", str(repo / ".githooks"))
    hook(repo / ".githooks", LFS_HOOK)
    assert configured(repo).hook == "git-lfs"


@pytest.mark.parametrize(
    ("process", "whose"),
    [
        ("git-lfs filter-process", "git-lfs"),
        ("/opt/bin/hfpush lfs filter-process", "hfpush"),
        ("annex-filter", "other"),
        (None, ""),
    ],
)
def test_the_filter_is_told_by_what_it_starts(repo: Path, process: str | None, whose: str) -> None:
    if process is not None:
        git(repo, "config", "filter.lfs.process", process)
    assert configured(repo).filter == whose


def test_traps_are_told_in_the_words_of_a_publish(repo: Path) -> None:
    git(repo, "config", "lfs.basictransfersonly", "true")
    git(repo, "config", "lfs.customtransfer.multipart.path", "/gone/agent")
    write(repo, {".lfsconfig": "[lfs]\n\turl = https://lfs.example/acme/model\n"})
    commit(repo)
    found = configured(repo)
    assert found.multipart == "/gone/agent"
    assert [one.reference for one in found.findings] == ["lfs-elsewhere", "lfs-agent-missing", "lfs-basic-only"]


def test_of_a_repository_that_leads_nowhere_nothing_is_said(repo: Path) -> None:
    git(repo, "remote", "remove", "origin")
    git(repo, "config", "lfs.basictransfersonly", "true")
    write(repo, {".lfsconfig": "[lfs]\n\turl = https://lfs.example/acme/model\n"})
    commit(repo)
    assert configured(repo, replace(HUB, repo_id="")).findings == ()


def test_settings_that_git_cannot_read_are_a_finding(repo: Path) -> None:
    repository = Repository.around(repo)
    with (repo / ".git/config").open("a") as file:
        file.write("[broken\n")
    assert [one.reference for one in read_configured(repository, HUB, ()).findings] == ["git-failed"]
