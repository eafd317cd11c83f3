from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.command_line import git

from hfpush.repo.audit.scoping import everything
from hfpush.repo.audit.tip import MOST_TIPS, Tip, read_tip, tips_of
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository
from hfpush.repo.scope import Scope

pytestmark = pytest.mark.needs("git")
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 5\n" % (b"0" * 64)
LFS = b" filter=lfs diff=lfs merge=lfs -text\n"


def commit(repo: Path, files: dict[str, bytes], *, links: dict[str, bytes] | None = None) -> Repository:
    """Commits blobs as they are, with no filter and no file system in between."""
    if not repo.exists():
        repo.mkdir()
        git(repo, "init", "-q")
    lines = b""
    for mode, names in ((b"100644", files), (b"120000", links or {})):
        for name, content in names.items():
            id = git(repo, "hash-object", "-w", "--stdin", stdin=content).encode()
            lines += mode + b" " + id + b"\t" + os.fsencode(name) + b"\0"
    git(repo, "update-index", "-z", "--add", "--index-info", stdin=lines)
    git(repo, "commit", "-q", "-m", "files")
    return Repository.around(repo)


def tip_at(repository: Repository, commit: str) -> Tip:
    with ObjectReader(repository.git, partial=repository.partial) as reader:
        return read_tip(repository, reader, commit, ["refs/heads/main"])


def tip_of(repository: Repository) -> Tip:
    return tip_at(repository, repository.head)


def test_a_tree_is_read_with_its_attributes_links_pointers_and_card(tmp_path: Path) -> None:
    files = {
        ".gitattributes": b"*.bin" + LFS,
        "sub/.gitattributes": b"*.bin -filter\n",
        "w.bin": POINTER,
        "raw.bin": b"x" * 2000,
        "sub/a.bin": b"12",
        "README.md": b"a card",
        "odd\n\udcff": b"",
    }
    tip = tip_of(commit(tmp_path / "r", files, links={"l": b"../x"}))
    assert {entry.path for entry in tip.entries} == {*files, "l"}
    assert {entry.size for entry in tip.entries if entry.path == "raw.bin"} == {2000}
    assert set(tip.attributes) == {"", "sub"}
    assert tip.lfs == {"w.bin", "raw.bin"}
    assert tip.by_top == {"w.bin", "raw.bin", "sub/a.bin"}
    assert tip.pointers == {"w.bin"}
    assert tip.links == {"l": "../x"}
    assert tip.card == b"a card"


def test_an_attribute_file_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    repository = commit(tmp_path / "r", {"real": b"*.bin" + LFS, "w.bin": POINTER}, links={".gitattributes": b"real"})
    assert tip_of(repository).attributes == {}
    assert tip_of(repository).lfs == frozenset()


def test_a_hostile_tree_writes_nothing_outside(tmp_path: Path) -> None:
    repository = commit(tmp_path / "r", {"a": b"1"})
    attributes = git(repository.git.directory, "hash-object", "-w", "--stdin", stdin=b"*" + LFS)
    inner = git(tmp_path / "r", "mktree", stdin=f"100644 blob {attributes}\t.gitattributes\n".encode())
    for name in ("..", ".git", "x" * 300):
        # mktree refuses no name here; that is how such trees come into the world.
        tree = git(tmp_path / "r", "mktree", stdin=f"040000 tree {inner}\t{name}\n".encode())
        made = git(tmp_path / "r", "commit-tree", "-m", "x", tree)
        tip = tip_at(repository, made)
        assert [entry.path for entry in tip.entries] == [f"{name}/.gitattributes"]
        assert tip.attributes == {}


def test_a_partial_clone_is_not_filled(tmp_path: Path) -> None:
    origin = commit(tmp_path / "r", {"a": b"1", "b": b"2" * 3000, ".gitattributes": b"*.bin" + LFS})
    git(tmp_path / "r", "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", (tmp_path / "r").as_uri(), "p")
    repository = Repository.around(tmp_path / "p")
    before = git(tmp_path / "p", "count-objects", "-v")
    tip = tip_at(repository, origin.head)
    assert {entry.size for entry in tip.entries} == {-1}
    assert tip.unknown == {"a", "b", ".gitattributes"}
    assert git(tmp_path / "p", "count-objects", "-v") == before


def test_each_tree_is_read_once_and_heads_branch_first(tmp_path: Path) -> None:
    repository = commit(tmp_path / "r", {"a": b"1"})
    git(tmp_path / "r", "branch", "aaa")
    git(tmp_path / "r", "tag", "v1")
    [tip] = tips_of(repository, everything(repository))
    assert tip.refs == ("refs/heads/main", "refs/heads/aaa")
    git(tmp_path / "r", "switch", "-q", "aaa")
    repository = commit(tmp_path / "r", {"b": b"1"})
    assert [tip.refs for tip in tips_of(repository, everything(repository))] == [
        ("refs/heads/aaa",),
        ("refs/heads/main",),
    ]


def test_tags_count_where_there_is_nothing_else_and_known_tips_do_not(tmp_path: Path) -> None:
    repository = commit(tmp_path / "r", {"a": b"1"})
    git(tmp_path / "r", "tag", "-a", "-m", "x", "v1")
    annotated = git(tmp_path / "r", "rev-parse", "v1")
    blob = git(tmp_path / "r", "rev-parse", "HEAD:a")
    [tip] = tips_of(repository, Scope({"refs/tags/v1": annotated, "refs/tags/blob": blob}))
    assert tip.commit == repository.head
    assert list(tips_of(repository, Scope({"HEAD": repository.head}, frozenset({repository.head})))) == []


def test_many_branches_are_looked_at_up_to_a_bound(tmp_path: Path) -> None:
    repository = commit(tmp_path / "r", {"a": b"0"})
    tips = {"refs/heads/main": repository.head}
    for number in range(MOST_TIPS + 3):
        tree = git(tmp_path / "r", "mktree", stdin=b"") if number == 0 else None
        blob = git(tmp_path / "r", "hash-object", "-w", "--stdin", stdin=str(number).encode())
        tree = tree or git(tmp_path / "r", "mktree", stdin=f"100644 blob {blob}\ta\n".encode())
        tips[f"refs/heads/b{number}"] = git(tmp_path / "r", "commit-tree", "-m", "x", tree)
    assert len(list(tips_of(repository, Scope(tips)))) == MOST_TIPS
