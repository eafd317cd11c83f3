from __future__ import annotations

import pytest

from hfpush.repo.audit.rows import Row, parse_listing, parse_rows

A, B, C, ZERO = "a" * 40, "b" * 40, "c" * 40, "0" * 40
COMMIT = "1" * 40


def parsed(*tokens: str | bytes) -> list[Row | str]:
    return list(parse_rows([token.encode() if isinstance(token, str) else token for token in tokens]))


@pytest.mark.parametrize(
    ("header", "mode", "blob", "olds", "brings"),
    [
        (f":000000 100644 {ZERO} {A} A", "100644", A, (), True),
        (f":100644 100755 {A} {B} M", "100755", B, (A,), True),
        (f":100644 100755 {A} {A} M", "100755", A, (A,), False),
        (f":100644 000000 {A} {ZERO} D", "", "", (A,), False),
        (f":120000 100644 {A} {A} T", "100644", A, (), True),
        (f":100644 120000 {A} {B} T", "", "", (A,), False),
        (f"::100644 100644 100644 {A} {B} {C} MM", "100644", C, (A, B), True),
        (f"::100644 000000 100644 {A} {ZERO} {C} MA", "100644", C, (A,), True),
        (f":::100644 160000 100644 100755 {A} {B} {C} {A} MMM", "100755", A, (A, C), False),
    ],
)
def test_a_row_tells_what_is_there_and_what_was(
    header: str, mode: str, blob: str, olds: tuple[str, ...], brings: bool
) -> None:
    (commit, row) = parsed(COMMIT, header, "d/f")
    assert commit == COMMIT
    assert isinstance(row, Row)
    assert row == Row(COMMIT, "d/f", mode, blob, olds)
    assert (row.brings, row.at) == (brings, COMMIT)


def test_links_and_submodules_are_no_files() -> None:
    headers = (f":000000 120000 {ZERO} {A} A", f":160000 160000 {A} {B} M")
    assert parsed(COMMIT, headers[0], "link", headers[1], "module") == [COMMIT]


@pytest.mark.parametrize("path", [b":100644 x", b"\xff\xfe", b"new\nline", b"a" * 40, b" lead", b"trail "])
def test_a_path_is_a_path_whatever_it_looks_like(path: bytes) -> None:
    rows = parsed(COMMIT, f":000000 100644 {ZERO} {A} A", path, C)
    assert rows == [COMMIT, Row(COMMIT, path.decode("utf-8", "surrogateescape"), "100644", A, ()), C]


def test_a_listing_of_a_tree_is_rows_without_a_commit() -> None:
    tokens = [f"100644 blob {A}\ta\tb".encode(), f"120000 blob {B}\tlink".encode(), f"160000 commit {B}\tm".encode()]
    (row,) = parse_listing(tokens, C)
    assert (row, row.at, row.brings) == (Row("", "a\tb", "100644", A, (), C), C, True)
