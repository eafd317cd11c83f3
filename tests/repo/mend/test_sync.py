"""The index and the attribute files follow a commit that is replaced."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from support.mendable import BINARY, Repo, empty

from hfpush.errors import SourceChanged
from hfpush.repo.mend.head_change import HeadChange, head_change
from hfpush.repo.mend.sync import attributes_here, attributes_of, follow, restore, staged_now, write_attributes
from hfpush.repo.repository import Repository

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 5120\n"
LINE = b"*.bin filter=lfs diff=lfs merge=lfs -text\n"


def replaced(repo: Repo) -> HeadChange:
    """The checked-out commit is replaced by one with a pointer and attributes; only the ref has moved."""
    old = repo.git("rev-parse", "HEAD")
    lines = [line for line in repo.git("ls-tree", "-r", old).splitlines() if not line.endswith("\tw.bin")]
    for path, content in {"w.bin": POINTER, ".gitattributes": LINE}.items():
        lines.append(f"100644 blob {repo.git('hash-object', '-w', '--stdin', stdin=content)}\t{path}")
    tree = repo.git("mktree", stdin="\n".join([*lines, ""]).encode())
    new = repo.git("commit-tree", tree, "-m", "new")
    repo.git("update-ref", "HEAD", new)
    return head_change(Repository.open(repo.path), old, new)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = empty(tmp_path / "repo")
    made.write("w.bin", BINARY)
    made.write("other.txt", b"text\n")
    made.commit()
    return made


def bring(repo: Repo, change: HeadChange) -> str | None:
    repository = Repository.open(repo.path)
    wanted = attributes_of(repository, change)
    write_attributes(repository, wanted, instead_of=attributes_here(repository, wanted))
    return follow(repository, change)


@pytest.mark.parametrize("age_seconds", [0, 100])
def test_the_status_is_clean_and_the_file_untouched_whatever_its_age(repo: Repo, age_seconds: int) -> None:
    when = time.time_ns() - age_seconds * 10**9
    os.utime(repo.path / "w.bin", ns=(when, when))
    before = (repo.path / "w.bin").stat()
    change = replaced(repo)
    assert bring(repo, change) == staged_now(Repository.open(repo.path))
    assert repo.status == ""
    assert (repo.path / "w.bin").stat().st_ctime_ns == before.st_ctime_ns
    assert repo.git("diff", "--cached") == ""
    assert bring(repo, change) is None, "it may be done twice"
    bring(repo, change.back())
    assert repo.git("diff", "--cached", change.old) == ""


def test_a_file_as_young_as_the_index_stays_clean_when_git_writes_the_next_one(repo: Repo) -> None:
    repo.write("w.bin", BINARY)
    repo.git("update-index", "--refresh")
    bring(repo, replaced(repo))
    repo.write("other.txt", b"staged\n")
    repo.git("add", "other.txt")
    assert repo.status == "M  other.txt"


@pytest.mark.parametrize("act", ["edited", "gone"])
def test_what_is_not_the_committed_file_stays_modified(repo: Repo, act: str) -> None:
    change = replaced(repo)
    if act == "edited":
        repo.write("w.bin", b"edited")
    else:
        os.unlink(repo.path / "w.bin")
    bring(repo, change)
    assert repo.status == (" M w.bin" if act == "edited" else " D w.bin")


def test_other_staged_changes_are_carried_along(repo: Repo) -> None:
    change = replaced(repo)
    repo.write("other.txt", b"staged\n")
    repo.git("add", "other.txt")
    bring(repo, change)
    assert repo.status == "M  other.txt"


def test_staged_changes_at_a_path_that_changes_stop_it(repo: Repo) -> None:
    change = replaced(repo)
    repo.write("w.bin", b"staged\0")
    repo.git("add", "w.bin")
    before = repo.git("ls-files", "-s")
    with pytest.raises(SourceChanged) as error:
        bring(repo, change)
    assert error.value.finding.reference == "index-changed"
    assert repo.git("ls-files", "-s") == before


def test_edited_attributes_are_not_overwritten(repo: Repo) -> None:
    repository, change = Repository.open(repo.path), replaced(repo)
    wanted = attributes_of(repository, change)
    repo.write(".gitattributes", b"mine\n")
    with pytest.raises(SourceChanged) as error:
        write_attributes(repository, wanted, instead_of={".gitattributes": None})
    assert error.value.finding.reference == "fix-attributes-edited"
    assert (repo.path / ".gitattributes").read_bytes() == b"mine\n"


def test_attributes_keep_their_mode_and_a_link_is_replaced_not_followed(repo: Repo, tmp_path: Path) -> None:
    repository = Repository.open(repo.path)
    (tmp_path / "outside").write_bytes(b"outside")
    os.symlink(tmp_path / "outside", repo.path / ".gitattributes")
    here = attributes_here(repository, {".gitattributes": None})
    write_attributes(repository, {".gitattributes": LINE}, instead_of=here)
    assert (tmp_path / "outside").read_bytes() == b"outside"
    assert not (repo.path / ".gitattributes").is_symlink()
    (repo.path / ".gitattributes").chmod(0o600)
    write_attributes(repository, {".gitattributes": b"x\n"}, instead_of={".gitattributes": LINE})
    assert (repo.path / ".gitattributes").stat().st_mode & 0o777 == 0o600
    write_attributes(repository, {".gitattributes": None}, instead_of={".gitattributes": b"x\n"})
    assert not (repo.path / ".gitattributes").exists()


def test_a_file_that_a_sparse_work_tree_leaves_out_stays_out(repo: Repo) -> None:
    change = replaced(repo)
    repo.git("update-index", "--skip-worktree", "w.bin")
    os.unlink(repo.path / "w.bin")
    bring(repo, change)
    assert repo.status == ""
    assert not (repo.path / "w.bin").exists()


def test_line_ends_that_were_converted_are_not_called_clean(tmp_path: Path) -> None:
    repo = empty(tmp_path / "repo")
    repo.git("config", "core.autocrlf", "true")
    repo.write("w.bin", b"text\r\n" * 1000)
    repo.git("add", "w.bin")
    repo.git("commit", "-q", "-m", "text")
    os.utime(repo.path / "w.bin", ns=(10**18, 10**18))
    repo.git("update-index", "--refresh")
    bring(repo, replaced(repo))
    assert repo.status == " M w.bin", "the object has other bytes than the file"


@pytest.mark.parametrize("changed", [False, True])
def test_a_saved_index_comes_back_only_where_nothing_else_was_staged(repo: Repo, tmp_path: Path, changed: bool) -> None:
    repository = Repository.open(repo.path)
    saved = tmp_path / "saved"
    saved.write_bytes((repo.path / ".git/index").read_bytes())
    before, change = repo.git("ls-files", "-s", "--debug"), replaced(repo)
    staged = bring(repo, change) or ""
    if changed:
        repo.write("new.txt", b"")
        repo.git("add", "new.txt")
    assert restore(repository, saved, staged=staged) is not changed
    assert (repo.git("ls-files", "-s", "--debug") == before) is not changed
