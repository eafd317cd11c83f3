"""Which objects of a whole repository are large: asked while something else is done.

git tells the sizes of all objects without a walk. Their kinds would cost it twice the time, so these are asked of the
few large ones alone.
"""

from __future__ import annotations

import re
import threading
from types import TracebackType

from hfpush.repo.objects import ObjectReader
from hfpush.repo.process import Git

_BLOCK = 1 << 16


class LargeObjects:
    """A context manager: the question is put when it is entered, and dropped when it is left without `blobs`."""

    def __init__(self, git: Git, above: int) -> None:
        self._git, self._above = git, above
        self._sizes: dict[str, int] = {}
        self._trouble: BaseException | None = None
        self._dropped = threading.Event()
        self._thread = threading.Thread(target=self._ask, name="sizes", daemon=True)

    def __enter__(self) -> LargeObjects:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dropped.set()
        self._thread.join()

    def blobs(self, reader: ObjectReader) -> dict[str, int]:
        """Size by id of every blob in the object store that is larger than `above` bytes, whether anything reaches it
        or not. Raises GitFailed. `reader` reads the same repository."""
        self._thread.join()
        if self._trouble is not None:
            raise self._trouble
        return {info.id: info.size for info in reader.info(list(self._sizes)) if info.type == "blob"}

    def _ask(self) -> None:
        try:
            self._sizes = self._read()
        except BaseException as trouble:  # noqa: BLE001  # told by `blobs`
            self._trouble = trouble

    def _read(self) -> dict[str, int]:
        asked = "--batch-check=%(objectsize) %(objectname)"
        pattern = re.compile(rb"^(\d{%d,}) ([0-9a-f]+)\n" % len(str(self._above + 1)), re.MULTILINE)
        found = {}
        with self._git.running("cat-file", "--batch-all-objects", "--unordered", "--buffer", asked) as process:
            assert process.stdout is not None
            rest = b""
            while block := process.stdout.read(_BLOCK):
                if self._dropped.is_set():
                    raise _Dropped
                block = rest + block
                end = block.rfind(b"\n") + 1
                for size, id in pattern.findall(block, 0, end):
                    if int(size) > self._above:
                        found[id.decode("ascii")] = int(size)
                rest = block[end:]
        return found


class _Dropped(Exception):
    """Nobody wants the answer any more."""
