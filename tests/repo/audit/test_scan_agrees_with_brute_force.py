"""A scan finds, in random histories, what reading every tree of every commit finds, and tells the same of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from support.histories import LIMIT, History, history
from support.object_reader import Tree, read
from support.offending import READ_BY_GIT
from support.slowly import some_slow
from support.truth import Attributes, Introduction, Truth, is_binary, truth

from hfpush.lfs.pointer import parse_pointer
from hfpush.repo.audit.found import FoundBlob, Scan, Sighting
from hfpush.repo.audit.scan import MANY_COMMITS, scan
from hfpush.repo.audit.scoping import everything, to_push
from hfpush.repo.repository import Repository
from hfpush.repo.scope import Scope

GROUPS, SEEDS = 21, 200  # odd: each group has both kinds


@pytest.mark.parametrize("group", some_slow(GROUPS, quick=1))
def test_scan_agrees_with_brute_force(tmp_path: Path, group: int) -> None:
    problems = []
    for seed in range(group, SEEDS, GROUPS):
        made = history(tmp_path / str(seed), seed)
        repository = Repository.around(made.root)
        scope = to_push(repository, None) if seed % 2 else everything(repository)
        true, asked = _truth(made, scope), None
        asked = _Both(true.repo, tmp_path / f"cloned-{seed}")
        asked.in_work_tree = Attributes(true.repo, tmp_path / f"attributes-{seed}", marked=True)
        for sizes_only, many in ((False, MANY_COMMITS), (True, MANY_COMMITS), (True, 0)):  # the last: sizes first
            scanned = scan(repository, scope, above=LIMIT, sizes_only=sizes_only, many=many)
            problems += [
                f"seed {seed}, {sizes_only=}, {many=}: {line}"
                for line in _differences(made, true, asked, scanned, sizes_only)
            ]
    assert not problems, "\n".join(problems[:20])


class _Both(Attributes):
    """In a clone, and in a work tree as well: the two differ after a byte order mark."""

    in_work_tree: Attributes

    def lfs(self, tree: Tree, paths: Iterable[str]) -> set[str]:
        paths = list(paths)
        return super().lfs(tree, paths) & self.in_work_tree.lfs(tree, paths)


def _truth(made: History, scope: Scope) -> Truth:
    aside = ("refs/remotes/", "refs/stash", "refs/notes/")
    tips = {name: id for name, id in made.refs.items() if not name.startswith(aside)}
    if not made.head.startswith("refs/"):
        tips["HEAD"] = made.head
    known: set[str] = set()
    if scope.known:
        tips.pop("refs/custom/x", None)
        known = {id for name, id in made.refs.items() if name.startswith("refs/remotes/")}
        assert scope.known == known
    assert dict(scope.tips) in (tips, {name: id for name, id in tips.items() if name != "refs/custom/x"})
    return truth(read(made.git_dir), scope.tips, known)


def _differences(made: History, true: Truth, asked: Attributes, scanned: Scan, sizes_only: bool) -> list[str]:
    found = {blob.id: blob for blob in scanned.blobs}
    wanted = {id for id in true.blobs if _deserves_a_word(made, true, asked, id, sizes_only)}
    lines = [f"not found: {id}" for id in wanted - found.keys()]
    lines += [f"found for nothing: {found[id]}" for id in found.keys() - wanted]
    if len(found) != len(scanned.blobs):
        lines.append("a blob is told twice")
    if scanned.absent or (not sizes_only and scanned.commits != len(true.commits)):
        lines.append(f"{scanned.commits} commits instead of {len(true.commits)}, {scanned.absent} absent")
    for id in wanted & found.keys():
        lines += _differences_of(true, asked, found[id], sizes_only)
    return lines


def _deserves_a_word(made: History, true: Truth, asked: Attributes, id: str, sizes_only: bool) -> bool:
    content = true.repo.body(id, "blob")
    if sizes_only or len(content) > LIMIT:
        return len(content) > LIMIT
    pointer = parse_pointer(content)
    places = [(one.path, _lfs(true, asked, one)) for one in true.introductions if one.blob == id]
    for tip, found in true.odd.items():
        tree = true.repo.peeled(true.tips[tip], "tree")
        held = true.repo.tree(tree) if tree else {}
        places += [(path, bool(asked.lfs(held, [path]))) for path, blob in found if blob == id]
    if pointer is not None:
        stored = len(made.store.get(pointer.oid, b"")) == pointer.size
        return content != pointer.encode() or not stored or not all(lfs for _, lfs in places)
    if is_binary(content) or content.startswith((b"version https://git-lfs", b"version https://hawser")):
        return True
    return bool(content) and any(lfs and path.rpartition("/")[2] not in READ_BY_GIT for path, lfs in places)


def _lfs(true: Truth, asked: Attributes, one: Introduction) -> bool:
    return bool(asked.lfs(true.repo.files(one.commit), [one.path]))


def _differences_of(true: Truth, asked: Attributes, blob: FoundBlob, sizes_only: bool) -> list[str]:
    content, id = true.repo.body(blob.id, "blob"), blob.id
    lines = []
    pointer = parse_pointer(content)
    told = blob.size, set(blob.refs)
    if told != (len(content), true.refs_to(id)):
        lines.append(f"{id}: {told} instead of {len(content)}, {true.refs_to(id)}")
    if not sizes_only and (blob.pointer, blob.pointer is None or blob.canonical) != (
        pointer,
        pointer is None or content == pointer.encode(),
    ):
        lines.append(f"{id}: pointer {blob.pointer}, {blob.canonical=}")
    if blob.binary not in (None, is_binary(content)):
        lines.append(f"{id}: {blob.binary=}")
    if blob.binary is None and not sizes_only and len(content) <= LIMIT and pointer is None:
        lines.append(f"{id}: nobody looked whether it is binary")
    if (blob.binary or blob.broken_pointer) and not sizes_only and blob.head != content[:512]:
        lines.append(f"{id}: a wrong head")
    introductions = {(one.commit, one.path): one for one in true.introductions if one.blob == id}
    odd = {path for found in true.odd.values() for path, other in found if other == id}
    told_commits = {(at.commit, at.path): at for at in blob.sightings if at.commit}
    if len(set(blob.sightings)) != len(blob.sightings):
        lines.append(f"{id}: a sighting is told twice")
    if told_commits.keys() != introductions.keys():
        lines.append(f"{id}: sightings {sorted(told_commits)} instead of {sorted(introductions)}")
    if {at.path for at in blob.sightings if not at.commit} != odd:
        lines.append(f"{id}: without a commit: {blob.sightings} instead of {odd}")
    for place in told_commits.keys() & introductions.keys():
        lines += _differences_at(true, asked, told_commits[place], introductions[place])
    order = [true.commits.index(at.commit) for at in blob.sightings if at.commit in true.commits]
    for number, at in enumerate(blob.sightings):
        after = true.after(at.commit) if at.commit else set()
        if any(other.commit in after for other in blob.sightings[:number]):
            lines.append(f"{id}: sightings are not oldest first ({order})")
    return lines


def _differences_at(true: Truth, asked: Attributes, at: Sighting, one: Introduction) -> list[str]:
    lines = []
    if at.mode != one.mode:
        lines.append(f"{at}: mode {one.mode}")
    if at.lfs != _lfs(true, asked, one):
        lines.append(f"{at}: the attributes say otherwise")
    removers = true.removers(one)
    first = {commit for commit in removers if not any(commit in true.after(other) for other in removers)}
    if (at.removed is None) != (not removers) or (at.removed is not None and at.removed not in first):
        lines.append(f"{at}: removed by one of {first}")
    return lines
