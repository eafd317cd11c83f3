"""Names from outside are safe, or refused."""

import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.localhub.names import BadName, RepoKey, check_path, check_ref_name, revision_candidates


@pytest.mark.parametrize(
    ("type", "id", "path"),
    [
        ("models", "local/demo", "local/demo"),
        ("model", "local/demo", "local/demo"),
        ("", "gpt2", "gpt2"),
        ("dataset", "local/demo", "datasets/local/demo"),
        ("datasets", "squad", "datasets/squad"),
        ("space", "a/b", "spaces/a/b"),
        ("models", "a/Qwen2.5-7B_x", "a/Qwen2.5-7B_x"),
        ("models", "a/" + "x" * 96, "a/" + "x" * 96),
    ],
)
def test_good_ids_become_keys(type, id, path):
    assert RepoKey.parse(type, id).path == path


@pytest.mark.parametrize(
    ("type", "id"),
    [
        ("kernels", "a/b"),
        ("../models", "a/b"),
        ("models", ""),
        ("models", "/"),
        ("models", "a/"),
        ("models", "/a"),
        ("models", "a/b/c"),
        ("models", "../b"),
        ("models", "a/.."),
        ("models", "a/."),
        ("models", "a/.git"),
        ("models", "a/b.git"),
        ("models", "a/b.GIT"),
        ("models", "a/b.lock"),
        ("models", "a/b.ipynb"),
        ("models", "a/-b"),
        ("models", "a/b-"),
        ("models", "a/b..c"),
        ("models", "a/b--c"),
        ("models", "a/b\0"),
        ("models", "a/b\n"),
        ("models", "a/b c"),
        ("models", "a\\b"),
        ("models", "a/ü"),
        ("models", "a/" + "x" * 97),
        ("models", "api/b"),
        ("models", "datasets/b"),
        ("models", "-/b"),
    ],
)
def test_bad_ids_are_refused(type, id):
    with pytest.raises(BadName):
        RepoKey.parse(type, id)


@given(st.text(max_size=120))
def test_an_accepted_id_stays_below_its_folder(id):
    try:
        key = RepoKey.parse("models", id)
    except BadName:
        return
    assert os.path.normpath(f"/root/{key.id}.git") == f"/root/{key.id}.git"
    assert key.id.isascii()
    assert key.id.isprintable()


@pytest.mark.parametrize(
    "path",
    [
        "a",
        "a/b.txt",
        "ü/日本.bin",
        "a b",
        ".gitattributes",
        ".github/x",
        "a..b",
        "...",
        "x" * 255,
        "git",
        "-rf",
        "a:b",
        "*?[",
    ],
)
def test_good_paths_pass_unchanged(path):
    assert check_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/etc/passwd",
        "..",
        "../x",
        "a/../b",
        "a/..",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        ".git",
        ".git/config",
        "a/.GIT/x",
        "a\0b",
        "a\nb",
        "a\x7fb",
        "a\\b",
        "x" * 256,
        "ü" * 128,
        "a/" * 2100 + "b",
        "\ud800",
    ],
)
def test_bad_paths_are_refused(path):
    with pytest.raises(BadName):
        check_path(path)


@given(st.text(alphabet=st.sampled_from("./\\a\0\n:g~"), max_size=12) | st.text(max_size=40))
def test_an_accepted_path_stays_below_its_root(path):
    try:
        check_path(path)
    except BadName:
        return
    assert os.path.normpath(f"/root/{path}") == f"/root/{path}"
    assert ".git" not in path.lower().split("/")


@pytest.mark.parametrize("name", ["main", "v1.0", "feature/x", "refs/pr/1", "ünï", "a-b", "HEAD"])
def test_good_ref_names_pass_unchanged(name):
    assert check_ref_name(name) == name


@given(st.text(alphabet=st.sampled_from("a./@{~^:?*[\\ -l"), max_size=10) | st.text(max_size=10))
def test_git_takes_every_ref_name_that_we_take(name):
    try:
        check_ref_name(name)
    except BadName:
        return
    assert subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], check=False).returncode == 0


@pytest.mark.parametrize(
    "revision", ["main~3", "main^", "@{-1}", ":/fix", "a..b", "-n", "", "a b", "x\0", "HEAD:README.md"]
)
def test_gits_own_revision_language_means_nothing(revision):
    assert revision_candidates(revision) == []


def test_a_branch_comes_before_a_tag_before_a_commit_id():
    assert revision_candidates("beef") == ["refs/heads/beef", "refs/tags/beef", "beef"]
    assert revision_candidates("refs/pr/1")[0] == "refs/pr/1"
