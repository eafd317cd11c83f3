"""What `track` would write and stage in a repository: lines of attribute files, and pointers in the place of content.

Reads; changes nothing. Nothing of a history is looked at but the commit that is checked out.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from hfpush import units
from hfpush.findings import Finding
from hfpush.repo.attributes import FILE, Attributes, lfs_paths
from hfpush.repo.audit.attribute_rules import private_finding
from hfpush.repo.filter.wiring import in_force
from hfpush.repo.process import GitFailed
from hfpush.repo.repository import Repository
from hfpush.repo.rules import MAX_GIT_FILE, NEVER_LFS, shown
from hfpush.repo.track.cover import Line, cover
from hfpush.repo.track.held import Held, Staged, look, needs_of, raw_blobs
from hfpush.repo.track.trouble import TrackTrouble, trouble_findings

_SHOWN = 20


@dataclass(frozen=True)
class TrackPlan:
    """What is to be done.

    `writes` are attribute files by path, with the content that each gets; `lines` those of it that are added for a
    file's sake, and `started` says that the file at the top starts with a template. `restage` are staged files whose
    content is to become a pointer; `staged_writes` the attribute files as they are to be staged, so that what is staged
    has the lines that its pointers need. Findings that are errors tell of what cannot be helped by a line.
    """

    held: Held
    lines: tuple[Line, ...]
    writes: Mapping[str, bytes]
    started: bool
    restage: Mapping[str, Staged]
    staged_writes: Mapping[str, bytes]
    findings: tuple[Finding, ...]

    @property
    def nothing_to_do(self) -> bool:
        """Whether everything is as it should be already."""
        return not self.writes and not self.restage and not self.staged_writes


def plan_track(repository: Repository, start: bytes) -> TrackPlan:
    """Looks at a repository with a work tree. `start` is what the attribute file at the top starts with in a repository
    that has none at all."""
    held = look(repository)
    files = [path for path in held.paths if not _is_gits(path)]
    before = held.attributes
    base: Attributes = before if before or not start else {"": start}
    in_lfs = lfs_paths(before, files)
    by_base = in_lfs if base is before else lfs_paths(base, files)
    plain = [path for path in files if path not in by_base]
    needs = needs_of(repository, held, plain)
    needing = {need.path for need in needs}
    others = [path for path in held.paths if path not in by_base and path not in needing]
    covered = cover(base, needs, others)
    after = lfs_paths(covered.attributes, files) if covered.attributes is not before else in_lfs
    raw = raw_blobs(repository, held, after)
    restage = _restage(repository, held, raw, in_lfs)
    pointers = {path for path in after if path in held.staged and held.staged[path].size} - raw.keys()
    writes = {_file(at): text for at, text in covered.attributes.items() if before.get(at) != text}
    return TrackPlan(
        held=held,
        lines=covered.lines,
        writes=writes,
        started=base is not before,
        restage=restage,
        staged_writes=_staged_writes(held, covered.attributes, covered.lines, {*restage, *pointers}),
        findings=(
            *trouble_findings(_trouble(held, covered.uncovered)),
            *_warnings(repository, covered.attributes, after, restage),
        ),
    )


def _restage(
    repository: Repository, held: Held, raw: Mapping[str, Staged], before: Collection[str]
) -> dict[str, Staged]:
    """The staged content (`raw`) that goes to LFS by a new line, or that has to and went there by an old one in
    vain."""
    vain = [path for path in raw if path in before]
    must = {need.path for need in needs_of(repository, held, vain)}
    return {path: one for path, one in raw.items() if path not in before or path in must}


def _staged_writes(
    held: Held, attributes: Attributes, lines: Collection[Line], pointers: Collection[str]
) -> dict[str, bytes]:
    """The attribute files to be staged, so that a commit has the lines that its pointers need: those that are made now,
    and those that `git add` made by lines of the work tree that were never staged. Where what is staged differs from
    the work tree otherwise, the new lines alone, as long as that will do."""
    if not pointers or held.staged_attributes == attributes:
        return {}
    if not set(pointers) - lfs_paths(held.staged_attributes, pointers):
        return {}
    wanted: dict[str, bytes] = dict(held.staged_attributes)
    for line in lines:
        wanted[line.folder] = _added(wanted, held, attributes, line.folder)
    if set(pointers) - lfs_paths(wanted, pointers):
        wanted |= attributes
    return {_file(at): text for at, text in wanted.items() if held.staged_attributes.get(at) != text}


def _added(wanted: Mapping[str, bytes], held: Held, attributes: Attributes, folder: str) -> bytes:
    before, staged = held.attributes.get(folder, b""), held.staged_attributes.get(folder)
    if staged is None or staged == before:
        return attributes[folder]
    new = attributes[folder][len(before) :]
    return staged + (b"\n" if not staged.endswith(b"\n") and not new.startswith((b"\n", b"\r\n")) else b"") + new


def _trouble(held: Held, uncovered: Collection[str]) -> TrackTrouble:
    return TrackTrouble(
        links=held.links,
        uncovered=tuple((path, held.size(path)) for path in uncovered),
        too_large=tuple(
            (path, held.size(path)) for path in held.paths if _is_gits(path) and held.size(path) > MAX_GIT_FILE
        ),
    )


def _warnings(
    repository: Repository, attributes: Attributes, lfs: Collection[str], restage: Mapping[str, Staged]
) -> Iterator[Finding]:
    place = shlex.quote(str(repository.root))
    yield from _local_attributes(repository)
    if lfs and in_force(repository.git) is None:
        yield Finding(
            "lfs-filter-missing",
            "git has no filter for LFS files here, so the next git add of one would store its content in git itself.",
            remedy=("hfpush lfs install", "or, where git-lfs is there: git lfs install"),
            severity="warning",
        )
    committed = _in_head(repository, restage)
    if committed:
        yield Finding(
            "raw-in-history",
            f"{units.count(len(committed), 'file')} that must go to LFS {'is' if len(committed) == 1 else 'are'} in a "
            "commit already, and the Hub looks at each commit of a push.",
            evidence=tuple(f"{shown(path)}: {units.size(restage[path].size or 0)}" for path in committed[:_SHOWN]),
            remedy=(f"hfpush fix {place}, after you have committed", f"hfpush audit {place}, which tells since when"),
            severity="warning",
        )
    if "README.md" in lfs:
        yield Finding(
            "card-in-lfs",
            "README.md goes to LFS, so the Hub will not show it as the card of the repository.",
            remedy=("save it as UTF-8 text, and take it out of .gitattributes",),
            severity="warning",
        )


def _local_attributes(repository: Repository) -> Iterator[Finding]:
    """A word about the attributes that stay on this machine, where they speak of filters."""
    file = repository.common_dir / "info/attributes"
    try:
        found = private_finding(file.read_bytes()) if file.is_file() else None
    except OSError:
        return  # git cannot read it either
    if found is not None:
        yield found


def _in_head(repository: Repository, restage: Mapping[str, Staged]) -> list[str]:
    """Those files whose staged content is what the commit that is checked out has there."""
    if repository.tip is None or not restage:
        return []
    try:
        listed = repository.git.read("ls-tree", "-r", "-z", "--full-tree", repository.tip)
    except GitFailed:
        return []  # a commit without its trees: audit says so
    committed = {}
    for entry in listed.decode("utf-8", "surrogateescape").split("\0"):
        head, _, path = entry.partition("\t")
        committed[path] = head.rpartition(" ")[2]
    return [path for path, one in restage.items() if committed.get(path) == one.id]


def _is_gits(path: str) -> bool:
    return path.rpartition("/")[2] in NEVER_LFS


def _file(folder: str) -> str:
    return f"{folder}/{FILE}" if folder else FILE
