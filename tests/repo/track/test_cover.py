from __future__ import annotations

import pytest

from hfpush.repo.attributes import lfs_line, lfs_paths
from hfpush.repo.track.choice import Choice, Need
from hfpush.repo.track.cover import Covered, cover, pattern_of

ATTRIBUTES = {"": b"*.bin filter=lfs\n"}


def large(*paths: str) -> list[Need]:
    return [Need(path, 20_000_000, "large") for path in paths]


def binary(*paths: str) -> list[Need]:
    return [Need(path, 1000, "binary") for path in paths]


def test_what_needs_it_goes_to_lfs_and_what_does_not_stays() -> None:
    done = cover(ATTRIBUTES, large("a b.json", "d/c.json"), ["other.json", "x/a b.json"])
    assert [line.text for line in done.lines] == [lfs_line(p) for p in ("/a[[:space:]]b.json", "/d/c.json")]
    assert done.attributes[""] == ATTRIBUTES[""] + b"".join(f"{line.text}\n".encode() for line in done.lines)
    assert done.uncovered == ()
    assert lfs_paths(done.attributes, ["a b.json", "d/c.json", "other.json", "x/a b.json", "w.bin"]) == {
        *("a b.json", "d/c.json", "w.bin"),
    }


def test_nothing_needed_is_nothing_changed() -> None:
    assert cover(ATTRIBUTES, [], ["a"]) == Covered(ATTRIBUTES, (), ())


@pytest.mark.parametrize(
    "overruling",
    [
        b"*.json -filter",
        b"*.json !filter\r\n",
        b"*.json filter=other",
        b"* -filter\n",
        b"*.json binary\n*.json plain\n",
    ],
)
def test_a_file_below_that_overrules_gets_the_line_and_the_top_none(overruling: bytes) -> None:
    attributes = {"": b"[attr]plain -filter\n", "d": overruling, "d/e/f": b""}
    done = cover(attributes, [*large("d/e/big.json"), *binary("x.q4")], ["d/small.json"])
    assert [(line.file, line.text.split()[0]) for line in done.lines] == [
        (".gitattributes", "*.q4"),
        ("d/.gitattributes", "/e/big.json"),
    ]
    assert done.attributes["d"].startswith(overruling.rstrip() + (b"\r\n" if b"\r\n" in overruling else b"\n"))
    assert done.uncovered == ()


def test_the_last_line_wins_also_over_an_older_one_of_ours() -> None:
    done = cover({"": b"*.json filter=lfs\n/big.json -filter\n"}, large("big.json"), [])
    assert [line.folder for line in done.lines] == [""]
    assert done.uncovered == ()


def test_asked_again_there_is_nothing_to_add_also_where_something_stays_uncovered() -> None:
    path = "/".join(["*" * 200] * 6)  # each star is escaped: too long a line, however it is written
    first = cover({"": b"a text"}, [*large(path), *binary("x.q4")], [])
    assert first.uncovered == (path,)
    assert [line.text for line in first.lines] == [lfs_line("*.q4")]
    assert cover(first.attributes, large(path), []) == Covered(first.attributes, (), (path,))


def test_a_line_too_long_for_git_is_written_shorter() -> None:
    path = "/".join([" " * 100] * 3)
    assert cover({}, large(path), []).uncovered == ()


@pytest.mark.parametrize(
    ("choice", "below", "wanted"),
    [
        (Choice("extension", "q4", (), ""), "", "*.q4"),
        (Choice("folder", "a b", (), ""), "", "/a[[:space:]]b/*"),
        (Choice("folder", "a/b", (), ""), "a", "/b/*"),
        (Choice("folder", "a", (), ""), "a", "/*"),
        (Choice("folder", "a", (), "", "jsonl"), "", "/a/*.jsonl"),
        (Choice("path", "a/!b", (), ""), "a", "/!b"),
    ],
)
def test_a_choice_is_spelled_for_its_file(choice: Choice, below: str, wanted: str) -> None:
    assert pattern_of(choice, below=below) == wanted


def test_many_files_take_few_lines_and_no_file_that_git_reads_goes_along() -> None:
    blobs = binary(*(f"bl obs/{number:064x}" for number in range(20)))
    assert [line.text for line in cover({}, blobs, ["a", "bl obs/sub/b"]).lines] == [lfs_line("/bl[[:space:]]obs/*")]
    assert len(cover({}, blobs, ["bl obs/.gitignore"]).lines) == 20
