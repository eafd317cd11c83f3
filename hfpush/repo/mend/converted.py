"""Files that git converts on their way into the work tree: line ends, keywords, encodings. Reads, and runs no filter.

LFS converts nothing. A file that becomes an LFS object has other bytes in such a work tree than the object, although
nobody has edited it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from hfpush.repo.attributes import LFS_QUESTION, UNENCODED
from hfpush.repo.mend.index_file import IndexEntry
from hfpush.repo.mend.work_tree import Found, files, plain_status, raw_id, read_index, same
from hfpush.repo.process import GitFailed
from hfpush.repo.repository import Repository

_SETTINGS = ("core.safecrlf=false",)


def only_converted(repository: Repository, staged: Mapping[str, IndexEntry]) -> set[str]:
    """Those of the files that git itself, without any filter, would take for the content of their index entries."""
    answers = _attributes(repository, list(staged))
    asked = [path for path, (driver, _) in answers.items() if driver in UNENCODED and _fits_a_line(path)]
    ids = _ids(repository, asked)
    if ids is None:  # one that is not in its encoding: it was edited
        ids = {path: id for one in asked for path, id in (_ids(repository, [one]) or {}).items()}
    return {path for path, id in ids.items() if id == staged[path].id}


def with_other_bytes(repository: Repository, paths: Collection[str], sizes: Mapping[str, int]) -> list[str]:
    """Those of the files, which nobody has edited, that have other bytes than their blobs, sorted. `sizes` are the
    blobs' by id, in bytes; files of other blobs are left out. One is read only where a conversion may keep its size."""
    index = read_index(repository)
    staged = {path: entry for path, entry in index.at(paths).items() if entry.id in sizes}
    found = {path: one for path, one in files(repository, index, staged).items() if one.status is not None}
    other = {path for path, one in found.items() if one.state == "edited"}
    other |= {path for path, one in found.items() if one.status and one.status.st_size != sizes[staged[path].id]}
    return sorted(other | reshaped(repository, staged, {path: found[path] for path in found.keys() - other}))


def reshaped(repository: Repository, staged: Mapping[str, IndexEntry], found: Mapping[str, Found]) -> set[str]:
    """Those of the unchanged files that a filter or an encoding has made other bytes of, maybe as many."""
    assert repository.root is not None
    here = {path: one.status for path, one in found.items() if one.status is not None and one.state == "unchanged"}
    other = set()
    for path, (driver, encoding) in _attributes(repository, list(here), "--cached").items():
        if driver not in (*UNENCODED, "lfs") or encoding not in UNENCODED:
            id = staged[path].id
            if raw_id(repository.root / path, here[path].st_size, len(id)) != id:
                other.add(path)
    return other


def left_with_other_bytes(repository: Repository, paths: Collection[str]) -> list[str]:
    """Those of the paths whose files git will call modified, sorted. Files that are gone do not count."""
    assert repository.root is not None
    staged = read_index(repository).at(paths)
    here = {path: plain_status(repository.root, path) for path, entry in staged.items() if not entry.skip}
    return sorted(path for path, now in here.items() if now is not None and not same(staged[path].status, now))


def _attributes(repository: Repository, paths: Sequence[str], *how: str) -> dict[str, tuple[str, str]]:
    """Filter and encoding of each path, as the attribute files of the work tree (or of the index) have them."""
    if not paths:
        return {}
    asked = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths)
    answer = repository.git.read("check-attr", *how, "--stdin", "-z", *LFS_QUESTION, stdin=asked)
    fields = answer.decode("utf-8", "surrogateescape").split("\0")
    return dict(zip(fields[0:-1:6], zip(fields[2::6], fields[5::6], strict=False), strict=False))


def _fits_a_line(path: str) -> bool:
    return "\n" not in path and not path.startswith('"')


def _ids(repository: Repository, paths: Sequence[str]) -> dict[str, str] | None:
    """The ids that git would give to these files; None where it cannot convert one of them."""
    if not paths:
        return {}
    asked = "".join(f"{path}\n" for path in paths).encode("utf-8", "surrogateescape")
    try:
        answer = repository.git.line("hash-object", "--stdin-paths", stdin=asked, settings=_SETTINGS)
    except GitFailed:
        return None
    return dict(zip(paths, answer.splitlines(), strict=True))
