"""A hook's text: our part goes in below the first line, once, and comes out without a trace."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hfpush.repo.hooks.scripts import HOOK_NAMES, HookName, script
from hfpush.repo.hooks.text import BEGIN, END, has_more, state_of, with_hook, without_hook

HOOKS = [
    b"#!/bin/sh\necho mine\nexit 0\n",
    b"#!/usr/bin/env bash\nset -euo pipefail\r\ntrue",
    b"#!/bin/sh",
    b"#!/bin/sh\n",
    b"echo no first line\n",
    b"\n\n",
    b"",
    b'#!/bin/sh\ncommand -v git-lfs >/dev/null 2>&1 || exit 2\ngit lfs pre-push "$@"\n',
]
texts = st.binary() | st.sampled_from(HOOKS) | st.binary().map(lambda rest: b"#!/bin/sh" + rest)


@given(texts, st.sampled_from(HOOK_NAMES))
def test_a_hook_comes_back_byte_for_byte_and_a_second_time_changes_nothing(found: bytes, name: HookName) -> None:
    assume(BEGIN not in found and END not in found)
    ours = with_hook(found, script(name))
    assert state_of(ours, script(name)) == "installed"
    assert with_hook(ours, script(name)) == ours
    assert without_hook(ours) == found
    assert without_hook(found) == found


@pytest.mark.parametrize("name", HOOK_NAMES)
def test_a_file_that_we_made_goes_again_unless_it_was_added_to(name: HookName) -> None:
    made = with_hook(None, script(name))
    assert made == script(name)
    assert without_hook(made) is None
    assert not has_more(made)
    assert without_hook(made + b"echo mine\n") == b"#!/bin/sh\necho mine\n"
    assert with_hook(made + b"echo mine\n", script(name)) == made + b"echo mine\n"
    assert has_more(made + b"echo mine\n")


@pytest.mark.parametrize("found", [None, *HOOKS])
def test_the_part_of_another_version_is_renewed_where_it_stands(found: bytes | None) -> None:
    old = script("pre-commit").replace(b"(\n  case", b"( # older\n  case")
    before = with_hook(found, old)
    assert state_of(before, script("pre-commit")) == "outdated"
    assert with_hook(before, script("pre-commit")) == with_hook(found, script("pre-commit"))


def test_it_runs_before_anything_else_in_the_hook() -> None:
    ours = with_hook(b"#!/bin/sh\nexit 0\n", script("pre-commit"))
    assert ours.startswith(b"#!/bin/sh\n# >>> hfpush pre-commit, added >>>\n")
    assert ours.endswith(b"# <<< hfpush pre-commit <<<\nexit 0\n")


def test_of_pre_push_only_the_judgement_goes_into_a_hook_that_is_there() -> None:
    ours = with_hook(HOOKS[-1], script("pre-push"))
    assert ours.count(b"git lfs pre-push") == 1
    assert script("pre-push").count(b"git lfs pre-push") == 1


@pytest.mark.parametrize(
    "text",
    [
        b"# >>> hfpush pre-commit >>>\n",
        b"# <<< hfpush pre-commit <<<\n",
        b"# >>> hfpush a >>>\n# >>> hfpush b >>>\n# <<< hfpush b <<<\n",
    ],
)
def test_marks_that_do_not_fit_are_told(text: bytes) -> None:
    for ask in (lambda: with_hook(text, script("pre-commit")), lambda: without_hook(text)):
        with pytest.raises(ValueError, match="part of hfpush"):
            ask()


def test_a_hook_of_comments_does_nothing_more() -> None:
    assert state_of(None, script("pre-commit")) == "absent"
    assert state_of(b"#!/bin/sh\n# nothing\n\n", script("pre-commit")) == "without"
    assert not has_more(b"#!/bin/sh\n# nothing\n\n")
