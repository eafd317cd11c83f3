"""What a work tree and its index hold, as far as LFS is concerned. Reads; runs no filter and changes nothing.

Looked at are the files that are tracked and those that could be: untracked, and not ignored. Symbolic links, submodules
and other repositories inside are left out. What a partial clone lacks is not fetched.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from hfpush.errors import SourceChanged
from hfpush.lfs.pointer import MAX_POINTER_BYTES, parse_pointer
from hfpush.repo.attributes import FILE
from hfpush.repo.objects import ObjectReader
from hfpush.repo.reading import open_plain
from hfpush.repo.repository import Repository
from hfpush.repo.rules import HEAD_BYTES, MAX_GIT_FILE, is_binary
from hfpush.repo.track.choice import Need, Why

_PLAIN = (0o100644, 0o100755)
_LINK = 0o120000


@dataclass(frozen=True)
class Staged:
    """A file in the index: its mode, its blob's id and that one's size in bytes, None where it is not here."""

    mode: int
    id: str
    size: int | None


@dataclass(frozen=True)
class Held:
    """`staged` are the files of the index by path, `sizes` those of the work tree, in bytes; both without links.

    `attributes` has the attribute files that count, by folder: those of the work tree, and of the index where the work
    tree has none (`staged_attributes` has all of the index). `links` are attribute files that are symbolic links.
    """

    staged: Mapping[str, Staged]
    sizes: Mapping[str, int]
    attributes: Mapping[str, bytes]
    staged_attributes: Mapping[str, bytes]
    links: tuple[str, ...]

    @property
    def paths(self) -> list[str]:
        """Every file's path."""
        return sorted({*self.staged, *self.sizes})

    def size(self, path: str) -> int:
        """The size of a file in bytes, where the index and the work tree differ the larger one."""
        staged = self.staged[path].size if path in self.staged else None
        return max(staged or 0, self.sizes.get(path, 0))


def look(repository: Repository) -> Held:
    """What the repository holds. Raises LocalTrouble."""
    root = repository.root
    assert root is not None
    index, unmerged, links = _index(repository)
    found: dict[str, int] = {}
    links = list(links)
    for path in {*index, *unmerged, *_untracked(repository)}:
        status = _status(root, path)
        if status is not None and stat.S_ISREG(status.st_mode):
            found[path] = status.st_size
        elif status is not None and stat.S_ISLNK(status.st_mode) and _is_attributes(path):
            links.append(path)
    sizes = _sizes(repository, {id for _, id in index.values()})
    staged = {path: Staged(mode, id, sizes.get(id)) for path, (mode, id) in index.items()}
    files = {path: one.id for path, one in staged.items() if _is_attributes(path) and _fits(one.size)}
    with ObjectReader(repository.git, partial=repository.partial) as reader:
        contents = dict(reader.contents(sorted(set(files.values()))))
    in_index = {_folder(path): contents[id] for path, id in files.items() if id in contents}
    on_disk = {_folder(path): _read(root / path) for path in {*found, FILE} if _is_attributes(path) and path in found}
    if FILE not in found and (hidden := _status(root, FILE)) is not None and stat.S_ISREG(hidden.st_mode):
        on_disk[""] = _read(root / FILE)  # ignored, but git reads it
    return Held(staged, found, {**in_index, **on_disk}, in_index, tuple(sorted(set(links))))


def needs_of(repository: Repository, held: Held, paths: Collection[str]) -> list[Need]:
    """Those of the paths that must go to LFS by what they hold, in the index or in the work tree, or that are pointers
    in the index. Reads the first bytes of files; one that is as long as its blob is taken for what is staged."""
    assert repository.root is not None
    doubtful = {path for path in paths if path in held.staged and _must_read(held, path)}
    verdicts = _verdicts(repository, [held.staged[path] for path in doubtful])
    needs = []
    for path in paths:
        why = verdicts.get(held.staged[path].id) if path in doubtful else None
        if why is None and path in held.sizes:
            why = _why(os.path.join(repository.root, path), held.sizes[path])
            if why == "pointer" and (path in doubtful or path not in held.staged):
                why = None  # a text about pointers, perhaps: nothing like it is staged
        if why is None and held.size(path) > MAX_GIT_FILE:
            why = "large"
        if why is not None:
            needs.append(Need(path, held.size(path), why))
    return needs


