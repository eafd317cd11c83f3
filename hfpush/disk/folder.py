"""The folders that we make in places which belong to others, and the rights of what is new in them.

People who share a folder through a group make it writable for the group. What we make below it then is so, too,
whatever their umask: each folder passes its group and the group's rights on to what is made in it. A folder that the
group may not write, and one that everybody may (like a folder for temporary files), passes nothing on.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ASIDE = ".hfpush-new"
"""How a file or folder is called at its end that is not in its place yet."""
_README = """\
Unfinished files of hfpush. A run that was interrupted goes on with them.
Deleting this folder is safe whenever no hfpush is running: at worst, bytes are fetched again.
"""
_GROUP_OF_FILES = stat.S_IRGRP | stat.S_IWGRP


@dataclass(frozen=True)
class Rights:
    """What a shared folder passes on: its group, and whether new folders are to keep that group as well."""

    group: int
    keeps_group: bool = False

    def give(self, what: Path | int) -> None:
        """Let the group at a new file or folder (a path, not a link; or a descriptor), as far as we may."""
        with suppress(OSError):  # not ours, a group that we are not in, or a file system without rights
            facts = os.stat(what)
            if facts.st_gid != self.group:
                os.chown(what, -1, self.group)
            mode = stat.S_IMODE(facts.st_mode)
            wanted = mode | _GROUP_OF_FILES
            if stat.S_ISDIR(facts.st_mode):
                wanted |= stat.S_IXGRP | (stat.S_ISGID if self.keeps_group else 0)
            if wanted != mode:
                os.chmod(what, wanted)


def closed_on(paths: Iterable[Path]) -> Path | None:
    """The first file or folder on the way to one of these, or at its end, that we may not read; None where what is
    there of them can be read."""
    for path in paths:
        for step in (*reversed(path.parents), path):
            try:
                facts = os.stat(step)
            except PermissionError:
                return step.parent
            except OSError:  # nothing is there
                break
            if step == path and not os.access(step, os.R_OK | (os.X_OK if stat.S_ISDIR(facts.st_mode) else 0)):
                return step
    return None


def rights_in(folder: Path) -> Rights | None:
    """What `folder` passes on to what is made in it; None for nothing."""
    with suppress(OSError):
        facts = os.stat(folder)
        if facts.st_mode & stat.S_IWGRP and not facts.st_mode & stat.S_IWOTH:
            return Rights(facts.st_gid, bool(facts.st_mode & stat.S_ISGID))
    return None


def share(what: Path | int, folder: Path) -> None:
    """Pass the rights of `folder` on to a file of ours that was made in it, or that will be moved there."""
    rights = rights_in(folder)
    if rights is not None:
        rights.give(what)


def make_folder(path: Path) -> None:
    """Make `path` and what is missing above it, each with what its parent passes on. It may be there already.

    Raises OSError.
    """
    if path.is_dir():
        return
    rights = rights_in(path.parent)
    try:
        if rights is None:
            os.mkdir(path)
        else:
            _make_with(rights, path)
    except FileNotFoundError:
        make_folder(path.parent)
        make_folder(path)
    except FileExistsError:
        if not path.is_dir():
            raise


def _make_with(rights: Rights, path: Path) -> None:
    """Under another name first: nobody is to find a folder that has not got its rights yet."""
    aside = path.parent / f".{secrets.token_hex(8)}{ASIDE}"
    os.mkdir(aside)
    rights.give(aside)
    try:
        os.rename(aside, path)
    except OSError as error:
        with suppress(OSError):
            os.rmdir(aside)
        if path.is_dir() or error.errno == errno.ENOTDIR:  # another process was quicker, or a file stands there
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from error
        raise


def make_our_folder(path: Path) -> None:
    """Make `path` with a word in it about what it is; nothing happens when it is there. Raises OSError."""
    if path.is_dir():
        return
    make_folder(path)
    with suppress(OSError):  # the word is a courtesy
        (path / "README").write_text(_README, "utf-8")
        share(path / "README", path)
