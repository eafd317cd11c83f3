from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.repo.audit.card import MAX_BLOCK_BYTES, judge_card


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"# a model\n",
        b"---\nlicense: mit\n---\n# a model\n",
        b"---\r\nlicense: mit\r\n---\r\n",
        b"\xef\xbb\xbf---\nlicense: mit\n---",
        b"---\n---\n",
        b"---\nlicense: mit\n",  # no end: then it is text
        b"text\n---\na: b: c\n---\n",
        b"---\nlanguage: no\n---\n",
        b"---\na: &a [x, x]\nb: [*a, *a]\n---\n",
        b"---\n" + b"#" * MAX_BLOCK_BYTES + b"\na: b: c\n---\n",
    ],
)
def test_cards_that_the_hub_takes(text: bytes) -> None:
    assert judge_card(text) == ()


@pytest.mark.parametrize(
    ("text", "words", "refused"),
    [
        (b"---\na: b: c\n---\n", "mapping values are not allowed here in line 2", True),
        (b"---\na: 1\n\tb: 2\n---\n", "line 3", True),
        (b"---\nlicense: mit\nlicense: mit\n---\n", "'license' is there twice in line 3", True),
        (b"---\n- a\n---\n", "is not made of", True),
        (b"---\njust words\n---\n", "is not made of", True),
        (b"---\na: caf\xe9\n---\n", "is not UTF-8", True),
        (b"---\na: \x00\n---\n", "", True),
        (b"---\na: *b\n---\n", "undefined alias", True),
        (b"---\na: !!python/object:os.system x\n---\n", "constructor", False),
        (b"---\na: 2024-13-01\n---\n", "month", False),
        (b"---\n" + b"[" * 60_000 + b"\n---\n", "recursion", False),
    ],
    ids=lambda value: value[:30].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_blocks_that_cannot_be_read(text: bytes, words: str, refused: bool) -> None:
    [problem] = judge_card(text)
    assert problem.field == ""
    assert words in problem.why
    assert problem.refused is refused


def test_fields_are_judged_by_the_type_of_the_repository() -> None:
    assert [one.field for one in judge_card(b"---\nlicense: [1]\n---\n")] == ["license"]
    assert [one.field for one in judge_card(b"---\ntitle: x\n---\n", "space")] == ["sdk"]


def test_a_few_lines_that_stand_for_a_million_values_take_no_time() -> None:
    lines = [b"a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 9)]
    began = time.process_time()
    assert judge_card(b"---\n" + b"\n".join([*lines, b"tags: *a8"]) + b"\n---\n")[0].field == "tags"
    assert time.process_time() - began < 2


@given(st.text(max_size=60) | st.text("ab:-[]{}*&!#'\"\n \t?|>%@", max_size=60))
def test_any_block_is_read_or_refused(text: str) -> None:
    judge_card(f"---\n{text}\n---\n".encode("utf-8", "surrogatepass"), "space")
