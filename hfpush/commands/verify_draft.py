"""A draft made of a damaged file: what may still be right of it need not come again.

A file that is too short is taken for the start of the right one, of one that is too long the end is left out. In one of
the right size blocks of zeros are suspected, which is what a power cut leaves of what had not reached the disk. Whoever
fills the draft verifies the whole; where it is wrong all the same, everything comes again.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from hfpush.disk.atomic import replace_with
from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, DraftHome, claim
from hfpush.disk.trouble import disk_trouble
from hfpush.errors import Busy, LocalTrouble

_GRAIN = 4096
_BLOCK = 1 << 20
_ZEROS = bytes(_GRAIN)


def salvage(home: DraftHome, damaged: Path) -> bool:
    """Make a draft at `home` of the damaged file's bytes that may be right; whether there was any use in it.

    Nothing happens where a draft has begun already, where another process is at it, and where the file gives no hint of
    which of its bytes are wrong. The file itself stays as it is.
    """
    suspects = suspected(damaged, home.content)
    if suspects is None:
        return False
    with suppress(Busy, LocalTrouble):  # a full disk, say: the fetch that follows needs less room, and says more
        held = claim(home)
        if not isinstance(held, Draft):
            return False
        try:
            if held.have.total:
                return True
            held.adopt(damaged)
            for start, stop in suspects:  # what was lost need not begin and end with a block
                held.forget(max(0, start - _GRAIN), min(stop + _GRAIN, home.content.size))
            return True
        finally:
            held.release()
    return False


def suspected(damaged: Path, content: Content) -> list[tuple[int, int]] | None:
    """The ranges of a damaged file that are to come again; None where nothing of it is worth keeping."""
    runs = []
    try:
        fd = os.open(damaged, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            facts = os.fstat(fd)
            if not stat.S_ISREG(facts.st_mode) or not facts.st_size:
                return None
            kept = min(facts.st_size, content.size)
            runs = _zeros(fd, kept)
        finally:
            os.close(fd)
    except OSError:  # what cannot be read cannot be kept
        return None
    if facts.st_size == content.size and not runs:
        return None
    lost = sum(stop - start for start, stop in runs)
    return runs if lost < kept else None


def _zeros(fd: int, size: int) -> list[tuple[int, int]]:
    """Runs of blocks that are all zero, the last one perhaps not a whole block."""
    runs: list[tuple[int, int]] = []
    for at in range(0, size, _BLOCK):
        piece = os.pread(fd, min(_BLOCK, size - at), at)
        if _ZEROS not in piece and at + _BLOCK < size:
            continue
        for offset in range(0, len(piece), _GRAIN):
            block = piece[offset : offset + _GRAIN]
            if block == _ZEROS[: len(block)]:
                start = at + offset
                if runs and runs[-1][1] == start:
                    runs[-1] = (runs[-1][0], start + len(block))
                else:
                    runs.append((start, start + len(block)))
    return runs


def heal_shared(blob: Path, shared: Path) -> None:
    """Let a blob that was repaired take the place of the damaged file that repositories share. Raises LocalTrouble."""
    try:
        if os.path.samefile(blob, shared):  # another file of the same bytes was repaired before
            return
        mode = stat.S_IMODE(shared.stat().st_mode)

        def link(aside: Path) -> None:
            os.link(blob, aside)
            os.chmod(aside, mode)

        replace_with(shared, shared.parent, link)
    except OSError as error:
        raise disk_trouble(error, shared) from error
