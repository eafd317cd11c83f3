"""`hfpush fetch` as people type it: where the files go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import CommandLine, git

from hfpush.localhub import LocalHub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub") as running:
        repo = running.create("local/model")
        blob = git(repo.path, "hash-object", "-w", "--stdin", stdin=b"hello\n")
        tree = git(repo.path, "mktree", stdin=f"100644 blob {blob}\thello.txt\n".encode())
        commit = git(repo.path, "commit-tree", tree, "-m", "one file")
        git(repo.path, "update-ref", "refs/heads/main", commit)
        yield running


@pytest.mark.needs("git")
def test_local_dir_gets_the_files_and_the_cache_stays_empty(tmp_path: Path, hub: LocalHub) -> None:
    said = CommandLine(tmp_path, hub).run("fetch", "local/model", "--local-dir", str(tmp_path / "here"))
    assert (said.code, said.out) == (0, f"{tmp_path / 'here'}\n"), said
    assert (tmp_path / "here/hello.txt").read_bytes() == b"hello\n"
    assert not (Path.home() / ".cache/huggingface/hub").exists()


@pytest.mark.needs("git")
def test_the_cache_of_the_environment_is_used_unless_another_is_named(tmp_path: Path, hub: LocalHub) -> None:
    line = CommandLine(tmp_path, hub)
    said = line.run("fetch", "local/model", HF_HUB_CACHE=str(tmp_path / "cache"))
    assert said.code == 0
    assert Path(said.out.strip()).is_relative_to(tmp_path / "cache")
    said = line.run(
        "fetch", "local/model", "--cache-dir", str(tmp_path / "other"), HF_HUB_CACHE=str(tmp_path / "cache")
    )
    assert said.code == 0
    assert Path(said.out.strip()).is_relative_to(tmp_path / "other")


@pytest.mark.needs("git")
def test_a_cache_and_a_folder_exclude_each_other(tmp_path: Path, hub: LocalHub) -> None:
    said = CommandLine(tmp_path, hub).run(
        "fetch", "local/model", "--cache-dir", str(tmp_path / "a"), "--local-dir", str(tmp_path / "b"), "--json"
    )
    assert (said.code, said.reference) == (2, "two-places")
