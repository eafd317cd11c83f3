from __future__ import annotations

import pytest

from hfpush.repo.rewrite.answers import AttributeAnswers
from hfpush.repo.rewrite.cover import Cover, is_harmless, line_fits, macros_of, only_gains
from hfpush.repo.rewrite.targets import TargetSpace

LINE = b" filter=lfs diff=lfs merge=lfs -text\n"


def test_the_top_gets_lines_for_what_it_does_not_cover() -> None:
    targets = TargetSpace().made_of(frozenset({b"a.bin", b"d/b c.dat"}))
    with AttributeAnswers() as answers:
        cover = Cover(answers)
        made = cover.top(b"1", b"*.bin filter=lfs\n", targets)
        assert made.splitlines()[2] == b"/d/b[[:space:]]c.dat" + LINE.rstrip()
        assert len(made.splitlines()) == 4
        assert cover.top(b"2", b"* filter=lfs\n", targets) == b"* filter=lfs\n"


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"*.bin -filter\n", [b"/a.bin"]),
        (b"*.bin !filter\n", [b"/a.bin"]),
        (b"a.bin no\n", [b"/a.bin"]),
        (b"*.dat -filter\n", []),
        (b"*.bin -filter\n*.bin filter=lfs\n", []),
        (b"* text=auto\n*.bin filter=lfs\n", []),
    ],
)
def test_a_file_below_gets_lines_where_it_keeps_a_target_out(content: bytes, lines: list[bytes]) -> None:
    node = TargetSpace().made_of(frozenset({b"d/a.bin"})).root.into(b"d")
    assert node is not None
    with AttributeAnswers() as answers:
        made = Cover(answers).below(b"1", content, node, b"[attr]no -filter\n")
    assert [row.split()[0] for row in made[len(content) :].splitlines()[1:-1]] == lines


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"*.txt working-tree-encoding=UTF-16\n", [b"!working-tree-encoding"]),
        (b"*.txt filter=lfs working-tree-encoding=UTF-16\n", [b"!working-tree-encoding"]),
        (b"[attr]wide working-tree-encoding=UTF-16\n*.txt filter=lfs wide\n", [b"!working-tree-encoding"]),
        (b"*.c working-tree-encoding=UTF-16\n*.txt filter=lfs\n", []),
        (b"*.txt filter=lfs !working-tree-encoding\n", []),
        (b"*.c !working-tree-encoding\n", [b"filter=lfs"]),
        (b"*.txt ident text eol=crlf\n", [b"filter=lfs"]),
    ],
)
def test_an_encoding_of_the_work_tree_is_taken_back(content: bytes, lines: list[bytes]) -> None:
    targets = TargetSpace().made_of(frozenset({b"a.txt"}))
    with AttributeAnswers() as answers:
        made = Cover(answers).top(b"1", content, targets)
        assert [row.split()[1] for row in made[len(content) :].splitlines()[1:-1]] == lines
        assert answers.lfs({b"": made}, [b"a.txt"]) == {b"a.txt"}
    assert only_gains(content, made)


def test_an_encoding_in_a_folder_is_taken_back_there() -> None:
    node = TargetSpace().made_of(frozenset({b"d/a.txt"})).root.into(b"d")
    assert node is not None
    macros = b"[attr]wide working-tree-encoding=UTF-16\n"
    with AttributeAnswers() as answers:
        made = Cover(answers).below(b"1", b"*.txt wide\n", node, macros)
        assert answers.lfs({b"": macros + b"* filter=lfs\n", b"d": made}, [b"d/a.txt"]) == {b"d/a.txt"}


@pytest.mark.parametrize(
    ("row", "harmless"),
    [
        (b"", True),
        (b"# *.bin -filter", True),
        (b"*.bin filter=lfs -text", True),
        (b"*.md text eol=lf diff=markdown", True),
        (b"*.bin binary", True),
        (b"*.bin -filter", False),
        (b"*.bin !filter", False),
        (b"*.bin filter", False),
        (b"*.bin somebodys-macro", False),
        (b'"a b" text', False),
        (b"[attr]x -filter", False),
    ],
)
def test_a_line_is_harmless_only_where_that_is_certain(row: bytes, harmless: bool) -> None:
    assert is_harmless(b"*.a text\n" + row) == harmless


def test_macros_are_the_lines_that_define_them() -> None:
    assert macros_of(b"*.a text\n[attr]x -filter\r\n  [attr]y text") == b"[attr]x -filter\n  [attr]y text\n"
    assert macros_of(b"*.a text\n") == b""


def test_a_line_fits_when_git_reads_it() -> None:
    assert line_fits(b" " * 1500)
    assert not line_fits(b"a" * 2040)


@pytest.mark.parametrize(
    ("before", "after", "gains"),
    [
        (b"", b"# x\n/a" + LINE, True),
        (b"*.a -filter\n", b"*.a -filter\r\n/a" + LINE, True),
        (b"/a" + LINE + b"/c" + LINE, b"/a" + LINE + b"/b" + LINE + b"/c" + LINE, True),
        (b"/a" + LINE, b"/b" + LINE, False),
        (b"/a" + LINE, b"", False),
        (b"/a" + LINE, b"/a" + LINE + b"/a -filter\n", False),
    ],
)
def test_a_file_only_gains_where_all_new_lines_are_ours(before: bytes, after: bytes, gains: bool) -> None:
    assert only_gains(before, after) == gains
