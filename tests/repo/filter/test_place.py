"""Where the filter works: every layout of a repository, and the settings as git has them."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hfpush.errors import LocalTrouble
from hfpush.repo.filter.origin import LfsServer
from hfpush.repo.filter.place import Login, filter_place, is_set

pytestmark = pytest.mark.needs("git")


def git(at: Path, *words: str, stdin: bytes = b"") -> None:
    subprocess.run(["git", *words], cwd=at, check=True, input=stdin, capture_output=True, timeout=60)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "repo")
    return tmp_path / "repo"


def test_a_work_tree_a_folder_below_and_a_linked_one_share_a_store(repo: Path, tmp_path: Path) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", "x")
    git(repo, "worktree", "add", "-q", "../linked")
    (repo / "sub").mkdir()
    stores = {filter_place(place, {}).store.folder for place in (repo, repo / "sub", tmp_path / "linked")}
    assert stores == {repo / ".git/lfs/objects"}


def test_git_dir_as_git_gives_it_counts(repo: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    assert filter_place(tmp_path, {"GIT_DIR": str(repo / ".git")}).common_dir == repo / ".git"
    assert filter_place(repo, {"GIT_DIR": ".git"}).common_dir == repo / ".git"
    assert filter_place(tmp_path / "bare.git", {"GIT_DIR": "."}).common_dir == tmp_path / "bare.git"
    assert filter_place(tmp_path / "bare.git", {}).store.folder == tmp_path / "bare.git/lfs/objects"


def test_settings_of_the_callers_command_line_are_heard(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(repo, "config", "lfs.storage", "shelf")
    assert filter_place(repo, os.environ).store.folder == repo / ".git/shelf/objects"
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "lfs.storage")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "other")
    assert filter_place(repo, os.environ).store.folder == repo / ".git/other/objects"


def test_the_server_is_the_remotes_after_insteadof(repo: Path) -> None:
    git(repo, "remote", "add", "hub", "hf:ada/model")
    git(repo, "config", "url.https://huggingface.co/.insteadOf", "hf:")
    place = filter_place(repo, {})
    assert place.server().url == "https://huggingface.co/ada/model.git/info/lfs"
    assert place.ref == "refs/heads/main"


def test_lfsconfig_is_read_from_the_work_tree_else_from_the_commit_and_runs_nothing(repo: Path) -> None:
    assert filter_place(repo, {}).brought == {}
    (repo / ".lfsconfig").write_text("[lfs]\n\turl = https://x.example.com\n[include]\n\tpath = /dev/stdin\n")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "x")
    assert filter_place(repo, {}).brought["lfs.url"] == "https://x.example.com"
    (repo / ".lfsconfig").unlink()
    assert filter_place(repo, {}).brought["lfs.url"] == "https://x.example.com"
    (repo / ".lfsconfig").write_text("[broken")
    assert filter_place(repo, {}).brought == {}


def test_a_password_is_had_from_a_helper_or_not_at_all(repo: Path) -> None:
    server = LfsServer("https://hub.example.com/ada/model.git/info/lfs")
    assert filter_place(repo, {}).login(server) is None
    helper = "!f() { grep -q ^username= || echo username=x; echo password=y; }; f"
    git(repo, "config", "credential.https://hub.example.com.helper", helper)
    assert filter_place(repo, {}).login(server) == Login("x", "y")
    assert filter_place(repo, {}).login(replace(server, user="ada")) == Login("ada", "y")
    assert filter_place(repo, {}).login(LfsServer("https://other.example.com/x")) is None


def test_a_folder_without_a_repository_is_told(tmp_path: Path) -> None:
    with pytest.raises(LocalTrouble):
        filter_place(tmp_path, {})


@pytest.mark.parametrize(("text", "yes"), [("1", True), ("true", True), ("YES", True), ("0", False), (None, False)])
def test_yes_is_said_as_git_lfs_hears_it(text: str | None, yes: bool) -> None:
    assert is_set(text) is yes
