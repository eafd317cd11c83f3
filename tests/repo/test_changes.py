from __future__ import annotations

from collections.abc import Callable

from hfpush.repo.changes import Change, CommitSeen, changes_in, files_of, parse_changes
from hfpush.repo.process import Git

NewRepo = Callable[..., "Place"]  # noqa: F821
A, B, C = "a" * 40, "b" * 40, "c" * 40


def test_ordinary_and_combined_entries_are_read() -> None:
    tokens = [
        *(C.encode(), f":000000 100644 {'0' * 40} {A} A".encode(), b"new"),
        *(f":100644 000000 {A} {'0' * 40} D".encode(), b"gone"),
        *(f":100644 120000 {A} {B} T".encode(), b"link"),
        *(B.encode(), f"::100644 100755 100755 {A} {C} {B} MM".encode(), b"merged \xff"),
    ]
    assert list(parse_changes(tokens)) == [
        *(CommitSeen(C), Change(A, "new", C)),
        *(CommitSeen(B), Change(B, "merged \udcff", B)),
    ]


def test_an_ordinary_merge_brings_nothing_and_an_evil_one_does(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("base", b"0")
    base = place.commit()
    place.git("checkout", "-q", "-b", "side")
    place.write("side", b"1")
    place.commit()
    place.git("checkout", "-q", "main")
    place.write("main", b"2")
    place.commit()
    place.git("merge", "-q", "--no-commit", "side")
    place.write("evil", b"3")
    merge = place.commit()
    seen = [one for one in changes_in(Git(place.path), merge, [base]) if isinstance(one, Change)]
    assert {(change.path, change.commit == merge) for change in seen} == {
        *(("side", False), ("main", False), ("evil", True)),
    }


def test_the_files_of_a_commit_are_those_of_its_tree(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("d/a\nb", b"1")
    (place.path / "link").symlink_to("d")
    head = place.commit()
    assert [(file.path, file.commit) for file in files_of(Git(place.path), head)] == [("d/a\nb", head)]
