"""Opening a file of the user's for reading, and the errors that come of it: it changed, or it cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

from hfpush.errors import LocalTrouble, SourceChanged
from hfpush.repo.rules import shown


def open_plain(path: Path | str) -> int:
    """A descriptor of the file at `path`, for reading; the caller closes it, and checks that it is a regular file.

    Follows no link at the end of the path, and waits for nobody at a pipe. Raises SourceChanged when there is nothing,
    LocalTrouble when it cannot be opened.
    """
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError as gone:
        raise changed(path, "it is gone") from gone
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from error


def changed(path: Path | str, how: str) -> SourceChanged:
    """The error for a file that is no longer what it was a moment ago."""
    return SourceChanged.of(
        "source-changed",
        f"{shown(os.path.basename(path))} changed while it was being read.",
        seen=(f"{shown(str(path))}: {how}",),
        to_try=("let the program that writes it finish", "then run the same command again"),
    )


def unreadable(path: Path | str, why: str) -> LocalTrouble:
    """The error for a file that cannot be read."""
    return LocalTrouble.of(
        "file-unreadable",
        f"{shown(os.path.basename(path))} cannot be read.",
        seen=(f"{shown(str(path))}: {why}",),
        to_try=("give yourself read rights on it",),
    )