def raw_blobs(repository: Repository, held: Held, paths: Collection[str]) -> dict[str, Staged]:
    """Those of the paths whose staged file is content and not a pointer; empty files are neither."""
    staged = {path: held.staged[path] for path in paths if path in held.staged and held.staged[path].size}
    small = [one for one in staged.values() if (one.size or 0) < MAX_POINTER_BYTES]
    pointers = {id for id, why in _verdicts(repository, small).items() if why == "pointer"}
    return {path: one for path, one in staged.items() if one.id not in pointers}


def _index(repository: Repository) -> tuple[dict[str, tuple[int, str]], set[str], list[str]]:
    files: dict[str, tuple[int, str]] = {}
    unmerged, links = set(), []
    for token in _tokens(repository.git.read("ls-files", "--stage", "-z")):
        head, _, path = token.partition("\t")
        mode, id, stage = head.split(" ")
        if stage != "0":
            unmerged.add(path)
        elif int(mode, 8) in _PLAIN:
            files[path] = int(mode, 8), id
        elif int(mode, 8) == _LINK and _is_attributes(path):
            links.append(path)
    return files, unmerged, links


def _untracked(repository: Repository) -> list[str]:
    listed = repository.git.read("ls-files", "--others", "--exclude-standard", "-z")
    return [path for path in _tokens(listed) if not path.endswith("/")]


def _tokens(listed: bytes) -> list[str]:
    return [token for token in listed.decode("utf-8", "surrogateescape").split("\0") if token]


def _status(root: Path, path: str) -> os.stat_result | None:
    try:
        return os.lstat(os.path.join(root, path))
    except OSError:  # not checked out, or gone a moment ago
        return None


def _must_read(held: Held, path: str) -> bool:
    """Whether only the blob tells what a staged file is."""
    size = held.staged[path].size
    return size is not None and size <= MAX_GIT_FILE and held.sizes.get(path) != size


def _verdicts(repository: Repository, staged: Collection[Staged]) -> dict[str, Why]:
    """Which of the blobs are pointers and which are binary, by id."""
    found: dict[str, Why] = {}
    if staged:
        with ObjectReader(repository.git, partial=repository.partial) as reader:
            for id, content in reader.contents(sorted({one.id for one in staged})):
                why = _verdict(content[: max(HEAD_BYTES, MAX_POINTER_BYTES)], len(content))
                if why is not None:
                    found[id] = why
    return found


def _why(place: str, size: int) -> Why | None:
    try:
        return _verdict(_read(place, max(HEAD_BYTES, MAX_POINTER_BYTES)), size)
    except SourceChanged:
        return None  # it is gone by now


def _verdict(head: bytes, size: int) -> Why | None:
    if size < MAX_POINTER_BYTES and parse_pointer(head) is not None:
        return "pointer"
    return "binary" if is_binary(head[:HEAD_BYTES], whole=size <= HEAD_BYTES) else None


def _sizes(repository: Repository, ids: Collection[str]) -> dict[str, int]:
    """The sizes of blobs that are here, by id."""
    if repository.partial:
        with ObjectReader(repository.git, partial=True) as reader:
            return {info.id: info.size for info in reader.info(sorted(ids)) if info.type == "blob"}
    asked = "".join(f"{id}\n" for id in ids).encode()
    answer = repository.git.read("cat-file", "--batch-check", "--buffer", stdin=asked).decode("ascii", "replace")
    lines = (line.split() for line in answer.splitlines())
    return {fields[0]: int(fields[2]) for fields in lines if len(fields) == 3 and fields[1] == "blob"}


def _read(place: Path | str, count: int = MAX_GIT_FILE) -> bytes:
    with open(open_plain(place), "rb", buffering=0) as stream:
        return stream.read(count)


def _is_attributes(path: str) -> bool:
    return path.rpartition("/")[2] == FILE


def _fits(size: int | None) -> bool:
    return size is not None and size <= MAX_GIT_FILE


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
