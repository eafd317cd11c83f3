"""Each flaw is shown on git itself: the line as it stands does not send the file to LFS, the better one does."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.repo.attributes import lfs_paths
from hfpush.repo.audit.lint import Flaw, lint

LFS = b" filter=lfs diff=lfs merge=lfs -text"


def only(text: bytes, folder: str = "", folders: tuple[str, ...] = ()) -> Flaw:
    found = lint(text, folder, folders)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.needs("git")
@pytest.mark.parametrize(
    ("line", "path", "better"),
    [
        (b"*.bin" + LFS + b" # weights", "a.bin", b"*.bin" + LFS),
        (b"*.bin" + LFS + b" #weights", "a.bin", b"*.bin" + LFS),
        (b"data/" + LFS, "data/x/y", b"data/**" + LFS),
        (b"data" + LFS, "data/x", b"data/**" + LFS),
        (b"./a.bin" + LFS, "a.bin", b"/a.bin" + LFS),
        (b"*.{bin,pt}" + LFS, "a.pt", b"*.bin" + LFS + b"\n*.pt" + LFS),
        (b"my model.bin" + LFS, "my model.bin", b"my[[:space:]]model.bin" + LFS),
        (b"*.bin" + LFS + b" a/b", "a.bin", b"*.bin" + LFS),
        (b"*.bin " + b"x" * 2048 + LFS, "a.bin", None),
        (b"!a.bin" + LFS, "a.bin", b"a.bin -filter -diff -merge"),
    ],
    ids=lambda value: value[:24].decode() if isinstance(value, bytes) else None,
)
def test_git_does_not_do_what_the_line_says(line: bytes, path: str, better: bytes | None) -> None:
    flaw = only(line, folders=("data", "data/x"))
    assert flaw.kind == "ignored"
    assert flaw.better == (None if better is None else better.decode())
    assert lfs_paths({"": line}, [path]) == set()
    if better is not None and b"-filter" not in better:
        assert lfs_paths({"": better}, [path]) == {path}


@pytest.mark.needs("git")
@pytest.mark.parametrize(
    ("text", "path", "better"),
    [
        (b"*.bin\tfilter=lfs\tdiff=lfs", "a.bin", "*.bin filter=lfs diff=lfs"),
        (b"\xef\xbb\xbf*.bin filter=lfs", "a.bin", "*.bin filter=lfs"),
        (b'"caf\\351.bin" filter=lfs', "caf\udce9.bin", "/caf\udce9.bin filter=lfs"),
    ],
)
def test_git_reads_it_and_git_lfs_does_not(text: bytes, path: str, better: str) -> None:
    flaw = only(text)
    assert (flaw.kind, flaw.better) == ("differs", better)
    for spelled in (text, better.encode("utf-8", "surrogateescape")):
        assert lfs_paths({"": spelled}, [path]) == {path}


def test_a_macro_counts_at_the_top_alone() -> None:
    macro = b"[attr]big filter=lfs -text\n*.bin big # x\n"
    assert only(macro).number == 2
    flaw = only(macro.splitlines()[0], "sub")
    assert (flaw.folder, flaw.number, flaw.kind) == ("sub", 1, "ignored")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"# *.bin filter=lfs # x\n\n",
        b"*.bin" + LFS + b"\r\n*.pt" + LFS,
        b"*.md text # a comment\n",
        b"!x text",
        b"dir/ text",
        b'"my model.bin"' + LFS,
        b"my[[:space:]]model.bin" + LFS,
        b"\\!a.bin" + LFS,
        b"saved_model/**/*" + LFS,
        b"*.bin" + LFS + b" lockable",
        b"*.bin mine filter=lfs",
        b"a/data" + LFS,
        b"*.bin -filter # not about sending files there",
    ],
)
def test_lines_that_are_right_or_have_nothing_to_do_with_lfs_get_no_word(text: bytes) -> None:
    assert lint(text, folders=("x", "y/data")) == ()


def test_a_folder_is_found_at_any_depth_unless_the_pattern_is_anchored() -> None:
    assert only(b"ckpt" + LFS, folders=("a/b/ckpt",)).better == "ckpt/** filter=lfs diff=lfs merge=lfs -text"
    assert lint(b"/ckpt" + LFS, folders=("a/b/ckpt",)) == ()


def test_the_template_has_no_flaw() -> None:
    template = Path(__file__).parents[3] / ".gitattributes.template"
    assert lint(template.read_bytes()) == ()


@given(
    st.binary(max_size=80),
    st.sampled_from([b"", b" filter=lfs", b"\tfilter=lfs #", b'" filter=lfs', b"[attr]x filter=lfs"]),
)
def test_any_bytes_are_read(noise: bytes, about: bytes) -> None:
    for flaw in lint(noise + about + b"\n" + about + noise, "a"):
        assert flaw.number >= 1
        assert flaw.why
