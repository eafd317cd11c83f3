"""What goes to LFS by attributes, and what a repository starts with."""

import hashlib

import pytest

from hfpush.localhub.attributes import default_attributes, literal_line, paths_in_lfs
from hfpush.localhub.gitcmd import git
from hfpush.localhub.gitcommit import Change, write_tree


@pytest.mark.parametrize(
    ("type", "size", "blob"),
    [
        ("models", 1519, "a6344aac8c09253b3b630fb776ae94478aa0275b"),
        ("datasets", 2461, "1ef325f1b111266a6b26e0196871bd78baa8c2f3"),
        ("spaces", 1519, "a6344aac8c09253b3b630fb776ae94478aa0275b"),
    ],
)
def test_the_first_attributes_are_the_hubs_byte_for_byte(type, size, blob):
    text = default_attributes(type)
    assert len(text) == size
    assert hashlib.sha1(b"blob %d\0" % size + text).hexdigest() == blob


@pytest.fixture
def bare(tmp_path):
    git(tmp_path / "r.git", "init", "-q", "--bare")
    return tmp_path / "r.git"


def test_git_decides_what_matches(bare):
    tree = write_tree(bare, [Change(".gitattributes", default_attributes("models"))], base=None)
    asked = ["a.bin", "d/b.safetensors", "c.txt", "saved_model/x/y", "x.tar.part1", "ü.zip", "README.md"]
    assert paths_in_lfs(bare, asked, tree=tree) == {
        "a.bin",
        "d/b.safetensors",
        "saved_model/x/y",
        "x.tar.part1",
        "ü.zip",
    }


def test_without_a_tree_nothing_matches(bare):
    assert paths_in_lfs(bare, ["a.bin"]) == set()


@pytest.mark.parametrize(
    "path", ["data.csv", "a/b.csv", "a b/c d.csv", "w[1].csv", "s*r?.csv", "ü.csv", "#x.csv", "!x.csv", '"q".csv']
)
def test_a_literal_line_covers_its_file_and_no_other(bare, path):
    tree = write_tree(bare, [Change(".gitattributes", literal_line(path).encode())], base=None)
    others = ["other.csv", f"sub/{path}", "w1.csv", "star.csv"]
    assert paths_in_lfs(bare, [path, *others], tree=tree) == {path}
