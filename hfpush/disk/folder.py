"""The folders that we make in places which belong to others."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_README = """\
Unfinished files of hfpush. A run that was interrupted goes on with them.
Deleting this folder is safe whenever no hfpush is running: at worst, bytes are fetched again.
"""


def make_our_folder(path: Path) -> None:
    """Make `path` with a word in it about what it is; nothing happens when it is there. Raises OSError."""
    if path.is_dir():
        return
    path.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):  # the word is a courtesy
        (path / "README").write_text(_README, "utf-8")
