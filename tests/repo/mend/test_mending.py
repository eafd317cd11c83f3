"""What is done with a mending that stopped in the middle: also where git itself was killed while it moved the refs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.mendable import Repo, Watch, offending
from support.slowly import mostly_slow
from support.surroundings import look, refs_of

from hfpush.commands.fix import fix, forget, resume, undo
from hfpush.commands.fix_report import FixRequest
from hfpush.errors import HfpushError, Misuse
from hfpush.repo.mend.journal import Journal, JournalStore, RefMove
from hfpush.repo.mend.mending import Standing, pending, standing
from hfpush.repo.mend.refs import STALE_SECONDS
from hfpush.repo.repository import Repository

A, B, C = "a" * 40, "b" * 40, "c" * 40
TWO = Journal("s", "moving", ".", "HEAD", (RefMove("x", A, B), RefMove("y", A, B)), {})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"x": A, "y": A}, Standing("old", ())),
        ({"x": B, "y": B}, Standing("new", ())),
        ({"x": A, "y": B}, Standing("mixed", ())),
        ({"x": A, "y": C}, Standing("old", ("y",))),
        ({"x": B, "y": C}, Standing("new", ("y",))),
        ({"x": B}, Standing("new", ("y",))),
    ],
)
def test_where_refs_stand_is_told_by_what_they_hold(values: dict[str, str], expected: Standing) -> None:
    assert standing(TWO, values) == expected


@pytest.fixture
def torn(tmp_path: Path) -> Torn:
    """A repository whose git was killed while it moved the refs: some are old, some new, and locks lie about."""
    repo = offending(tmp_path / "repo")
    before = look(repo.path)
    fix(FixRequest(repo.path), Watch())
    after = refs_of(repo.path, "refs/heads", "refs/tags")
    store = JournalStore(Repository.open(repo.path))
    journal = store.latest()
    assert journal is not None
    undo(repo.path, Watch())
    store.write(replace(journal, state="moving", staged=None))
    half = journal.refs[: len(journal.refs) // 2]
    for move in half:
        repo.git("update-ref", journal.backup(move.ref), move.old)
        repo.git("update-ref", move.ref, move.new)
    for move in journal.refs[len(half) :]:
        lock = repo.path / ".git" / f"{move.ref}.lock"
        lock.write_text(move.new + "\n")
        then = time.time() - STALE_SECONDS - 1
        os.utime(lock, (then, then))
    return Torn(repo, before, after)


class Torn:
    def __init__(self, repo: Repo, before: object, after: dict[str, str]) -> None:
        self.repo, self.before, self.after = repo, before, after


WAYS = [("continue", resume), ("again", lambda path, watch: fix(FixRequest(path), watch))]


@pytest.mark.parametrize(("words", "way"), mostly_slow(WAYS, quick={"continue"}))
def test_a_mixture_goes_forward(torn: Torn, words: str, way: Callable[[Path, Watch], object]) -> None:
    assert pending(Repository.open(torn.repo.path)) is not None
    way(torn.repo.path, Watch())
    assert refs_of(torn.repo.path, "refs/heads", "refs/tags") == torn.after
    assert torn.repo.status == ""
    undo(torn.repo.path, Watch())
    assert look(torn.repo.path) == torn.before


def test_a_mixture_goes_back(torn: Torn) -> None:
    undo(torn.repo.path, Watch())
    assert look(torn.repo.path) == torn.before
    assert pending(Repository.open(torn.repo.path)) is None


def test_the_backup_is_not_let_go_while_it_is_needed(torn: Torn) -> None:
    with pytest.raises(Misuse) as error:
        forget(torn.repo.path, Watch())
    assert error.value.finding.reference == "fix-interrupted"


def test_a_dry_run_says_that_something_was_interrupted(torn: Torn) -> None:
    found = fix(FixRequest(torn.repo.path, dry_run=True), Watch()).findings
    assert "fix-interrupted" in [one.reference for one in found]


def test_a_ref_that_was_moved_after_the_crash_stays_where_it_was_put(torn: Torn) -> None:
    torn.repo.git("update-ref", "refs/heads/side", "main~3")
    put = torn.repo.git("rev-parse", "side")
    with pytest.raises(HfpushError) as error:
        undo(torn.repo.path, Watch())
    assert error.value.finding.reference == "fix-undo-moved"
    for lock in (torn.repo.path / ".git/refs").rglob("*.lock"):
        lock.unlink()
    resume(torn.repo.path, Watch())
    assert torn.repo.git("rev-parse", "side") == put
    assert torn.repo.git("rev-parse", "main") == torn.after["refs/heads/main"]


def test_another_work_tree_does_not_finish_for_the_one_whose_files_follow(torn: Torn, tmp_path: Path) -> None:
    torn.repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "main~3")
    with pytest.raises(Misuse) as error:
        resume(tmp_path / "linked", Watch())
    assert error.value.finding.reference == "fix-elsewhere"
