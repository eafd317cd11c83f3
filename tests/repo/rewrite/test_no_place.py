"""Which entries are no place for attributes. How commits are found by them is in test_plan.py."""

from __future__ import annotations

import pytest

from hfpush.repo.rewrite.no_place import is_no_place, no_place
from hfpush.repo.rewrite.tree import entries


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("40000", True), ("040000", True), ("160000", True), ("100644", False), ("100755", False), ("120000", False)],
)
def test_a_folder_and_a_submodule_are_no_place(mode: str, expected: bool) -> None:
    (entry,) = entries(mode.encode() + b" .gitattributes\0" + b"i" * 20, 20)
    assert is_no_place(entry) is expected


def test_long_lists_of_commits_are_cut() -> None:
    assert no_place(["c"] * 12).evidence == (*["c"] * 10, "and 2 more")
