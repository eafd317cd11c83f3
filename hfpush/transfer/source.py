"""Where an object's bytes are read from: a file that must stay what it was when it was hashed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hfpush.errors import HfpushError, LocalTrouble, SourceChanged


@dataclass(frozen=True)
class Source:
    """A file as it was when its digest was taken: size in bytes, mtime in nanoseconds. `name` is what users call it."""

    path: Path
    size: int
    mtime_ns: int
    name: str

    @contextmanager
    def open(self, start: int) -> Iterator[BinaryIO]:
        """The file from byte `start` on; may be opened many times, also in parallel.

        Raises SourceChanged on the way in and on the way out when it is no longer the file that was hashed; also
        instead of another error in between, since a server may refuse what a change has spoiled.
        """
        try:
            stream = open(self.path, "rb", buffering=0)  # noqa: SIM115  # closed below, after the check
        except FileNotFoundError as error:
            raise self._changed("it is gone") from error
        except OSError as error:
            raise self._unreadable(error) from error
        with stream:
            self._check(stream)
            stream.seek(start)
            try:
                yield stream
            except HfpushError:
                self._check(stream)
                raise
            self._check(stream)

    def _check(self, stream: BinaryIO) -> None:
        try:
            now = os.fstat(stream.fileno())
        except OSError as error:  # a network disk that lost the file
            raise self._unreadable(error) from error
        if now.st_size != self.size:
            raise self._changed(f"it had {self.size} bytes and has {now.st_size}")
        if now.st_mtime_ns != self.mtime_ns:
            raise self._changed("it was written to")

    def _unreadable(self, error: OSError) -> LocalTrouble:
        return LocalTrouble.of(
            "file-unreadable",
            f"{self.name} cannot be read.",
            seen=(f"{self.path}: {error.strerror or error}",),
            to_try=("give yourself read rights on it",),
        )

    def _changed(self, how: str) -> SourceChanged:
        return SourceChanged.of(
            "source-changed",
            f"{self.name} changed while it was being sent.",
            seen=(f"{self.path}: {how}",),
            to_try=("let the program that writes it finish", "then run the same command again"),
        )
