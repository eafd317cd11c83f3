"""lfs.fetchinclude and lfs.fetchexclude, as git-lfs reads them."""

from __future__ import annotations

import pytest

from hfpush.repo.filter.selection import patterns, wanted


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*.bin", ("a.bin", "d/e/a.bin"), ("a.bin2", "a.txt")),
        ("models", ("models/a", "x/models/a/b", "models"), ("models2/a",)),
        ("models/", ("models/a",), ("amodels/a",)),
        ("/models", ("models/a",), ("x/models/a",)),
        ("a/*.bin", ("a/x.bin",), ("a/b/x.bin", "z/a/x.bin")),
        ("a/**/z", ("a/z", "a/b/c/z"), ("b/z",)),
        ("a/**", ("a/b", "a/b/c"), ("b/a",)),
        ("**/ck/*.pt", ("ck/a.pt", "x/ck/a.pt"), ("a.pt",)),
        ("a?[0-9].bin", ("ab1.bin",), ("abc.bin", "a/1.bin")),
        ("[!a]x", ("bx",), ("ax",)),
        ("a\\*b", ("a*b",), ("axb",)),
        ("[", ("[",), ("a",)),
        ("odd(name)+.bin", ("odd(name)+.bin",), ("oddname.bin",)),
        ("new*line", ("new\nline",), ()),
    ],
)
def test_patterns_match_as_in_gitignore(pattern: str, matching: tuple[str, ...], others: tuple[str, ...]) -> None:
    assert [path for path in (*matching, *others) if wanted(path, [pattern], [])] == list(matching)
    assert [path for path in (*matching, *others) if wanted(path, [], [pattern])] == list(others)


def test_without_settings_everything_is_wanted_and_an_exclusion_wins() -> None:
    assert patterns(None) == patterns(" , ") == ()
    assert patterns("a, b/ ,,c") == ("a", "b/", "c")
    assert wanted("any", [], [])
    assert not wanted("a.bin", ["*.bin"], ["a.*"])
