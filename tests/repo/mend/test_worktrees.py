"""The other work trees of a repository, and what they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hfpush.repo.mend.worktrees import checkouts
from hfpush.repo.repository import Repository


def test_each_work_tree_sees_the_others_with_their_branches(new_repo: Callable[..., Any]) -> None:
    repo = new_repo()
    repo.commit()
    repo.git("branch", "side")
    linked = repo.path.parent / "linked"
    repo.git("worktree", "add", "-q", str(linked), "side")
    repo.git("worktree", "add", "-q", "--detach", str(repo.path.parent / "third"))
    seen = {one.root: one.branches for one in checkouts(Repository.open(repo.path))}
    assert seen == {linked: {"refs/heads/side"}, repo.path.parent / "third": frozenset()}
    from_there = {one.root: one.branches for one in checkouts(Repository.open(linked))}
    assert from_there[repo.path] == {"refs/heads/main"}
    assert linked not in from_there


def test_a_branch_that_is_being_rebased_elsewhere_is_held(new_repo: Callable[..., Any]) -> None:
    repo = new_repo()
    repo.commit()
    repo.git("branch", "side")
    linked = repo.path.parent / "linked"
    repo.git("worktree", "add", "-q", str(linked), "side")
    folder = repo.path / ".git/worktrees/linked"
    (folder / "HEAD").write_text(repo.git("rev-parse", "HEAD") + "\n")
    (folder / "rebase-merge").mkdir()
    (folder / "rebase-merge/head-name").write_text("refs/heads/side\n")
    (folder / "BISECT_START").write_text("other\n")
    (one,) = checkouts(Repository.open(repo.path))
    assert one.branches == {"refs/heads/side", "refs/heads/other"}


def test_a_bare_repository_holds_no_branch_itself(new_repo: Callable[..., Any]) -> None:
    repo = new_repo("bare.git", "--bare")
    assert checkouts(Repository.around(repo.path)) == ()
