from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from hfpush.repo.rewrite.block import BEGIN, END, with_lines

BLOCK = BEGIN + b"\n/a x\n/b x\n" + END + b"\n"


@pytest.mark.parametrize(
    ("content", "after"),
    [
        (b"", BLOCK),
        (b"*.md text\n", b"*.md text\n" + BLOCK),
        (b"*.md text", b"*.md text\n" + BLOCK),
        (b"*.md text\r\n", b"*.md text\r\n" + BLOCK.replace(b"\n", b"\r\n")),
        (b"a\r\nb", b"a\r\nb\r\n" + BLOCK.replace(b"\n", b"\r\n")),
        (b"u\n" + BEGIN + b"\n/b x\n" + END + b"\n", b"u\n" + BLOCK),
        (b"u\n" + BEGIN + b"\n/b x\n" + END, b"u\n" + BLOCK),
        (BLOCK + b"later\n", BLOCK + b"later\n" + BLOCK),
        (BLOCK, BLOCK),
        (END + b"\n", END + b"\n" + BLOCK),
    ],
)
def test_lines_come_into_the_block_at_the_end(content: bytes, after: bytes) -> None:
    assert with_lines(content, [b"/b x", b"/a x"]) == after


def test_no_line_changes_nothing() -> None:
    assert with_lines(b"x", []) == b"x"
    assert with_lines(BLOCK, []) == BLOCK


@given(st.lists(st.sampled_from([b"u\n", b"\r\n", b"\n", BEGIN + b"\n", END + b"\n", b"/c x\n", b"v"])).map(b"".join))
def test_adding_is_idempotent_and_keeps_what_stands_before(content: bytes) -> None:
    once = with_lines(content, [b"/a x", b"/b x"])
    assert with_lines(once, [b"/b x", b"/a x"]) == once
    assert {row.rstrip() for row in content.splitlines()} <= {row.rstrip() for row in once.splitlines()} | {b""}
