"""A rewritten history takes the place of the old one; and back again. The steps, in the order that survives a crash.

    journal (moving) -> refs, all in one transaction, with backups -> .gitattributes -> index -> journal (done)

Until the first ref moves, all is as before but for the journal. From then on `go_on` brings any state of it to its end,
and `go_back` to its beginning; either may be killed and called again. What a mending means is the caller's business:
here are objects that exist, and refs that move.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from hfpush.errors import Busy, Misuse, SourceChanged
from hfpush.repo.mend.converted import left_with_other_bytes
from hfpush.repo.mend.head_change import HeadChange, head_change
from hfpush.repo.mend.journal import Journal, JournalStore, RefMove
from hfpush.repo.mend.notes import copied_notes
from hfpush.repo.mend.preflight import edited
from hfpush.repo.mend.refs import HEAD, Step, current, move_all, release_stale, symbolic
from hfpush.repo.mend.sync import Contents, attributes_here, attributes_of, follow, restore, write_attributes
from hfpush.repo.mend.work_tree import index_path
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.values import Rewritten
from hfpush.repo.rules import shown

Reached = Callable[[str], None]
"""Told of each step that is done: `journal`, `refs`, `attributes`, `index`, `done`, and `undoing` on the way back."""
Where = Literal["old", "new", "mixed"]
_FORWARD, _BACKWARD = "hfpush fix", "hfpush fix --undo"


@dataclass(frozen=True)
class Standing:
    """Where the refs of a journal are: at their old or new values, some of each, and those that were moved since."""

    where: Where
    moved: tuple[str, ...]


def pending(repository: Repository) -> Journal | None:
    """The mending that was interrupted here, if there is one. Costs a look into a folder where there is none."""
    return JournalStore(repository).pending()


def standing(journal: Journal, values: Mapping[str, str]) -> Standing:
    """Where the refs are, by what they hold now. Pure."""
    at = [values.get(move.ref) for move in journal.refs]
    olds = sum(value == move.old for value, move in zip(at, journal.refs, strict=True))
    news = sum(value == move.new for value, move in zip(at, journal.refs, strict=True))
    moved = tuple(move.ref for value, move in zip(at, journal.refs, strict=True) if value not in (move.old, move.new))
    where: Where = "old" if not news else "new" if not olds else "mixed"
    return Standing(where, moved)


def mend(repository: Repository, rewritten: Rewritten, stamp: str, reached: Reached) -> Journal:
    """Put the rewritten history into the place of the old one. The caller holds the lock and has asked `refusals`.

    Raises SourceChanged when a ref, or a file that would change, is no longer as it was; nothing has moved then.
    """
    store = JournalStore(repository)
    aliases = symbolic(repository)
    moves = [RefMove(ref, moved.old, moved.new) for ref, moved in sorted(rewritten.refs.items()) if ref not in aliases]
    notes = copied_notes(repository, rewritten.commits)
    journal = Journal(
        stamp=stamp,
        state="moving",
        place=_place(repository),
        branch=_head_ref(repository),
        refs=tuple([*moves, notes] if notes else moves),
        attributes={},
    )
    change = _change(repository, journal)
    if change is not None:
        for finding in edited(repository, change.changes):
            raise SourceChanged(finding)
        journal = replace(journal, attributes=attributes_here(repository, attributes_of(repository, change)))
        store.keep_index(journal, index_path(repository))
    store.write(journal)
    reached("journal")
    try:
        _move(repository, journal, journal.forward(), _FORWARD)
    except (SourceChanged, Busy):
        if standing(journal, current(repository)).where == "old":
            store.remove(journal)
        raise
    return _arrive(repository, journal, reached)


def go_on(repository: Repository, journal: Journal, reached: Reached) -> Journal:
    """Bring a mending to its end. Refs that somebody has moved since stay where they are.

    Raises Misuse in another work tree than the one whose files have to follow.
    """
    if journal.head is not None and _place(repository) != journal.place:
        raise _elsewhere(repository, journal)
    values = current(repository)
    _move(repository, journal, [step for step in journal.forward() if _is_due(step, values)], _FORWARD)
    return _arrive(repository, journal, reached)


def _arrive(repository: Repository, journal: Journal, reached: Reached) -> Journal:
    """The refs have moved; the files follow."""
    reached("refs")
    change = _change(repository, journal)
    staged = None
    if change is not None and repository.commit_of(HEAD) == change.new:
        wanted = attributes_of(repository, change)
        write_attributes(repository, wanted, instead_of=_before(repository, journal, change))
        reached("attributes")
        staged = follow(repository, change)
        reached("index")
    settled = replace(journal, state="done", staged=staged)
    JournalStore(repository).write(settled)
    reached("done")
    return settled


def go_back(repository: Repository, journal: Journal, reached: Reached) -> None:
    """Bring a mending back to its beginning: refs, index and `.gitattributes` as they were before it. The caller holds
    the lock and has asked `obstacles`.

    Raises Misuse, with nothing changed, when a ref has moved or a `.gitattributes` was edited since.
    """
    store = JournalStore(repository)
    values = current(repository)
    moved = standing(journal, values).moved
    if moved:
        raise _moved_since(moved)
    change = _change(repository, journal)
    if change is not None:
        _check_attributes(repository, journal, change)
    journal = store.settle(journal, "undoing")
    reached("undoing")
    _move(repository, journal, [step for step in journal.backward() if _is_due(step, values)], _BACKWARD)
    reached("refs")
    if change is not None:
        before = _before(repository, journal, change)
        links = {path for path, one in change.changes.items() if one.was_link}
        write_attributes(repository, before, instead_of=attributes_of(repository, change), links=links)
        reached("attributes")
        saved = store.index(journal)
        same_files = _place(repository) == journal.place and _head_ref(repository) == journal.branch
        kept = same_files and journal.staged is not None and saved.is_file()
        if not (kept and restore(repository, saved, staged=journal.staged or "")):
            follow(repository, change.back())
        reached("index")
    store.remove(journal)
    reached("done")


def left_modified(repository: Repository, journal: Journal) -> list[str]:
    """The files that git calls modified now because their objects have other bytes: they were converted when they were
    checked out."""
    change = _change(repository, journal)
    if change is None or repository.commit_of(HEAD) != change.new:
        return []
    return left_with_other_bytes(repository, [path for path, one in change.changes.items() if not one.is_attributes])


def drop(repository: Repository, journal: Journal) -> None:
    """Forget a mending that was interrupted before any ref moved."""
    values = current(repository)
    backups = [Step(journal.backup(move.ref), move.old, None) for move in journal.refs]
    _move(repository, journal, [step for step in backups if values.get(step.ref) == step.old], _BACKWARD)
    JournalStore(repository).remove(journal)


def _is_due(step: Step, values: Mapping[str, str]) -> bool:
    return values.get(step.ref) == step.old and step.old != step.new


def _move(repository: Repository, journal: Journal, steps: list[Step], message: str) -> None:
    try:
        move_all(repository, steps, message)
    except Busy:
        written: dict[str, set[str]] = {}
        for step in (*journal.forward(), *journal.backward()):
            written.setdefault(step.ref, set()).update(filter(None, (step.old, step.new)))
        if not release_stale(repository, written, now=time.time()):
            raise
        move_all(repository, steps, message)


def _head_ref(repository: Repository) -> str:
    return f"refs/heads/{repository.branch}" if repository.branch else HEAD


def _place(repository: Repository) -> str:
    return os.path.relpath(repository.git_dir, repository.common_dir)


def _change(repository: Repository, journal: Journal) -> HeadChange | None:
    """What the moves change in the files of this work tree; None where it has none or they stay."""
    wanted = _head_ref(repository)
    move = next((move for move in journal.refs if move.ref == wanted), None)
    if move is None or repository.root is None:
        return None
    return head_change(repository, move.old, move.new)


def _before(repository: Repository, journal: Journal, change: HeadChange) -> Contents:
    """The `.gitattributes` of before: as they were in the work tree, or where another branch is checked out now, as
    that one's old commit has them."""
    if _place(repository) == journal.place and _head_ref(repository) == journal.branch:
        return journal.attributes
    return attributes_of(repository, change.back())


