"""The old history that a mending leaves in `refs/hfpush/backup/<stamp>/<ref>`, and how it is let go."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from hfpush.repo.mend.journal import BACKUPS, JournalStore
from hfpush.repo.mend.refs import Step, move_all
from hfpush.repo.repository import Repository
from hfpush.repo.writing import WritingGit

_BATCH = 200


@dataclass(frozen=True)
class Backup:
    """What one mending keeps: its stamp, and how many refs."""

    stamp: str
    refs: int


def backups(repository: Repository) -> tuple[Backup, ...]:
    """The old histories that are kept here, oldest first."""
    counts: dict[str, int] = {}
    for name in _refs(repository):
        stamp = name.removeprefix(BACKUPS).partition("/")[0]
        counts[stamp] = counts.get(stamp, 0) + 1
    return tuple(Backup(stamp, count) for stamp, count in sorted(counts.items()))


@dataclass(frozen=True)
class Forgotten:
    """What went: backup refs, and reflog entries. `freed` is what `git gc` can free after it, in bytes on the disk."""

    refs: int
    entries: int
    freed: int


def forget(repository: Repository) -> Forgotten:
    """Let go of every old history that is kept here: the backup refs, the journals, and the reflog entries that name
    commits which nothing but them holds. Other entries of the reflogs stay.

    Nothing is collected here: what is freed, `git gc` frees, when its owner runs it.
    """
    found = _refs(repository)
    only_here = _unshared(repository, found.values())
    freed = _bytes_on_disk(repository, _unshared(repository, found.values(), objects=True)) if only_here else 0
    move_all(repository, [Step(name, id, None) for name, id in found.items()], "hfpush fix --forget-backup")
    journals = JournalStore(repository)
    for journal in journals.all():
        journals.remove(journal)
    return Forgotten(len(found), _drop_entries(repository, only_here), freed)


def _unshared(repository: Repository, ids: Iterable[str], *, objects: bool = False) -> frozenset[str]:
    """The commits (or all objects) that these reach and no other ref does, nor HEAD."""
    asked = "".join(f"{id}\n" for id in ids).encode()
    more = ("--objects", "--no-object-names") if objects else ()
    others = ("--not", f"--exclude={BACKUPS}*", "--all", *(("HEAD",) if repository.tip else ()))
    if not asked:
        return frozenset()
    return frozenset(repository.git.line("rev-list", *more, "--stdin", *others, stdin=asked).split())


def _bytes_on_disk(repository: Repository, ids: Iterable[str]) -> int:
    asked = "".join(f"{id}\n" for id in ids).encode()
    sizes = repository.git.read("cat-file", "--batch-check=%(objectsize:disk)", "--buffer", stdin=asked)
    return sum(int(line) for line in sizes.split() if line.isdigit())


def _drop_entries(repository: Repository, commits: Collection[str]) -> int:
    """Delete the reflog entries that name these commits."""
    if not commits:
        return 0
    listed = repository.git.line("log", "-g", "--all", "--format=%H %gD", settings=("log.showSignature=false",))
    lines = [line.split(" ", 1) for line in listed.splitlines()]
    doomed = [selector for id, selector in lines if id in commits]
    git = WritingGit.of(repository)
    doomed.reverse()  # the last of a reflog first, so that the numbers of the others hold
    for start in range(0, len(doomed), _BATCH):
        git.read("reflog", "delete", "--rewrite", *doomed[start : start + _BATCH])
    return len(doomed)


def _refs(repository: Repository) -> dict[str, str]:
    lines = repository.git.line("for-each-ref", "--format=%(objectname) %(refname)", BACKUPS).splitlines()
    return {name: id for id, name in (line.split(" ", 1) for line in lines)}
