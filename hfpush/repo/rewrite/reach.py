"""Which blobs lie at the targets of the commits that change: all of them become pointers.

An offence names the blob that its commit brings in. What a later commit has at a target is that blob still, or differs
from the commit's parent, so that the differences between the changing commits tell them all. Where an extension as a
whole becomes a target, all files of that commit are looked at once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator

from hfpush.errors import LocalTrouble
from hfpush.lfs.pointer import MAX_POINTER_BYTES, parse_pointer
from hfpush.repo.objects import ObjectReader
from hfpush.repo.process import Git
from hfpush.repo.rewrite.affected import Affected, Line
from hfpush.repo.rewrite.values import Offence
from hfpush.repo.rules import shown
from hfpush.repo.tree_files import files_of, nul_separated

_FEW_PATHS = 32  # git compares each of them with each changed entry


def blobs_to_take(git: Git, affected: Affected, offences: Collection[Offence], *, partial: bool) -> dict[str, int]:
    """Id and size in bytes of each blob that becomes a pointer: neither empty nor a pointer already.

    `partial` is for a partial clone. Raises LocalTrouble when such a blob is not in it.
    """
    found = dict.fromkeys(offence.blob for offence in sorted(offences) if offence.commit in affected.commits)
    paths = {offence.path for offence in offences}
    found |= dict.fromkeys(_changed(git, affected, paths))
    for id, line in affected.commits.items():
        if _new_extensions(affected, line):
            takes = line.targets.takes
            found |= {
                file.blob: None for file in files_of(git, id) if takes(file.path.encode("utf-8", "surrogateescape"))
            }
    sizes = {}
    with ObjectReader(git, partial=partial) as reader:
        infos = list(reader.info(list(found)))
        absent = [info.id for info in infos if info.type is None]
        if absent:
            raise _not_here(absent)
        small = [info.id for info in infos if info.size < MAX_POINTER_BYTES]
        pointers = {id for id, content in reader.contents(small) if parse_pointer(content) is not None}
        for info in infos:
            if info.type == "blob" and info.size and info.id not in pointers:
                sizes[info.id] = info.size
    return sizes


def _new_extensions(affected: Affected, line: Line) -> bool:
    extensions = line.targets.extensions
    if not extensions:
        return False
    had = [affected.commits[parent].targets.extensions for parent in line.parents if parent in affected.commits]
    return not extensions <= frozenset().union(*had)


def _changed(git: Git, affected: Affected, paths: Collection[str]) -> Iterator[str]:
    """Blobs at targets where a changing commit differs from a changing parent."""
    extensions = any(line.targets.extensions for line in affected.commits.values())
    arguments = [
        "diff-tree",
        "--stdin",
        "--raw",
        "-r",
        "-z",
        "--no-renames",
        "--full-index",
        "--ignore-submodules=none",
    ]
    if len(paths) <= _FEW_PATHS and not extensions:
        arguments = ["--literal-pathspecs", *arguments, "--", *sorted(paths)]
    with tempfile.TemporaryFile() as pairs:
        for id, line in affected.commits.items():
            pairs.write(b"".join(f"{id} {parent}\n".encode() for parent in _telling(affected, line)))
        pairs.seek(0)
        with git.running(*arguments, stdin=pairs) as process:
            assert process.stdout is not None
            yield from _blobs_in(nul_separated(process.stdout), affected)


def _telling(affected: Affected, line: Line) -> list[str]:
    """The changing parents whose differences tell all that lies at the targets they had."""
    changing = [parent for parent in line.parents if parent in affected.commits]
    full = [parent for parent in changing if affected.commits[parent].targets is line.targets]
    return full[:1] or list(dict.fromkeys(changing))


def _blobs_in(tokens: Iterator[bytes], affected: Affected) -> Iterator[str]:
    takes = None
    for token in tokens:
        if not token.startswith(b":"):
            takes = affected.commits[token.decode("ascii")].targets.takes
            continue
        path = next(tokens)
        if token[8:11] == b"100" and takes is not None and takes(path):
            yield token.split(b" ", 4)[3].decode("ascii")


def _not_here(absent: list[str]) -> LocalTrouble:
    return LocalTrouble.of(
        "repo-partial",
        f"{len(absent):,} files of the history that would have to become pointers are not in this partial clone.",
        seen=tuple(shown(id) for id in absent[:3]),
        to_try=("git fetch --refetch, from where it was cloned, without a filter",),
    )
