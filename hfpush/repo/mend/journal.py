"""What a mending was about to do, on disk before it does it, so that the next run knows what to do after a crash.

    <common git dir>/hfpush/README
    <common git dir>/hfpush/fix.lock               held while a mending, its undoing or its clearing away runs
    <common git dir>/hfpush/refs.lock              held by a git that moves refs, until it ends
    <common git dir>/hfpush/fix-<stamp>.json       one mending, version 1; mode 0600
        {"fix":1,"stamp":"20260131T120000.000000Z","state":"moving","place":"","branch":"refs/heads/main",
         "refs":[["refs/heads/main","<old id>","<new id>"]],"attributes":{".gitattributes":null},"staged":"<sha256>"}
    <common git dir>/hfpush/fix-<stamp>.index      the index as it was
    <common git dir>/hfpush/<x>.hfpush-new         one of them on its way into place

`moving`: the refs may be old, new or (after a crash of git itself) some of each; they go forward. `done`: all is in
place, and the file only serves `hfpush fix --undo`. `undoing`: they go back. `attributes` holds the old bytes
(base64) of each `.gitattributes` that changes in the work tree, null where there was none. `place` is the git
directory of the work tree, from the common one, `branch` what was checked out there (`HEAD` where that was detached).
Whoever deletes a file in state `done` loses the way back by `--undo`; the backup refs stay.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal

from hfpush.disk.atomic import replace_with
from hfpush.disk.trouble import disk_trouble
from hfpush.errors import Damaged
from hfpush.repo.mend.refs import Step
from hfpush.repo.repository import Repository

State = Literal["moving", "done", "undoing"]
BACKUPS = "refs/hfpush/backup/"
_VERSION = 1
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_STATES: dict[str, State] = {"moving": "moving", "done": "done", "undoing": "undoing"}
_README = """\
How `hfpush fix` finds its way back: one journal for each time that it changed the history, and the index of before.
`hfpush fix --forget-backup` deletes them together with the backup refs. Do not delete them while their state is not
"done": `hfpush fix --continue` and `hfpush fix --undo` need them.
"""


@dataclass(frozen=True)
class RefMove:
    """A ref (`HEAD` where it is detached) and its object before and after."""

    ref: str
    old: str
    new: str


@dataclass(frozen=True)
class Journal:
    """One mending. The module says what the fields are; `staged` is the fingerprint of the new index, None where that
    is not known."""

    stamp: str
    state: State
    place: str
    branch: str
    refs: tuple[RefMove, ...]
    attributes: Mapping[str, bytes | None]
    staged: str | None = None

    @property
    def head(self) -> RefMove | None:
        """The move of what was checked out, None where that stays."""
        return next((move for move in self.refs if move.ref == self.branch), None)

    def backup(self, ref: str) -> str:
        """The name of a ref's backup."""
        return f"{BACKUPS}{self.stamp}/{ref}"

    def forward(self) -> list[Step]:
        """What makes the new history: every backup and every move."""
        backups = [Step(self.backup(move.ref), None, move.old) for move in self.refs]
        return backups + [Step(move.ref, move.old, move.new) for move in self.refs]

    def backward(self) -> list[Step]:
        """What makes the old history again, and takes the backups away."""
        moves = [Step(move.ref, move.new, move.old) for move in self.refs]
        return moves + [Step(self.backup(move.ref), move.old, None) for move in self.refs]

    def encode(self) -> bytes:
        """The journal as its file."""
        fields = {
            "fix": _VERSION,
            "stamp": self.stamp,
            "state": self.state,
            "place": self.place,
            "branch": self.branch,
            "refs": [[move.ref, move.old, move.new] for move in self.refs],
            "attributes": {
                path: None if old is None else base64.b64encode(old).decode("ascii")
                for path, old in self.attributes.items()
            },
            "staged": self.staged,
        }
        return json.dumps(fields, separators=(",", ":")).encode("ascii") + b"\n"


