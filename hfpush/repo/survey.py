"""What of a folder would be committed, and what goes to LFS: looked at, nothing written.

A file goes to LFS when the attribute files say so, or when the Hub would refuse it otherwise (rules.py); for those,
lines are proposed. Files that git itself reads stay in git.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hfpush.findings import Finding
from hfpush.repo.attributes import FILE, Attributes, lfs_paths, template
from hfpush.repo.listing import Entry, list_folder
from hfpush.repo.reading import open_plain
from hfpush.repo.rules import HEAD_BYTES, MAX_GIT_FILE, NEVER_LFS, is_binary
from hfpush.repo.track.choice import Need
from hfpush.repo.track.cover import Line, cover
from hfpush.repo.track.trouble import TrackTrouble, trouble_findings


@dataclass(frozen=True)
class Survey:
    """The files of a folder by path, those of them that go to LFS, the attribute files to be written first (content by
    path; new or longer than they are), the lines added in them, and what stands in the way."""

    entries: Mapping[str, Entry]
    lfs: frozenset[str]
    writes: Mapping[str, bytes]
    added: tuple[Line, ...]
    findings: tuple[Finding, ...]


def survey(folder: Path, git_dir: Path) -> Survey:
    """Looks at a folder by the rules of `git_dir` (its own repository, or a scratch one). Reads the attribute files and
    the first bytes of files that may be binary; writes nothing."""
    listing = list_folder(folder, git_dir)
    entries = {entry.path: entry for entry in listing.entries}
    if FILE not in entries and (folder / FILE).is_file():  # a .gitignore cannot hide it: without it nothing is LFS
        entries[FILE] = Entry(FILE, (folder / FILE).lstat())
    present = _attribute_files(folder, entries)
    start: Attributes = present if "" in present or FILE in entries else {**present, "": template()}
    files = [path for path, entry in entries.items() if _may_be_lfs(entry)]
    in_lfs = lfs_paths(start, files)
    needs = [need for path in files if path not in in_lfs and (need := _need(folder, entries[path])) is not None]
    needing = {need.path for need in needs}
    covered = cover(start, needs, [path for path in entries if path not in in_lfs and path not in needing])
    lfs = lfs_paths(covered.attributes, files) if covered.lines else in_lfs
    return Survey(
        entries=entries,
        lfs=frozenset(path for path in lfs if entries[path].size > 0),
        writes={_file(at): text for at, text in covered.attributes.items() if present.get(at) != text},
        added=covered.lines,
        findings=(*listing.findings, *_nothing(entries), *_stuck(entries, lfs, covered.uncovered)),
    )


def _attribute_files(folder: Path, entries: Mapping[str, Entry]) -> dict[str, bytes]:
    found = {}
    for path, entry in entries.items():
        at, _, name = path.rpartition("/")
        if name == FILE and not entry.is_link and entry.size <= MAX_GIT_FILE:  # git does not follow a link either
            found[at] = _head(folder / path, MAX_GIT_FILE)
    return found


def _file(folder: str) -> str:
    return f"{folder}/{FILE}" if folder else FILE


def _may_be_lfs(entry: Entry) -> bool:
    return not entry.is_link and entry.path.rpartition("/")[2] not in NEVER_LFS


def _need(folder: Path, entry: Entry) -> Need | None:
    if is_binary(_head(folder / entry.path, HEAD_BYTES), whole=entry.size <= HEAD_BYTES):
        return Need(entry.path, entry.size, "binary")
    return Need(entry.path, entry.size, "large") if entry.size > MAX_GIT_FILE else None


def _head(path: Path, count: int) -> bytes:
    with open(open_plain(path), "rb", buffering=0) as stream:
        return stream.read(count)


def _nothing(entries: Mapping[str, Entry]) -> Iterator[Finding]:
    if not entries:
        yield Finding(
            "folder-empty",
            "There is nothing in the folder that could be published.",
            remedy=("check the path", "check whether a .gitignore leaves everything out"),
        )


def _stuck(entries: Mapping[str, Entry], lfs: Collection[str], uncovered: Collection[str]) -> Iterator[Finding]:
    yield from trouble_findings(
        TrackTrouble(
            links=tuple(path for path, entry in entries.items() if entry.is_link and path.rpartition("/")[2] == FILE),
            uncovered=tuple((path, entries[path].size) for path in uncovered),
            too_large=tuple(
                (path, entry.size)
                for path, entry in entries.items()
                if not _may_be_lfs(entry) and entry.size > MAX_GIT_FILE
            ),
        )
    )
    if "README.md" in lfs:
        yield Finding(
            "card-in-lfs",
            "README.md goes to LFS, so the Hub will not show it as the card of the repository.",
            remedy=("save it as UTF-8 text, and take it out of .gitattributes",),
            severity="warning",
        )
