"""Attribute files of a work tree, written: each is the old one or the new one, never half of it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from hfpush.disk.trouble import disk_trouble

ASIDE = ".hfpush-new"
"""The end of the name of a file in the making; a killed run leaves it, the next one takes its place."""


def write_attributes(place: Path, content: bytes) -> None:
    """Makes `place` hold these bytes, with the rights that it has. Raises LocalTrouble."""
    aside = place.with_name(place.name + ASIDE)
    try:
        with suppress(FileNotFoundError):
            aside.unlink()
        try:
            with open(aside, "xb") as stream:
                if place.exists():
                    os.fchmod(stream.fileno(), place.stat().st_mode & 0o7777)
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(aside, place)
        except BaseException:
            with suppress(OSError):
                aside.unlink()
            raise
    except OSError as error:
        raise disk_trouble(error, place) from error
