"""The settings as git has them, each with its place; and the .lfsconfig of work tree, index and commit."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hfpush.repo.config_traps import brought_by_folder, brought_with, lacking_programs, settings_of
from hfpush.repo.repository import Repository
from hfpush.repo.trap_rules import Setting

pytestmark = pytest.mark.needs("git")


def git(repo: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=repo, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    place = tmp_path / "repo"
    place.mkdir()
    git(place, "init", "-q")
    (place / "README.md").write_text("x\n")
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "first")
    return place


def test_each_setting_has_its_file_and_line_also_in_an_included_file(repo: Path, home: Path, tmp_path: Path) -> None:
    (tmp_path / "more").write_text("# a note\n[lfs]\n\n\turl = https://x.example/lfs\n\tbasictransfersonly\n")
    git(repo, "config", "include.path", str(tmp_path / "more"))
    git(repo, "config", "remote.origin.url", "https://huggingface.co/ada/model")
    with (home / ".gitconfig").open("a") as out:
        out.write("[https]\n\tproxy = http://p:1\n")
    found = {one.key: one for one in settings_of(Repository.open(repo))}
    assert found["lfs.url"] == Setting(
        "lfs.url", "https://x.example/lfs", str(tmp_path / "more"), 4, str(tmp_path / "more")
    )
    assert (found["lfs.basictransfersonly"].value, found["lfs.basictransfersonly"].line) == ("true", 5)
    own = (repo / ".git/config").read_text().splitlines()
    assert own[(found["remote.origin.url"].line or 0) - 1].strip() == "url = https://huggingface.co/ada/model"
    assert Path(found["remote.origin.url"].file or "").samefile(repo / ".git/config")
    assert (home / ".gitconfig").read_text().splitlines()[
        (found["https.proxy"].line or 0) - 1
    ] == "\tproxy = http://p:1"


def test_a_setting_that_stands_in_no_file_is_left_out(repo: Path) -> None:
    assert "core.hookspath" not in {one.key for one in settings_of(Repository.open(repo))}, "that is one of ours"


def test_a_lfsconfig_is_read_in_the_work_tree_the_index_and_the_commit(repo: Path) -> None:
    file = repo / ".lfsconfig"
    file.write_text("[lfs]\n\turl = https://commit.example\n")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "second")
    file.write_text("[lfs]\n\turl = https://index.example\n")
    git(repo, "add", ".")
    file.write_text("\n[lfs]\n\turl = https://tree.example\n")
    opened = Repository.open(repo)
    found = {one.value: one for one in brought_with(opened, opened.head)}
    assert {url: (one.where, one.line) for url, one in found.items()} == {
        "https://tree.example": (str(file), 3),
        "https://index.example": (".lfsconfig in the index", 2),
        "https://commit.example": (f".lfsconfig in the commit {opened.head[:12]}", 2),
    }
    assert all(one.brought for one in found.values())


def test_the_same_text_is_told_once(repo: Path) -> None:
    (repo / ".lfsconfig").write_text("[lfs]\n\turl = https://x.example\n")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "second")
    opened = Repository.open(repo)
    assert [one.where for one in brought_with(opened, opened.head)] == [str(repo / ".lfsconfig")]
    (repo / ".lfsconfig").unlink()
    assert [one.where for one in brought_with(opened, opened.head)] == [".lfsconfig in the index"]


def test_a_bare_repository_has_its_commit_alone(repo: Path, tmp_path: Path) -> None:
    (repo / ".lfsconfig").write_text("[lfs]\n\turl = https://x.example\n")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "second")
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare")
    opened = Repository.open(tmp_path / "bare")
    assert [one.where for one in brought_with(opened, opened.head)] == [f".lfsconfig in the commit {opened.head[:12]}"]


@pytest.mark.parametrize("content", [b"", b"[broken", b"\0\xff", b"[include]\n\tpath = /dev/stdin\n"])
def test_what_is_no_configuration_leads_nowhere(content: bytes, tmp_path: Path) -> None:
    (tmp_path / ".lfsconfig").write_bytes(content)
    assert {one.key for one in brought_by_folder(tmp_path)} <= {"include.path"}


def test_a_pipe_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".lfsconfig")
    assert brought_by_folder(tmp_path) == ()


def test_what_a_link_leads_to_counts_as_git_lfs_reads_it(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("[lfs]\n\turl = https://x.example\n")
    (tmp_path / ".lfsconfig").symlink_to("real")
    assert [one.value for one in brought_by_folder(tmp_path)] == ["https://x.example"]


def test_an_agent_is_there_when_it_can_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    for name, mode in (("agent", 0o755), ("text", 0o644)):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\n")
        (tmp_path / "bin" / name).chmod(mode)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    named = ["agent", "text", "gone", str(tmp_path / "bin/agent"), "bin/agent", "~/bin/agent", "/gone/agent", ""]
    settings = tuple(Setting("lfs.customtransfer.x.path", value, "", None) for value in named)
    assert lacking_programs(settings, tmp_path) == {"text", "gone", "/gone/agent"}