def _check_attributes(repository: Repository, journal: Journal, change: HeadChange) -> None:
    before, after = _before(repository, journal, change), attributes_of(repository, change)
    here = attributes_here(repository, before)
    edited_since = [path for path in before if here[path] not in (before[path], after.get(path))]
    if edited_since:
        raise Misuse.of(
            "fix-attributes-edited",
            "A .gitattributes file was edited since, and going back would lose that.",
            seen=tuple(shown(path) for path in edited_since[:10]),
            to_try=("move your edited file away", "then run the same command again"),
        )


def _elsewhere(repository: Repository, journal: Journal) -> Misuse:
    return Misuse.of(
        "fix-elsewhere",
        "The history was being changed from another work tree of this repository, whose files have to follow.",
        seen=(f"its git directory: {os.path.normpath(repository.common_dir / journal.place)}",),
        to_try=("run the same command in that work tree",),
    )


def _moved_since(refs: tuple[str, ...]) -> Misuse:
    return Misuse.of(
        "fix-undo-moved",
        "There is newer work on the new history, which going back would lose.",
        seen=tuple(f"{shown(ref)} has moved since" for ref in refs[:10]),
        to_try=(
            "git for-each-ref refs/hfpush/backup, which shows where the old history is kept",
            "or put those refs back to where hfpush fix left them (git reflog), then run the same command again",
        ),
    )
