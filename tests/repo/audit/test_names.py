from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.repo.audit.names import (
    colliding,
    crowded,
    entries_by_folder,
    is_gits_own,
    is_plain,
    leaves,
    not_portable,
    renamed,
    unusable,
)


@pytest.mark.parametrize(
    ("path", "own"),
    [
        (".git/config", True),
        ("a/.GIT", True),
        ("git~1/x", True),
        (".git./x", True),
        (".git /x", True),
        (".g\u200cit/x", True),
        (".git::$INDEX_ALLOCATION/x", True),
        (".gitignore", False),
        ("git/x", False),
        ("a.git", False),
    ],
)
def test_what_some_file_system_takes_for_git_itself(path: str, own: bool) -> None:
    assert is_gits_own(path) is own


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("aux", "aux"),
        ("a/NUL.tar.gz", "a/NUL.tar.gz"),
        ("con/x.py", "con"),
        ("com1.txt", "com1.txt"),
        ("LPT³", "LPT³"),
        ("prn .x", "prn .x"),
        ("a?b", "a?b"),
        ("a:b/c", "a:b"),
        ("x./y", "x."),
        ("x ", "x "),
        ("auxiliary", None),
        ("com10", None),
        ("console.log", None),
        ("a/.hidden", None),
        ("grüße.txt", None),
    ],
)
def test_names_that_windows_refuses(path: str, refused: str | None) -> None:
    found = not_portable(path)
    assert (found and found[0]) == refused


@pytest.mark.parametrize("path", ["a\nb", "caf\udce9", "a\\b", "x" * 256])
def test_names_that_some_place_cannot_hold(path: str) -> None:
    assert unusable(path) is not None


@pytest.mark.parametrize(
    ("paths", "groups"),
    [
        (["a", "b"], []),
        (["a", "A"], [("A", "a")]),
        (["d/a", "D/a"], [("D", "d")]),
        (["d/a", "D/b"], [("D", "d")]),
        (["x/A.txt", "x/a.TXT", "y/a.txt"], [("x/A.txt", "x/a.TXT")]),
        (["caf\u00e9", "cafe\u0301"], [("cafe\u0301", "caf\u00e9")]),
        (["Stra\u00dfe", "strasse"], [("Stra\u00dfe", "strasse")]),
        (["a", "a/b"], []),
        (["d/x", "d/y", "e/x"], []),
    ],
)
def test_names_that_are_one_where_case_and_accents_do_not_count(paths: list[str], groups: list[object]) -> None:
    assert list(colliding(paths)) == groups


@given(st.lists(st.text("aAbB/é", min_size=1, max_size=6), max_size=12))
def test_each_group_has_two_names_in_one_folder(paths: list[str]) -> None:
    for group in colliding(paths):
        assert len(set(group)) > 1
        assert len({path.rpartition("/")[0] for path in group}) == 1


@pytest.mark.parametrize(
    ("path", "target", "out"),
    [
        ("l", "a", False),
        ("d/l", "../a", False),
        ("d/l", "../../a", True),
        ("l", "..", True),
        ("l", "/etc/passwd", True),
        ("l", "C:\\x", True),
        ("l", "a/../../b", True),
        ("l", "..a", False),
    ],
)
def test_links_that_leave(path: str, target: str, out: bool) -> None:
    assert leaves(path, target) is out


def test_entries_are_counted_by_folder() -> None:
    counts = entries_by_folder(["a", "d/x", "d/y", "d/e/z", "f/g/h"])
    assert counts == {"": 3, "d": 3, "d/e": 1, "f": 1, "f/g": 1}
    assert crowded(counts, 2) == (("", 3), ("d", 3))
    assert crowded(counts, 3) == ()


@pytest.mark.parametrize(
    ("path", "other"),
    [("aux.py", "aux-2.py"), ("a/b", "a/b-2"), ("x?.bin", "x_-2.bin"), ("x.", "x-2"), ("a\nb", "a_b-2")],
)
def test_another_name_is_offered(path: str, other: str) -> None:
    assert renamed(path) == other
    assert not_portable(other) is unusable(other) is None


_PIECES = st.sampled_from(
    ["git", "~1", ".", " ", "/", "con", "NUL", "com1", "CONIN$", "a", "x" * 200, ":", "\n", "é", "\udcff", "\\"]
)


@given(st.lists(_PIECES, max_size=6).map("".join) | st.text(max_size=8))
def test_what_is_plain_at_first_sight_is_plain(path: str) -> None:
    if is_plain(path):
        assert not is_gits_own(path)
        assert not_portable(path) is unusable(path) is None


def test_ordinary_paths_are_plain_at_first_sight() -> None:
    assert all(map(is_plain, ["a/b-c.tar.gz", "model 1.bin", "console/auxiliary.py", ".hidden", "x.git"]))
