"""Revisions, trees and blobs are read as they are."""

import pytest

from hfpush.localhub.gitcmd import GitFailed, git
from hfpush.localhub.gitcommit import Change, commit
from hfpush.localhub.gittree import blob, blobs, entries_at, entry_at, file_at, list_tree, pointers, resolve_revision
from hfpush.localhub.pointer import Pointer

POINTER = Pointer("ab" * 32, 123456)
FILES = {"a.txt": b"A", "d/e/f.bin": bytes(POINTER), "d/ü \t.txt": b"umlaut", "empty": b"", "z": b"z" * 2000}


@pytest.fixture
def bare(tmp_path):
    path = tmp_path / "r.git"
    git(path, "init", "-q", "--bare", "--initial-branch=main")
    changes = [Change(name, content) for name, content in FILES.items()]
    commit(path, changes, message="m", author="local", when=0, parent=None)
    return path


def head(bare):
    return resolve_revision(bare, "main")


def test_revisions_by_branch_tag_ref_and_commit_id(bare):
    oid = head(bare)
    git(bare, "tag", "v1", oid)
    git(bare, "-c", "user.name=x", "-c", "user.email=x", "tag", "-a", "-m", "annotated", "v2", oid)
    git(bare, "update-ref", "refs/pr/1", oid)
    spellings = ["main", "refs/heads/main", "v1", "v2", "refs/pr/1", oid, oid[:7]]
    assert [resolve_revision(bare, spelling) for spelling in spellings] == [oid] * 7


def test_packed_refs_and_a_branch_called_like_a_commit(bare):
    first = head(bare)
    git(bare, "pack-refs", "--all")
    assert resolve_revision(bare, "main") == first
    second = commit(bare, [], message="m", author="local", when=0, parent=first)
    git(bare, "update-ref", f"refs/heads/{second}", first)
    assert resolve_revision(bare, second) == first


@pytest.mark.parametrize("revision", ["nope", "main~1", "HEAD^", "0" * 40, "beef", "", "main\nmain", "refs/heads/nope"])
def test_what_is_no_revision_is_none(bare, revision):
    assert resolve_revision(bare, revision) is None


def test_a_blob_or_tree_id_is_no_revision(bare):
    assert resolve_revision(bare, entry_at(bare, head(bare), "a.txt").oid) is None


def test_one_level_and_all_levels(bare):
    assert [entry.path for entry in list_tree(bare, head(bare))] == ["a.txt", "d", "empty", "z"]
    assert [entry.path for entry in list_tree(bare, head(bare), "d")] == ["d/e", "d/ü \t.txt"]
    every = list_tree(bare, head(bare), recursive=True)
    assert [(entry.type, entry.path) for entry in every] == [
        ("blob", "a.txt"),
        ("tree", "d"),
        ("tree", "d/e"),
        ("blob", "d/e/f.bin"),
        ("blob", "d/ü \t.txt"),
        ("blob", "empty"),
        ("blob", "z"),
    ]
    assert every[-1].size == 2000


def test_no_such_folder(bare):
    assert list_tree(bare, head(bare), "nope") is None
    assert list_tree(bare, head(bare), "a.txt") is None


def test_entries_at_paths_leave_out_what_is_missing(bare):
    found = entries_at(bare, head(bare), ["a.txt", "nope", "d", "d/e/f.bin", "a b"])
    assert {path: entry.type for path, entry in found.items()} == {"a.txt": "blob", "d": "tree", "d/e/f.bin": "blob"}
    assert found["a.txt"].size == 1
    assert entry_at(bare, head(bare), "nope") is None


def test_a_file_comes_with_its_content(bare):
    entry, content = file_at(bare, head(bare), "z")
    assert (entry, content) == (entry_at(bare, head(bare), "z"), FILES["z"])
    assert file_at(bare, head(bare), "empty")[1] == b""
    assert file_at(bare, head(bare), "d") is None
    assert file_at(bare, head(bare), "no pe") is None


def test_blobs_come_in_one_go(bare):
    entries = [entry for entry in list_tree(bare, head(bare), recursive=True) if entry.type == "blob"]
    contents = blobs(bare, [entry.oid for entry in entries] + ["0" * 40, head(bare)])
    assert sorted(contents.values()) == sorted(FILES.values())
    assert blob(bare, entries[0].oid) == b"A"
    with pytest.raises(GitFailed):
        blob(bare, "0" * 40)


def test_pointers_are_found_among_entries(bare):
    entries = list_tree(bare, head(bare), recursive=True)
    assert list(pointers(bare, entries).values()) == [POINTER]
