"""Whether the object of a pointer is in a local LFS store."""

from __future__ import annotations

import stat

from hfpush.lfs.pointer import Pointer
from hfpush.repo.content import object_stores
from hfpush.repo.repository import Repository


class Stores:
    """The LFS stores of a repository. Looks at names and sizes; reads no object."""

    def __init__(self, repository: Repository) -> None:
        self._folders = object_stores(repository)

    def hold(self, pointer: Pointer) -> bool:
        """Whether one of them has the object with the right size. An empty object needs no store."""
        if pointer.size == 0:
            return True
        for folder in self._folders:
            try:
                status = (folder / pointer.oid[:2] / pointer.oid[2:4] / pointer.oid).stat()
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode) and status.st_size == pointer.size:
                return True
        return False
