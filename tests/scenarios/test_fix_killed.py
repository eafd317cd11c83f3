"""A fix that is killed, at each of its steps and at random: the old history or the new one, and the way on and back.

The processes are real and the signal is SIGKILL, to the fix and the git commands that it runs.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.killable import Killable
from support.mendable import Repo, Watch, offending
from support.slowly import mostly_slow, some_slow
from support.surroundings import Surroundings, look, refs_of

from hfpush.commands.fix import fix, resume, undo
from hfpush.commands.fix_report import FixRequest
from hfpush.errors import Misuse
from hfpush.repo.mend.mending import pending
from hfpush.repo.mend.refs import refs_at_rest
from hfpush.repo.repository import Repository

STEPS = ("rewritten", "verified", "journal", "refs", "attributes", "index", "done")
UNDO_STEPS = ("undoing", "refs", "attributes", "index", "done")
WAYS = ("continue", "undo", "again")
GROUPS, KILLS = 25, 2
KILLED = -9


@dataclass(frozen=True)
class Known:
    """A repository before a fix, its refs after it, and how long that takes."""

    template: Path
    before: Surroundings
    old: dict[str, str]
    new: dict[str, str]
    seconds: float

    def copy(self, place: Path) -> Repo:
        shutil.copytree(self.template, place, symlinks=True)
        return Repo(place)


@pytest.fixture(scope="module")
def killable() -> Iterator[Killable]:
    with Killable() as running:
        yield running


@pytest.fixture
def known(tmp_path: Path, killable: Killable) -> Known:
    template = offending(tmp_path / "template", "--template=")
    template.git("notes", "add", "-m", "a note", "HEAD")
    for number in range(20):
        template.git("branch", f"b{number}", f"HEAD~{number % 4}")
    tried = Repo(shutil.copytree(template.path, tmp_path / "tried", symlinks=True))
    began = time.monotonic()
    assert killable.run(tried.path) == 0
    seconds = time.monotonic() - began
    old, new = without_backups(template.path), without_backups(tried.path)
    return Known(template.path, look(template.path), old, new, seconds)


def without_backups(path: Path) -> dict[str, str]:
    """The refs of a user, and of the notes what they say: their commit has a date."""
    refs = {name: id for name, id in refs_of(path).items() if not name.startswith("refs/hfpush/")}
    return refs | {"refs/notes/commits": Repo(path).git("rev-parse", "refs/notes/commits^{tree}")}


def check_whole(repo: Repo, known: Known) -> None:
    """The refs are all old or all new, and every object that they need is there.

    A git that moves the refs outlives the kill of who started it: its end is waited for.
    """
    with refs_at_rest(Repository.around(repo.path)):
        assert without_backups(repo.path) in (known.old, known.new)
    repo.git("fsck", "--connectivity-only")


def check_new(repo: Repo, known: Known) -> None:
    assert without_backups(repo.path) == known.new
    assert repo.status == ""
    assert pending(Repository.around(repo.path)) is None


def go(repo: Repo, known: Known, way: str) -> None:
    """Go on from a kill, in one of the ways that a user may take; then back to where it all began."""
    if way == "undo":
        with suppress(Misuse):  # it was killed before there was anything to undo
            undo(repo.path, Watch())
        assert look(repo.path) == known.before
        return
    if way == "continue":
        resume(repo.path, Watch())
    fix(FixRequest(repo.path), Watch())
    check_new(repo, known)
    repo.git("fsck", "--strict")
    undo(repo.path, Watch())
    assert look(repo.path) == known.before


@pytest.mark.parametrize("way", mostly_slow(zip(WAYS), quick={"continue"}))
def test_killed_at_each_step_a_fix_leaves_old_or_new_and_every_way_leads_on(
    tmp_path: Path, killable: Killable, known: Known, way: str
) -> None:
    for step in STEPS:
        repo = known.copy(tmp_path / step)
        assert killable.run(repo.path, at=step) == KILLED
        check_whole(repo, known)
        go(repo, known, way)
        assert leftovers(repo) == {"README", "fix.lock", "refs.lock"}


def leftovers(repo: Repo) -> set[str]:
    git_dir = repo.path / ".git"
    stray = {file.name for file in git_dir.iterdir() if file.name.startswith("index") and file.name != "index"}
    return {file.name for file in (git_dir / "hfpush").iterdir()} | stray


@pytest.mark.parametrize("step", mostly_slow(zip(UNDO_STEPS), quick={"refs", "done"}))
def test_killed_at_each_step_an_undo_leads_back_to_the_beginning(
    tmp_path: Path, killable: Killable, known: Known, step: str
) -> None:
    for way in ("undo", "continue"):
        repo = known.copy(tmp_path / way)
        fix(FixRequest(repo.path), Watch())
        assert killable.run(repo.path, "undo", at=step) == KILLED
        check_whole(repo, known)
        if way == "undo" and step != "done":
            undo(repo.path, Watch())
        else:
            resume(repo.path, Watch())
        assert look(repo.path) == known.before


@pytest.mark.parametrize("group", some_slow(GROUPS, quick=1))
def test_killed_at_random_a_fix_leaves_old_or_new_and_every_way_leads_on(
    tmp_path: Path, killable: Killable, known: Known, group: int
) -> None:
    chosen = random.Random(group)
    for number in range(KILLS):
        repo = known.copy(tmp_path / str(number))
        killable.run(repo.path, after=chosen.uniform(0, known.seconds * 1.1))
        check_whole(repo, known)
        go(repo, known, WAYS[(group * KILLS + number) % len(WAYS)])
        shutil.rmtree(repo.path)
