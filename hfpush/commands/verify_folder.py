"""What lies in a folder that was fetched into (--local-dir): its files against the lists and the notes beside them.

A file is what the list of its commit says, else what its note says. Files that no note and no list knows are the
user's own.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from hfpush.commands.verify_found import Item, Listing, Sighting
from hfpush.commands.verify_judge import named_contents
from hfpush.disk.content import Content
from hfpush.hub.content import content_of
from hfpush.hub.local_dir import Note, is_reserved, parse_note
from hfpush.hub.tree import TreeFile, is_safe_path

_CLOCK_GRAIN = 1.0  # seconds that a file may be newer than its note, as in huggingface_hub
_MOST_NOTE_BYTES = 4096


def notes_of(folder: Path) -> dict[str, Note]:
    """The notes about files in a folder, by path."""
    notes = folder / ".cache" / "huggingface" / "download"
    found = {}
    for file in sorted(notes.rglob("*.metadata")):
        path = file.relative_to(notes).as_posix().removesuffix(".metadata")
        with suppress(OSError, UnicodeDecodeError):  # a note that cannot be read is none
            facts = file.lstat()
            if not stat.S_ISREG(facts.st_mode) or facts.st_size > _MOST_NOTE_BYTES or not is_safe_path(path):
                continue
            note = parse_note(file.read_text("ascii"))
            if note is not None:
                found[path] = note
    return found


def sightings_in(
    folder: Path,
    notes: Mapping[str, Note],
    listing: Callable[[str], Listing | None],
    commit: str | None,
    *,
    whole: bool,
) -> list[Sighting]:
    """What the notes tell of, each by the list of its own commit; and what the list of `commit` has besides, where
    `whole` says that it must be here (a file that was never noted may be the user's)."""
    found = {}
    for path, note in notes.items():
        known = listing(note.commit)
        listed = None if known is None else known.files.get(path)
        contents = (content_of(listed),) if listed is not None else None
        found[path] = _sighting(folder, path, note, listed, contents)
    wanted = None if commit is None else listing(commit)
    if commit is not None and wanted is not None and (whole or wanted.lost):
        for path, file in wanted.files.items():
            if is_reserved(path) or (path in found and (not whole or notes[path].commit == commit)):
                continue
            note = replace(notes[path], commit=commit) if path in notes else Note(commit, "", float("inf"))
            found[path] = _sighting(folder, path, note, file, (content_of(file),))
    return [found[path] for path in sorted(found)]


def _sighting(
    folder: Path, path: str, note: Note, listed: TreeFile | None, contents: tuple[Content, ...] | None
) -> Sighting:
    one = Sighting(path, note.commit, 0 if listed is None else listed.size, listed=listed)
    where = Path(os.path.realpath(folder / path))
    try:
        facts = where.lstat()
    except OSError:
        return replace(one, state="missing", seen="it was fetched into this folder, and is gone" if note.id else "")
    if not stat.S_ISREG(facts.st_mode):
        return replace(one, state="misplaced", seen="it is not a regular file")
    known = named_contents(note.id, facts.st_size) if contents is None else contents
    if not known:
        return replace(one, state="unjudged", seen=f"{note.id[:80]!r} is no digest, and no list of files has it")
    edited = facts.st_mtime - _CLOCK_GRAIN > note.time
    return replace(one, size=facts.st_size, item=Item(where, facts.st_size, known), edited=edited)
