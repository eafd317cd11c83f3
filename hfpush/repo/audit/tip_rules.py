"""What a tip's tree means for a push and for those who clone it: flaws of each tip, then findings about all. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from hfpush import units
from hfpush.findings import Finding
from hfpush.repo.audit import names
from hfpush.repo.audit.flaws import Flaw, Flaws
from hfpush.repo.audit.spelling import capped, command, git_command
from hfpush.repo.audit.tree import CARD, FILES, LINK, Tip
from hfpush.repo.rules import MAX_GIT_FILE, shown

MOST_IN_FOLDER = 10_000
"""The most entries of a folder that the Hub takes (it names the number when it refuses a push)."""
MOST_IN_REPO = 1_000_000
"""The most files of a repository that the Hub takes."""
ADVISED_IN_REPO = 100_000
"""The most files of a repository that the Hub's documentation advises."""


def flaws_of(tip: Tip, told: Collection[str]) -> Iterator[Flaw]:
    """The flaws of a tree. `told` are blobs about which the history says enough already."""
    yield from _lfs(tip, told)
    yield from _names(tip)
    yield from _counts(tip)


def _lfs(tip: Tip, told: Collection[str]) -> Iterator[Flaw]:
    for entry in tip.entries:
        path = entry.path
        if path in tip.unknown:
            continue
        if entry.mode == LINK and path.rpartition("/")[2] == ".gitattributes":
            yield Flaw("attributes-link", shown(path), path)
        elif path in tip.pointers:
            if path not in tip.lfs:
                yield Flaw("pointer-uncovered", shown(path), path)
            elif path == CARD:
                yield Flaw("card-in-lfs", shown(path), path)
        elif path in tip.lfs and entry.size > 0 and entry.blob not in told:
            yield Flaw("should-be-pointer", f"{shown(path)}: {units.size(entry.size)}", path)
        if path in tip.by_top and path not in tip.lfs and (path in tip.pointers or entry.size > MAX_GIT_FILE):
            yield Flaw("attributes-shadowed", f"{shown(path)}: {_shadow(tip, path)} keeps it out of LFS", path)


def _shadow(tip: Tip, path: str) -> str:
    """The attribute file that decides about the path against the one at the top: the nearest that speaks of filters."""
    folder = path.rpartition("/")[0]
    while folder and b"filter" not in tip.attributes.get(folder, b""):
        folder = folder.rpartition("/")[0]
    return shown(f"{folder}/.gitattributes" if folder else ".gitattributes")


def _names(tip: Tip) -> Iterator[Flaw]:
    for entry in tip.entries:
        path = entry.path
        if names.is_plain(path):
            continue
        if names.is_gits_own(path):
            yield Flaw("path-into-git", shown(path), path)
        elif why := names.unusable(path):
            yield Flaw("name-unusable", f"{shown(path)}: {why}", path)
        elif refused := names.not_portable(path):
            yield Flaw("name-not-portable", f"{shown(refused[0])}: {refused[1]}", refused[0])
    for group in names.colliding(entry.path for entry in tip.entries):
        # Names that differ only in how an accent is written look the same: then it is written out.
        alike = not all(path.isascii() for path in group)
        yield Flaw("names-collide", " and ".join(ascii(path) if alike else shown(path) for path in group), group[0])
    for path, target in tip.links.items():
        if names.leaves(path, target):
            yield Flaw("link-leaves-repo", f"{shown(path)} -> {shown(target)}", path)


def _counts(tip: Tip) -> Iterator[Flaw]:
    by_folder = names.entries_by_folder(entry.path for entry in tip.entries)
    yield from count_flaws(by_folder, sum(entry.mode in (*FILES, LINK) for entry in tip.entries))


def count_flaws(by_folder: Mapping[str, int], files: int) -> Iterator[Flaw]:
    """The flaws of a tree with so many entries in each folder, and so many files in all."""
    for folder, count in names.crowded(by_folder, MOST_IN_FOLDER):
        yield Flaw("too-many-files", f"{shown(folder) if folder else 'the top'}: {count:,} entries", folder)
    if files > MOST_IN_REPO:
        yield Flaw("too-many-files", f"the repository: {files:,} files")
    elif files > ADVISED_IN_REPO:
        yield Flaw("repo-crowded", f"{files:,} files")


def _in_lfs(flaws: Flaws, place: str) -> Iterator[Finding]:
    raw, uncovered = flaws.lines("should-be-pointer"), flaws.lines("pointer-uncovered")
    if raw:
        yield Finding(
            "should-be-pointer",
            f"{units.count(len(raw), 'file')} in git itself although .gitattributes sends such files to LFS by now; "
            "git shows them as modified for ever.",
            evidence=capped(raw),
            remedy=(
                f"{git_command(place, 'add', '--renormalize', '.')}   # then commit",
                "or, if they are not meant to be in LFS, narrow the pattern in .gitattributes",
            ),
            severity="warning",
        )
    if uncovered:
        first = flaws.about("pointer-uncovered")[0]
        yield Finding(
            "pointer-uncovered",
            f"{units.count(len(uncovered), 'LFS pointer')} that no line of .gitattributes sends to LFS: who clones the "
            "repository gets the pointer's text instead of the file.",
            evidence=capped(uncovered),
            remedy=(
                f"{command('hfpush track', place)}   # then commit .gitattributes",
                f"or, if it is not needed any more: {git_command(place, 'rm', '--cached', '--', first)}",
            ),
            severity="warning",
        )


