"""How a commit may get onto the Hub's branch: by cases."""

from __future__ import annotations

import pytest

from hfpush.commands.branch import Move, RemoteBranch, check_free, move_for
from hfpush.errors import Refused

OURS, OLDER, FOREIGN = "a" * 40, "b" * 40, "c" * 40

CASES: list[tuple[RemoteBranch, Move | None]] = [
    (RemoteBranch("main", None), "create"),
    (RemoteBranch("main", OURS, head_is_ours=True), "nothing"),
    (RemoteBranch("main", OLDER, head_is_ours=True), "forward"),
    (RemoteBranch("main", FOREIGN, only_initial=True), "replace-initial"),
    (RemoteBranch("main", FOREIGN), None),
]


@pytest.mark.parametrize(("branch", "move"), CASES)
@pytest.mark.parametrize("folder", [True, False])
def test_a_branch_is_moved_only_where_nobodys_commit_is_lost(
    branch: RemoteBranch, move: Move | None, folder: bool
) -> None:
    assert branch.is_free == (move is not None)
    if move is None:
        with pytest.raises(Refused) as caught:
            check_free(branch, folder=folder)
        finding = caught.value.finding
        assert finding.reference == "remote-moved"
        assert finding.evidence == (f"its head there is {FOREIGN[:12]}",)
        assert ("git pull" in finding.remedy[0]) != folder, "a folder has no history of its own to rebase"
    else:
        check_free(branch, folder=folder)
        assert move_for(branch, OURS) == move


def test_a_commit_that_is_still_to_be_made_is_never_there_already() -> None:
    assert move_for(RemoteBranch("main", OURS, head_is_ours=True), "") == "forward"
