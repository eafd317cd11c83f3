"""git-lfs's own store of objects in a repository, as git-lfs keeps it: both tools can be mixed.

    <common git dir>/lfs/objects/<aa>/<bb>/<oid>    an object, by its sha256; complete, or not there
    <common git dir>/lfs/tmp/hfpush-<pid>-<x>       one in the making; of a killed process it goes after an hour

`lfs.storage` puts another folder in the place of `lfs`. Modes follow the umask and `core.sharedRepository`. Like git's
loose objects and git-lfs's own files they are renamed into place and not synced: whoever reads one looks at its size.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hfpush.disk.trouble import disk_trouble
from hfpush.lfs.pointer import Pointer

_DRAFT = "hfpush-"
_FORGOTTEN_SECONDS = 3600.0
_SHARED = {"group": 0o060, "true": 0o060, "1": 0o060, "all": 0o064, "world": 0o064, "everybody": 0o064, "2": 0o064}


def store_folders(common_dir: Path, storage: str | None) -> tuple[Path, ...]:
    """The folders that hold git-lfs's objects: this repository's (`storage` is its setting `lfs.storage`), then those
    of repositories that it borrows objects from."""
    stores = [common_dir / (storage or "lfs") / "objects"]
    alternates = common_dir / "objects/info/alternates"
    if alternates.is_file():
        lines = os.fsdecode(alternates.read_bytes()).splitlines()
        borrowed = [line for line in lines if line and not line.startswith("#")]
        stores += [common_dir / "objects" / line / "../lfs/objects" for line in borrowed]
    return tuple(stores)


def shared_mode(setting: str | None) -> Callable[[int], int]:
    """What `core.sharedRepository` makes of a mode that the umask has been applied to."""
    text = (setting or "").lower()
    if text in _SHARED:
        return lambda mode: mode | _spread(_SHARED[text], mode)
    if len(text) == 4 and text.startswith("0") and all(digit in "01234567" for digit in text):
        exact = int(text, 8) & 0o666
        return lambda mode: exact | _executable(exact, mode)
    return lambda mode: mode


def _spread(added: int, mode: int) -> int:
    return added | _executable(added, mode)


def _executable(readable: int, mode: int) -> int:
    return (readable & 0o444) >> 2 if mode & 0o100 else 0


class Store:
    """The objects of one repository. `folders` are where they are looked for, the first is where new ones go."""

    def __init__(self, folders: tuple[Path, ...], *, mode: Callable[[int], int] | None = None) -> None:
        self._folders = [os.fspath(folder) for folder in folders]
        self._home = self._folders[0]
        self._tmp = os.path.join(os.path.dirname(self._home), "tmp")
        self._mode = mode
        self._made: set[str] = set()

    @property
    def folder(self) -> Path:
        """Where new objects go."""
        return Path(self._home)

    @property
    def tmp(self) -> Path:
        """Where files in the making lie."""
        return Path(self._tmp)

    def path(self, oid: str) -> Path:
        """Where the object of that name lies, or would lie."""
        return Path(self._place(oid))

    def find(self, pointer: Pointer) -> Path | None:
        """The file of an object that is here with the right size."""
        for folder in self._folders:
            place = _place(folder, pointer.oid)
            if _has_size(place, pointer.size):
                return Path(place)
        return None

    def has(self, pointer: Pointer) -> bool:
        """Whether this repository's own store has the object, with the right size."""
        return _has_size(self._place(pointer.oid), pointer.size)

    def draft(self) -> StoreDraft:
        """A new file to write an object into. Raises LocalTrouble."""
        try:
            if self._tmp not in self._made:
                self._make(self._tmp)
                self._sweep()
            name = f"{_DRAFT}{os.getpid()}-{os.urandom(6).hex()}"
            return StoreDraft(self, os.path.join(self._tmp, name))
        except OSError as error:
            raise disk_trouble(error, self._tmp) from error

    def adopt(self, file: str, pointer: Pointer) -> None:
        """Move a complete, verified file of the same disk into its place; the file is gone then in any case. Raises
        OSError."""
        place = self._place(pointer.oid)
        if _has_size(place, pointer.size):
            os.unlink(file)
            return
        self.prepare(place)
        self.settle(file)
        os.rename(file, place)

    def prepare(self, place: Path | str) -> None:
        """Make the folder that a file of the store will lie in. Raises OSError."""
        folder = os.path.dirname(place)
        if folder not in self._made:
            self._make(folder)

    def settle(self, place: Path | str) -> None:
        """Give a file the mode that `core.sharedRepository` asks for. Raises OSError."""
        if self._mode is not None:
            os.chmod(place, self._mode(os.stat(place).st_mode & 0o777))

    def _place(self, oid: str) -> str:
        return _place(self._home, oid)

    def _make(self, folder: str) -> None:
        missing = []
        at = folder
        while not os.path.isdir(at):
            missing.append(at)
            at = os.path.dirname(at)
        for one in reversed(missing):
            with suppress(FileExistsError):
                os.mkdir(one)
                self.settle(one)
        self._made.add(folder)

    def _sweep(self) -> None:
        """Remove what killed processes left behind."""
        with suppress(OSError), os.scandir(self._tmp) as entries:
            for entry in entries:
                old = time.time() - entry.stat(follow_symlinks=False).st_mtime > _FORGOTTEN_SECONDS
                if entry.name.startswith(_DRAFT) and old:
                    os.unlink(entry.path)


class StoreDraft:
    """An object in the making. End it with `keep` or `discard`; the second may be called after any end."""

    def __init__(self, store: Store, path: str) -> None:
        self._store = store
        self._path = path
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
        self._fd = os.open(path, flags, 0o666)

    def write(self, data: memoryview) -> None:
        """Append `data`. Raises LocalTrouble (`disk-full`, ...)."""
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError as error:
            raise disk_trouble(error, self._path) from error

    def fileno(self) -> int:
        """The open file."""
        return self._fd

    def keep(self, pointer: Pointer) -> None:
        """Make it the object that `pointer` names, whose bytes the caller has hashed. Raises LocalTrouble."""
        self._close()
        try:
            self._store.adopt(self._path, pointer)
        except OSError as error:
            raise disk_trouble(error, self._path) from error

    def discard(self) -> None:
        """Remove it, if it was not kept."""
        self._close()
        with suppress(OSError):  # it was kept, or is removed after an hour
            os.unlink(self._path)

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _place(folder: str, oid: str) -> str:
    return f"{folder}/{oid[:2]}/{oid[2:4]}/{oid}"


def _has_size(place: str, size: int) -> bool:
    try:
        return os.stat(place).st_size == size
    except OSError:
        return False
