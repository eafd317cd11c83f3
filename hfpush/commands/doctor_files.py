"""The LFS files of what is checked out, for doctor: how large they are, whether they are there, whether they are whole.

Looked at are the newest commit, the work tree and git-lfs's store; nothing is written.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hfpush.diagnose.facts.repository import Corrupt
from hfpush.errors import HfpushError
from hfpush.lfs.pointer import MAX_POINTER_BYTES, Pointer, parse_pointer
from hfpush.repo.audit.stored import Stores
from hfpush.repo.audit.tree import FILES
from hfpush.repo.content import object_stores
from hfpush.repo.objects import ObjectReader
from hfpush.repo.process import Git
from hfpush.repo.repository import Repository
from hfpush.repo.rules import shown

_LEAST_POINTER = 90
_AT_ONCE = 2_000
_BLOCK = 2**20
_SHOWN = 5
_MOST_HASHED = 1_000
_MODULE = "160000"


@dataclass
class Files:
    """What was seen. `texts` are work tree files that are pointers; `whole` says that there was time for all."""

    count: int = 0
    largest: int = 0
    texts: list[str] = field(default_factory=list)
    text_count: int = 0
    text_bytes: int = 0
    corrupt: list[Corrupt] = field(default_factory=list)
    hashed: int = 0
    submodules: int = 0
    unpushed_submodules: list[str] = field(default_factory=list)
    whole: bool = False


def look_at_files(repository: Repository, until: float, hash_bytes: int) -> Files:
    """By `until` (of time.monotonic), with at most `hash_bytes` of objects read. Raises nothing that is wrong."""
    found = Files()
    if repository.tip is None:
        return found
    with suppress(HfpushError):  # what git cannot read of it is a finding of the history's, which reads the same
        _look(repository, found, until, hash_bytes)
    return found


def glance_at_files(repository: Repository) -> Files:
    """The same of a work tree without a look into git's objects, which takes a while with many files: what goes to LFS
    is what the attribute files say, and how large it is what lies there. Nothing is known of the store."""
    found = Files()
    with suppress(HfpushError):
        listed = repository.git.line("ls-files", "-z", "--", ":(top,attr:filter=lfs)")
        pointers: dict[str, Pointer] = {}
        for path in listed.split("\0")[:-1]:
            found.count += 1
            size, pointer = _lying_at(f"{repository.root}/{path}")
            found.largest = max(found.largest, size if pointer is None else pointer.size)
            if pointer is not None:
                pointers[path] = pointer
        _texts(repository, pointers, found)
    return found


def _look(repository: Repository, found: Files, until: float, hash_bytes: int) -> None:
    small: dict[str, list[str]] = {}
    modules = []
    pointers: dict[str, Pointer] = {}
    with ObjectReader(repository.git, partial=repository.partial) as reader:
        for path, mode, blob, size in _entries(repository, reader):
            if mode == _MODULE:
                modules.append(path)
            elif mode in FILES and _LEAST_POINTER <= size < MAX_POINTER_BYTES:
                small.setdefault(blob, []).append(path)
        found.submodules = len(modules)
        blobs = list(small)
        for start in range(0, len(blobs), _AT_ONCE):
            if time.monotonic() > until:
                return
            for blob, content in reader.contents(blobs[start : start + _AT_ONCE]):
                pointer = parse_pointer(content)
                if pointer is not None:
                    pointers.update(dict.fromkeys(small[blob], pointer))
    found.count = len(pointers)
    found.largest = max((one.size for one in pointers.values()), default=0)
    if repository.root is not None:
        _texts(repository, pointers, found)
        found.unpushed_submodules = [shown(path) for path in modules[:_SHOWN] if _is_unpushed(repository.root / path)]
    _hash(repository, pointers, found, until, hash_bytes)
    found.whole = time.monotonic() <= until


def _entries(repository: Repository, reader: ObjectReader) -> Iterator[tuple[str, str, str, int]]:
    """Path, mode, id and size of what is in the newest commit; -1 is the size of what is not here."""
    sizes = () if repository.partial else ("-l",)  # with it, an old git would fetch what a partial clone lacks
    listed = repository.git.read("ls-tree", "-r", *sizes, "-z", "--full-tree", repository.head)
    known: dict[str, int] = {}
    if repository.partial:
        blobs = dict.fromkeys(
            entry.partition(b"\t")[0].split()[2].decode("ascii") for entry in listed.split(b"\0")[:-1]
        )
        known = {info.id: info.size if info.type else -1 for info in reader.info(list(blobs))}
    for entry in listed.split(b"\0")[:-1]:
        head, _, path = entry.partition(b"\t")
        mode, _, blob, *size = head.decode("ascii").split()
        length = int(size[0]) if size and size[0].isdigit() else known.get(blob, -1)
        yield path.decode("utf-8", "surrogateescape"), mode, blob, length


def _texts(repository: Repository, pointers: dict[str, Pointer], found: Files) -> None:
    stores = Stores(repository)
    lacking: set[Pointer] = set()
    for path, pointer in pointers.items():
        size, text = _lying_at(f"{repository.root}/{path}")
        if text is not None and size != pointer.size:
            found.text_count += 1
            if not stores.hold(pointer):
                lacking.add(pointer)
            if len(found.texts) < _SHOWN:
                found.texts.append(shown(path))
    found.text_bytes = sum(pointer.size for pointer in lacking)


def _lying_at(file: str) -> tuple[int, Pointer | None]:
    """The size of a file of the work tree, and the pointer that it is. What is not checked out, or cannot be read, is
    none."""
    try:
        status = os.lstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_size >= MAX_POINTER_BYTES:
            return status.st_size, None
        with open(file, "rb") as stream:
            return status.st_size, parse_pointer(stream.read(MAX_POINTER_BYTES))
    except OSError:
        return 0, None


def _is_unpushed(place: Path) -> bool:
    """Whether what is checked out in a submodule is on none of its remote-tracking refs. One that is not checked out
    has nothing to push."""
    if not os.path.lexists(place / ".git"):
        return False
    try:
        return bool(Git(place).line("rev-list", "--max-count=1", "HEAD", "--not", "--remotes"))
    except HfpushError:
        return False


def _hash(repository: Repository, pointers: dict[str, Pointer], found: Files, until: float, hash_bytes: int) -> None:
    stores = object_stores(repository)
    named = {pointer: path for path, pointer in reversed(pointers.items())}
    left = hash_bytes
    for pointer in sorted(named, key=lambda one: one.size)[:_MOST_HASHED]:
        left -= pointer.size
        if left < 0 or time.monotonic() > until:
            return
        file = next((file for file in _stored(stores, pointer.oid) if file.is_file()), None)
        oid = None if file is None else _oid(file, until)
        if file is None or oid is None:
            continue
        found.hashed += 1
        if oid != pointer.oid:
            tree = None if repository.root is None else _oid(repository.root / named[pointer], until)
            found.corrupt.append(Corrupt(str(file), shown(named[pointer]), tree == pointer.oid))


def _stored(stores: Sequence[Path], oid: str) -> Iterator[Path]:
    return (store / oid[:2] / oid[2:4] / oid for store in stores)


def _oid(file: Path, until: float) -> str | None:
    """The sha256 of a file; None where it cannot be read by then."""
    digest = hashlib.sha256()
    try:
        with file.open("rb", buffering=0) as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
                if time.monotonic() > until:
                    return None
    except OSError:
        return None
    return digest.hexdigest()