def parse_journal(data: bytes) -> Journal:
    """Reads what `Journal.encode` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    fields: dict[str, Any] = json.loads(data)
    if fields["fix"] != _VERSION:
        raise ValueError("a journal of another version")
    staged = fields["staged"]
    return Journal(
        stamp=datetime.strptime(fields["stamp"], _STAMP).strftime(_STAMP),
        state=_STATES[fields["state"]],
        place=str(fields["place"]),
        branch=str(fields["branch"]),
        refs=tuple(RefMove(str(ref), str(old), str(new)) for ref, old, new in fields["refs"]),
        attributes={
            str(path): None if old is None else base64.b64decode(old, validate=True)
            for path, old in fields["attributes"].items()
        },
        staged=None if staged is None else str(staged),
    )


def next_stamp(latest: Journal | None, now: datetime) -> str:
    """A name for a mending that sorts after all others, also when the clock has been put back. Pure."""
    if latest is not None:
        now = max(now, datetime.strptime(latest.stamp, _STAMP).replace(tzinfo=timezone.utc) + timedelta(microseconds=1))
    return now.strftime(_STAMP)


class JournalStore:
    """The journals of one repository."""

    def __init__(self, repository: Repository) -> None:
        self.folder = repository.common_dir / "hfpush"

    @property
    def lock(self) -> Path:
        """What is held while history is mended here."""
        return self.folder / "fix.lock"

    def index(self, journal: Journal) -> Path:
        """Where the index of before is kept."""
        return self.folder / f"fix-{journal.stamp}.index"

    def all(self) -> list[Journal]:
        """The journals, oldest first. Raises Damaged for one that cannot be read."""
        return [self._read(path) for path in sorted(self.folder.glob("fix-*.json"))]

    def pending(self) -> Journal | None:
        """The mending, or its undoing, that was interrupted, if there is one."""
        return next((journal for journal in reversed(self.all()) if journal.state != "done"), None)

    def latest(self) -> Journal | None:
        """The last mending that is in place or under way."""
        return next(iter(reversed(self.all())), None)

    def prepare(self) -> None:
        """Make the folder. Raises LocalTrouble."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            readme = self.folder / "README"
            if not readme.exists():
                readme.write_text(_README, "utf-8")
            for left in self.folder.glob("*.hfpush-new"):
                left.unlink(missing_ok=True)
        except OSError as error:
            raise disk_trouble(error, self.folder) from error

    def keep_index(self, journal: Journal, index: Path) -> None:
        """Keep a copy of the index, as it is before anything moves."""
        try:
            replace_with(self.index(journal), self.folder, lambda aside: shutil.copy2(index, aside))
        except OSError as error:
            raise disk_trouble(error, self.folder) from error

    def write(self, journal: Journal) -> None:
        """Keep the journal: it is on the disk when this returns. Raises LocalTrouble."""

        def make(aside: Path) -> None:
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as stream:
                stream.write(journal.encode())
                stream.flush()
                os.fsync(stream.fileno())

        try:
            replace_with(self._path(journal.stamp), self.folder, make)
            _sync_folder(self.folder)
        except OSError as error:
            raise disk_trouble(error, self.folder) from error

    def settle(self, journal: Journal, state: State) -> Journal:
        """The journal in another state, kept."""
        settled = replace(journal, state=state)
        self.write(settled)
        return settled

    def remove(self, journal: Journal) -> None:
        """Delete the journal, then what it kept. Raises LocalTrouble."""
        try:
            self._path(journal.stamp).unlink(missing_ok=True)
            self.index(journal).unlink(missing_ok=True)
        except OSError as error:
            raise disk_trouble(error, self.folder) from error

    def _path(self, stamp: str) -> Path:
        return self.folder / f"fix-{stamp}.json"

    def _read(self, path: Path) -> Journal:
        try:
            return parse_journal(path.read_bytes())
        except OSError as error:
            raise disk_trouble(error, path) from error
        except (ValueError, KeyError, TypeError) as error:
            raise Damaged.of(
                "fix-journal-damaged",
                "The journal of an earlier hfpush fix cannot be read.",
                seen=(f"{path}: {type(error).__name__}",),
                to_try=(
                    f"git for-each-ref {BACKUPS} shows the refs of before, if history was changed",
                    "move the file away, once the refs are as you want them",
                ),
            ) from error


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # not every file system lets a folder be synced
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
