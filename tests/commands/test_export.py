"""A mended copy of a history: the same each time, kept under a ref of its own, and nothing else moves."""

from __future__ import annotations

from pathlib import Path

from support.command_line import git

from hfpush.commands.export import EXPORTS, export
from hfpush.lfs.pointer import parse_pointer
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.values import Offence
from hfpush.repo.scope import Scope


def commit(path: Path, name: str, content: bytes) -> str:
    (path / name).write_bytes(content)
    git(path, "add", "-A")
    git(path, "commit", "-q", "-m", name)
    return git(path, "rev-parse", "HEAD")


def exported(path: Path, offences: list[Offence]) -> str:
    repository = Repository.open(path)
    return export(repository, Scope({"HEAD": repository.head}), offences, "main")[0]


def test_a_copy_has_pointers_and_is_kept_and_grows_with_its_history(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    first = commit(tmp_path, "a.txt", b"a")
    second = commit(tmp_path, "b.bin", b"\0" * 50)
    before = git(tmp_path, "rev-parse", "refs/heads/main")
    offence = Offence(second, "b.bin", git(tmp_path, "rev-parse", "HEAD:b.bin"), 50)
    copy = exported(tmp_path, [offence])
    assert git(tmp_path, "rev-parse", f"{copy}^") == first
    text = git(tmp_path, "cat-file", "blob", f"{copy}:b.bin").encode()
    pointer = parse_pointer(text)
    assert pointer is not None
    assert pointer.size == 50
    assert git(tmp_path, "rev-parse", f"{EXPORTS}main") == copy
    assert git(tmp_path, "rev-parse", "refs/heads/main") == before
    commit(tmp_path, "c.txt", b"c")
    assert git(tmp_path, "rev-parse", f"{exported(tmp_path, [offence])}^") == copy


def test_a_history_without_offences_is_its_own_copy(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    head = commit(tmp_path, "a.txt", b"a")
    assert exported(tmp_path, []) == head
