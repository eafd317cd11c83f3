"""Commits are whole, and a ref moves only from where it was seen."""

import contextlib
import threading

import pytest

from hfpush.localhub.gitcmd import git, git_text
from hfpush.localhub.gitcommit import NO_COMMIT, Change, RefMoved, commit, commit_tree, update_ref, write_tree
from hfpush.localhub.gittree import list_tree, resolve_revision

MAIN = "refs/heads/main"


@pytest.fixture
def bare(tmp_path):
    git(tmp_path / "r.git", "init", "-q", "--bare", "--initial-branch=main")
    return tmp_path / "r.git"


def put(bare, parent, **files):
    changes = [Change(path, content) for path, content in files.items()]
    return commit(bare, changes, message="m", author="local", when=0, parent=parent)


def names(bare, commit):
    return [entry.path for entry in list_tree(bare, commit, recursive=True) if entry.type == "blob"]


def test_contents_come_from_bytes_and_files(bare, tmp_path):
    (tmp_path / "x").write_bytes(b"from a file")
    head = put(bare, None, a=b"bytes", b=tmp_path / "x", c=b"")
    assert [git(bare, "cat-file", "blob", f"{head}:{name}") for name in "abc"] == [b"bytes", b"from a file", b""]


def test_line_ends_are_left_alone(bare):
    head = put(bare, None, **{".gitattributes": b"* text=auto eol=lf\n", "a": b"x\r\ny\r\n"})
    assert git(bare, "cat-file", "blob", f"{head}:a") == b"x\r\ny\r\n"


def test_author_time_and_message_are_kept(bare):
    oid = commit(bare, [], message="Title\n\nBody\n", author="ann <x>\n", when=1700000000.9, parent=None)
    assert git_text(bare, "show", "-s", "--format=%an|%ae|%ct|%s|%b", oid).rstrip("\n") == (
        "ann x|ann x@users.noreply.localhub|1700000000|Title|Body"
    )


def test_removals_and_folders_in_the_way(bare):
    one = put(bare, None, **{"a/x": b"1", "a/y": b"2", "b": b"3"})
    two = put(bare, one, **{"a/x": None, "missing": None, "b/c": b"now a folder"})
    assert names(bare, two) == ["a/y", "b/c"]
    three = put(bare, two, a=b"now a file")
    assert names(bare, three) == ["a", "b/c"]


def test_a_moved_ref_is_not_overwritten(bare):
    one = put(bare, None, a=b"1")
    two = put(bare, one, a=b"2")
    with pytest.raises(RefMoved):
        put(bare, one, a=b"3")
    with pytest.raises(RefMoved):
        put(bare, None, a=b"3")
    assert resolve_revision(bare, "main") == two


def test_writers_at_once_lose_nothing(bare):
    put(bare, None, start=b"")

    def write(name):
        for _ in range(100):
            with contextlib.suppress(RefMoved):
                put(bare, resolve_revision(bare, "main"), **{name: b"x"})
                return

    threads = [threading.Thread(target=write, args=(f"f{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert names(bare, resolve_revision(bare, "main")) == ["f0", "f1", "f2", "f3", "f4", "f5", "start"]


def test_refs_are_made_and_removed_by_their_old_value(bare):
    one = put(bare, None, a=b"1")
    update_ref(bare, "refs/tags/v1", one, old=NO_COMMIT)
    with pytest.raises(RefMoved):
        update_ref(bare, "refs/tags/v1", one, old=NO_COMMIT)
    with pytest.raises(RefMoved):
        update_ref(bare, "refs/tags/v1", None, old="1" * 40)
    update_ref(bare, "refs/tags/v1", None, old=one)
    assert resolve_revision(bare, "v1") is None


def test_a_tree_without_changes_is_the_same_tree(bare):
    one = put(bare, None, a=b"1")
    assert write_tree(bare, [], base=one) == git_text(bare, "rev-parse", f"{one}^{{tree}}")
    again = commit_tree(bare, f"{one}^{{tree}}", message="again", author="local", when=0, parents=[one])
    assert git_text(bare, "rev-parse", f"{again}^") == one
