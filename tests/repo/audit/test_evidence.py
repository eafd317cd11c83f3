from __future__ import annotations

from support.scans import FIRST, SECOND, THIRD, at, blob

from hfpush.repo.audit.evidence import lines, seen_where


def everywhere(*blobs: object) -> tuple[str, ...]:
    return lines(seen_where(blobs, lambda blob, at: True))  # type: ignore[arg-type]


def test_a_line_says_path_size_since_removed_and_where() -> None:
    found = blob(12_000_000, at("a/w", FIRST, removed=SECOND), refs=("refs/heads/main", "refs/tags/v1"))
    assert everywhere(found) == ("a/w: 12.0 MB, since commit aaaaaaaaaa, removed by bbbbbbbbbb, on main, tag v1",)


def test_a_blob_that_came_back_is_not_removed() -> None:
    back = blob(5, at("a", FIRST, removed=SECOND), at("a", THIRD))
    gone = blob(6, at("a", FIRST, removed=SECOND), at("a", THIRD, removed="d" * 40))
    assert everywhere(back)[0] == "a: 5 B, since commit aaaaaaaaaa, on main"
    assert everywhere(gone)[0] == "a: 6 B, since commit aaaaaaaaaa, removed by dddddddddd, on main"


def test_the_largest_comes_first_and_each_path_has_a_line() -> None:
    found = everywhere(blob(5, at("z"), at("b")), blob(9, at("q")))
    assert [line[0] for line in found] == ["q", "b", "z"]


def test_a_hostile_name_is_written_out() -> None:
    assert everywhere(blob(5, at("\x1b[2J\n")))[0].startswith("'\\x1b[2J\\n': 5 B")


def test_a_blob_that_only_a_tag_holds_has_no_path() -> None:
    only = blob(5, at("", ""))
    assert everywhere(only) == (f"blob {only.id[:10]}: 5 B, reached without any commit, on main",)