def _attribute_files(flaws: Flaws, place: str) -> Iterator[Finding]:
    if links := flaws.lines("attributes-link"):
        yield Finding(
            "attributes-link",
            "A .gitattributes is a symbolic link, which git does not follow: its lines count for nobody.",
            evidence=capped(links),
            remedy=("put the file itself in its place, and commit it",),
            severity="warning",
        )
    if shadowed := flaws.lines("attributes-shadowed"):
        first = flaws.about("attributes-shadowed")[0]
        yield Finding(
            "attributes-shadowed",
            f"{units.count(len(shadowed), 'file')} that .gitattributes at the top sends to LFS, and one in a folder "
            "below does not; the nearer file decides.",
            evidence=capped(shadowed),
            remedy=(
                f"{git_command(place, 'check-attr', 'filter', '--', first)}, which tells what decides",
                f"{command('hfpush track', place)}, which writes the line where it counts",
            ),
            severity="warning",
        )
    if card := flaws.lines("card-in-lfs"):
        yield Finding(
            "card-in-lfs",
            "README.md is in LFS, so the Hub will not show it as the card of the repository.",
            evidence=capped(card),
            remedy=("save it as UTF-8 text, and take it out of .gitattributes",),
            severity="warning",
        )


def _name_findings(flaws: Flaws, place: str) -> Iterator[Finding]:
    if own := flaws.lines("path-into-git"):
        yield Finding(
            "path-into-git",
            "A path leads into a .git folder: git refuses to check such a tree out, and so will the Hub.",
            evidence=capped(own),
            remedy=(
                "make the commit anew without it; a checkout of somebody else's tree with such a path is an attack",
            ),
        )
    if collide := flaws.lines("names-collide"):
        yield Finding(
            "names-collide",
            "Names differ only in case, or in how an accent is written: on Windows and macOS one file replaces the "
            "other.",
            evidence=capped(collide),
            remedy=(_rename(flaws, "names-collide", place),),
            severity="warning",
        )
    if unusable := flaws.lines("name-unusable"):
        yield Finding(
            "name-unusable",
            "A file has a name that the Hub, or another machine, cannot hold.",
            evidence=capped(unusable),
            remedy=(_rename(flaws, "name-unusable", place),),
            severity="warning",
        )
    if windows := flaws.lines("name-not-portable"):
        yield Finding(
            "name-not-portable",
            "A file has a name that Windows does not take, so nobody can check it out there.",
            evidence=capped(windows),
            remedy=(_rename(flaws, "name-not-portable", place),),
            severity="warning",
        )
    if links := flaws.lines("link-leaves-repo"):
        first = flaws.about("link-leaves-repo")[0]
        yield Finding(
            "link-leaves-repo",
            "A symbolic link leads out of the repository, so that nobody else could follow it.",
            evidence=capped(links),
            remedy=(
                "put what it leads to in its place (cp --dereference), and commit that",
                f"or take it out: {git_command(place, 'rm', '--cached', '--', first)}",
            ),
            severity="warning",
        )


def _rename(flaws: Flaws, kind: str, place: str) -> str:
    first = flaws.about(kind)[0]
    return f"{git_command(place, 'mv', '--', first, names.renamed(first))}   # or another name; then commit"


def _count_findings(flaws: Flaws) -> Iterator[Finding]:
    if full := flaws.lines("too-many-files"):
        yield Finding(
            "too-many-files",
            f"The Hub takes {MOST_IN_FOLDER:,} entries in a folder and {MOST_IN_REPO:,} files in a repository at most.",
            evidence=capped(full),
            remedy=(
                "divide the folder into folders below, for example by the first letters of the names, and commit that",
                "or pack the files: tar, zip, parquet or webdataset shards also load faster",
            ),
        )
    if crowded := flaws.lines("repo-crowded"):
        yield Finding(
            "repo-crowded",
            f"The repository has more than {ADVISED_IN_REPO:,} files; the Hub advises fewer, and gets slow with them.",
            evidence=capped(crowded),
            remedy=("pack the files into archives or shards",),
            severity="warning",
        )


def tip_findings(flaws: Flaws, place: str) -> tuple[Finding, ...]:
    """The findings about the tips, as far as the tree alone tells them."""
    return (
        *_in_lfs(flaws, place),
        *_attribute_files(flaws, place),
        *_name_findings(flaws, place),
        *_count_findings(flaws),
    )
