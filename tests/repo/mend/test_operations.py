"""Signs of an operation under way, as git leaves them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hfpush.repo.mend.operations import operations


@pytest.mark.parametrize(
    ("signs", "names", "ending"),
    [
        ([], [], None),
        (["rebase-merge/head-name", "CHERRY_PICK_HEAD"], ["rebase"], "rebase --abort"),
        (["rebase-apply/applying"], ["series of patches (git am)"], "am --abort"),
        (["rebase-apply/head-name"], ["rebase"], "rebase --abort"),
        (["MERGE_HEAD"], ["merge"], "merge --abort"),
        (["CHERRY_PICK_HEAD", "sequencer/todo"], ["cherry-pick"], "cherry-pick --abort"),
        (["REVERT_HEAD", "sequencer/todo"], ["revert"], "revert --abort"),
        (["sequencer/todo"], ["cherry-pick or revert"], "cherry-pick --abort"),
        (["BISECT_LOG", "MERGE_HEAD"], ["merge", "bisection"], "bisect reset"),
    ],
)
def test_the_outermost_operation_is_named_with_how_it_ends(
    tmp_path: Path, signs: list[str], names: list[str], ending: str | None
) -> None:
    for sign in signs:
        (tmp_path / sign).parent.mkdir(exist_ok=True)
        (tmp_path / sign).write_text("")
    found = operations(tmp_path)
    assert [one.name for one in found] == names
    assert ending is None or ending in found[-1].endings
