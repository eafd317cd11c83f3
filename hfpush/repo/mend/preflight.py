"""What must not be so when history is replaced: each reason a finding, with the command that clears it. Reads only."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from hfpush import units
from hfpush.findings import Finding
from hfpush.repo.attributes import FILE
from hfpush.repo.content import object_stores
from hfpush.repo.mend.converted import only_converted
from hfpush.repo.mend.operations import Operation, operations
from hfpush.repo.mend.work_tree import files, plain_status, read_index
from hfpush.repo.mend.worktrees import Checkout, checkouts
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.no_place import no_place
from hfpush.repo.rewrite.values import RewritePlan
from hfpush.repo.rules import shown

COMMIT_BYTES = 4096
"""What a commit made anew takes on the disk at most, as a rule: it, and the trees that change with it."""
SPARE_BYTES = 16 * 2**20
_SHOWN = 10


def refusals(repository: Repository, plan: RewritePlan) -> tuple[Finding, ...]:
    """Everything that stands in the way of this plan, the first thing to clear first; empty when nothing does.

    Files of the work tree, other than those that would change, may be as they like: edited, new, gone.
    """
    found = [*_history(repository), *obstacles(repository, plan.moves)]
    if plan.no_place:
        found.append(no_place([f"commit {id}" for id in plan.no_place]))
    if follows(repository, plan.moves):
        found += edited(repository, at_risk(plan))
    return (*found, *_rights(repository), *room(repository, plan))


def obstacles(repository: Repository, refs: Collection[str]) -> tuple[Finding, ...]:
    """What stands in the way of moving these refs, or of moving them back: operations under way, other work trees,
    staged changes."""
    found = [*_under_way(repository), *_elsewhere(repository, refs)]
    return (*found, *(_staged(repository) if follows(repository, refs) else ()))


def follows(repository: Repository, refs: Collection[str]) -> bool:
    """Whether the index and the work tree have to follow when these refs move."""
    if repository.root is None or repository.tip is None:
        return False
    return (f"refs/heads/{repository.branch}" if repository.branch else "HEAD") in refs


def at_risk(plan: RewritePlan) -> set[str]:
    """The paths whose files change, or might: the offending ones, and the attribute files on the way to them."""
    paths = {offence.path for offence in plan.offences}
    folders = {folder for path in paths for folder in _folders(path)} | {""}
    return paths | {f"{folder}/{FILE}" if folder else FILE for folder in folders}


def edited(repository: Repository, paths: Collection[str]) -> Iterator[Finding]:
    """The finding for files at these paths that are not what was committed."""
    assert repository.root is not None
    index = read_index(repository)
    found = files(repository, index, paths)
    staged = index.at(paths)
    changed = [path for path, one in found.items() if _differs(repository.root, path, one.state)]
    changed += [
        path
        for path in sorted(paths)
        if path not in staged and path.rpartition("/")[2] == FILE and plain_status(repository.root, path) is not None
    ]
    regular = {path: staged[path] for path in changed if path in staged and path.rpartition("/")[2] != FILE}
    converted = only_converted(repository, {path: one for path, one in regular.items() if found[path].status})
    changed = [path for path in changed if path not in converted]
    if changed:
        names = shlex.join(changed[:_SHOWN]) if all(map(str.isprintable, changed[:_SHOWN])) else "."
        yield Finding(
            "fix-edited",
            "Files that would change with the history are not as they were committed.",
            evidence=_some(shown(path) for path in changed),
            remedy=(
                f"{_git(repository)} add -- {names} && {_git(repository)} commit, which keeps the new content",
                f"{_git(repository)} stash push -- {names}, and git stash pop after it",
            ),
        )


def room(repository: Repository, plan: RewritePlan) -> Iterator[Finding]:
    """The finding for a disk that is too full for the plan."""
    store = object_stores(repository)[0]
    there = next((place for place in (store, *store.parents) if place.is_dir()), repository.common_dir)
    needs = ((repository.common_dir, plan.commits * COMMIT_BYTES + SPARE_BYTES), (there, plan.lfs_bytes))
    by_disk: dict[int, tuple[Path, int]] = {}
    for place, need in needs:
        disk = place.stat().st_dev
        by_disk[disk] = place, need + by_disk.get(disk, (place, 0))[1]
    for place, need in by_disk.values():
        free = shutil.disk_usage(place).free
        if need > free:
            yield no_room(place, need, free)


def no_room(place: Path, need: int, free: int) -> Finding:
    """The finding of a disk with less room than is needed, both in bytes. Pure."""
    return Finding(
        "fix-needs-room",
        "The disk has not enough room for the new history.",
        evidence=(f"{place}: {units.size(need)} needed, {units.size(free)} free",),
        remedy=(f"make {units.size(need - free)} of room there, then run the same command again",),
    )


def _history(repository: Repository) -> Iterator[Finding]:
    git = _git(repository)
    shallow = repository.common_dir / "shallow"
    if shallow.is_file() and shallow.stat().st_size:
        yield Finding(
            "fix-shallow",
            "This is a shallow clone: the older history is not here, so it cannot be made anew.",
            evidence=(str(shallow),),
            remedy=(f"{git} fetch --unshallow",),
        )
    replaced = repository.git.line("for-each-ref", "--format=%(refname:lstrip=2)", "refs/replace/").split()
    grafts = repository.common_dir / "info/grafts"
    if replaced:
        yield Finding(
            "fix-replaced",
            "Replacement objects (git replace) show another history than the one that is stored.",
            evidence=_some(replaced),
            remedy=(f"{git} replace -d {' '.join(replaced[:50])}, once they are no longer needed",),
        )
    if grafts.is_file() and grafts.stat().st_size:
        yield Finding(
            "fix-replaced",
            "Grafts show another history than the one that is stored.",
            evidence=(str(grafts),),
            remedy=(f"rm {shlex.quote(str(grafts))}, once they are no longer needed",),
        )


def _under_way(repository: Repository) -> Iterator[Finding]:
    for one in operations(repository.git_dir):
        yield _operation(one, _git(repository))


def _operation(one: Operation, git: str) -> Finding:
    return Finding(
        "fix-operation",
        f"A {one.name} is under way, and it holds on to commits of the history.",
        evidence=(str(one.sign),),
        remedy=tuple(f"{git} {command}" for command in one.endings),
    )


def _elsewhere(repository: Repository, refs: Collection[str]) -> Iterator[Finding]:
    for one in checkouts(repository):
        held = sorted(one.branches & set(refs))
        if held:
            yield _held(one, held)


def _held(one: Checkout, branches: list[str]) -> Finding:
    names = ", ".join(shown(name.removeprefix("refs/heads/")) for name in branches)
    git = f"git -C {shlex.quote(str(one.root))}"
    return Finding(
        "fix-checked-out",
        f"Another work tree of this repository has {names} checked out, and would not follow.",
        evidence=(str(one.root),),
        remedy=(
            f"{git} switch --detach, and switch back after it",
            f"git worktree remove {shlex.quote(str(one.root))}, if it is no longer needed",
        ),
    )


def _staged(repository: Repository) -> Iterator[Finding]:
    how = ("--cached", "--raw", "-z", "--no-renames", "--ignore-submodules=none")
    raw = repository.git.read("diff-index", *how, repository.head)
    paths = raw.decode("utf-8", "surrogateescape").split("\0")[1::2]
    if paths:
        git = _git(repository)
        yield Finding(
            "fix-staged",
            "Changes are staged and not committed.",
            evidence=_some(shown(path) for path in paths),
            remedy=(f"{git} commit", f"or {git} stash, and git stash pop after it"),
        )


def _rights(repository: Repository) -> Iterator[Finding]:
    places = [repository.common_dir, repository.common_dir / "objects", repository.common_dir / "refs"]
    places += [repository.git_dir, *([repository.root] if repository.root else [])]
    closed = [place for place in dict.fromkeys(places) if not os.access(place, os.W_OK | os.X_OK)]
    if closed:
        yield Finding(
            "fix-unwritable",
            "This user may not write into the repository.",
            evidence=tuple(map(str, closed)),
            remedy=("run as its owner", f"or chmod u+w {shlex.join(map(str, closed))}"),
        )


def _differs(root: Path, path: str, state: str) -> bool:
    if path.rpartition("/")[2] == FILE:
        return state != "unchanged"
    return state == "edited"


def _folders(path: str) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _git(repository: Repository) -> str:
    return f"git -C {shlex.quote(str(repository.root or repository.git_dir))}"


def _some(lines: Iterable[str]) -> tuple[str, ...]:
    every = list(lines)
    more = (f"and {len(every) - _SHOWN:,} more",) if len(every) > _SHOWN else ()
    return (*every[:_SHOWN], *more)
