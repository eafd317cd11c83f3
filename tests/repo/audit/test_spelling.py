from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.repo.audit.spelling import SHOWN, capped, command, git_command, quoted, ref_name, ref_names


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a.bin", "a.bin"),
        ("my model", "'my model'"),
        ("it's", "'it'\"'\"'s'"),
        ("a\nb", "$'a\\x0a'$'b'"),
        ("a\nz", "$'a\\x0az'"),
        ("caf\udce9", "$'caf\\xe9'"),
        ("\t'\\", "$'\\x09\\'\\\\'"),
    ],
)
def test_a_path_becomes_one_word_of_a_shell(text: str, word: str) -> None:
    assert quoted(text) == word


@given(st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), min_size=1, max_size=12))
def test_bash_reads_every_name_back(name: str) -> None:
    said = subprocess.run(["bash", "-c", f"printf %s {quoted(name)}"], capture_output=True, check=True)
    assert said.stdout == name.encode()


@pytest.mark.parametrize(
    ("place", "line"),
    [(".", "hfpush fix"), ("", "hfpush fix"), ("my model", "hfpush fix 'my model'"), ("-x", "hfpush fix ./-x")],
)
def test_a_command_names_the_repository_as_the_user_did(place: str, line: str) -> None:
    assert command("hfpush fix", place) == line


def test_git_is_told_where_to_run() -> None:
    assert git_command(".", "add", "a b") == "git add 'a b'"
    assert git_command("my model", "add", ".") == "git -C 'my model' add ."


def test_many_lines_are_counted_at_the_end() -> None:
    assert capped(["x"] * SHOWN) == ("x",) * SHOWN
    assert capped(["x"] * 1500)[-1] == "and 1,480 more"


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("refs/heads/main", "main"),
        ("refs/tags/v1", "tag v1"),
        ("refs/remotes/origin/main", "origin/main"),
        ("HEAD", "HEAD"),
        ("refs/heads/\x1b", "'\\x1b'"),
    ],
)
def test_refs_have_short_names(ref: str, name: str) -> None:
    assert ref_name(ref) == name


def test_many_refs_are_counted() -> None:
    assert ref_names([f"refs/heads/b{i}" for i in range(5)]) == "b0, b1 and 3 more refs"
    assert ref_names([f"refs/heads/b{i}" for i in range(3)]) == "b0, b1, b2"
    assert ref_names([]) == ""
