"""The body of one request, kept aside so that it can be sent again: in a file without a name, which goes with us.

Memory is one block, whatever the size.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from hfpush.disk.trouble import disk_trouble
from hfpush.net.body import SliceBody

_IN_MEMORY = 256 * 1024
_PACKING = 1024  # what is packed may be longer, by so much at the most


class Spool:
    """A body that grows by `fill`, and may then be sent as often as needed. For one thread; close it in any case.

    `folder` is where the file lives once the body is too large for memory; None: the system's temporary folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(folder) if folder else None)  # noqa: SIM115
        self.size = 0

    def fill(self, blocks: Iterable[bytes]) -> None:
        """Keep every block. Raises LocalTrouble when the disk does not take it, and what `blocks` raises."""
        for block in blocks:
            with self._disk():
                self._file.write(block)
            self.size += len(block)
        with self._disk():
            self._file.flush()

    @contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise disk_trouble(error, self._folder or tempfile.gettempdir()) from error

    def beginning(self, count: int, *, gzipped: bool = False) -> bytes:
        """The first `count` bytes, of what was packed where the body is `gzipped`; less where there are less."""
        self._file.seek(0)
        data = self._file.read(count + _PACKING if gzipped else count)
        if not gzipped:
            return data
        try:
            return zlib.decompressobj(wbits=31).decompress(data, count)
        except zlib.error:
            return b""

    def body(self, moved: Callable[[int], None] | None = None) -> SliceBody:
        """All of it as a request body, from its first byte. `moved` is told how many bytes were handed over."""
        self._file.seek(0)
        return SliceBody(self._file, self.size, on_bytes=moved)  # type: ignore[arg-type]

    def close(self) -> None:
        """Forget it all."""
        self._file.close()

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
