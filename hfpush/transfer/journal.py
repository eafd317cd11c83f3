"""The journal of one upload: its events, a JSON line each, appended as they happen.

    <state>/uploads/README
    <state>/uploads/<sha256 of endpoint, repo and oid, 32 hex>.jsonl     mode 0600
        {"journal":1,"oid":"…","size":5000,"repo":"…"}                   first line
        {"event":"leased","at":1.7e9,"lease":{…signed URLs…}}
        {"event":"part","upload":"…","number":3,"etag":"\\"…\\""}
        {"event":"lease-lost","upload":"…"} {"event":"upload-lost",…} {"event":"completed",…} {"event":"verified"}
    <state>/uploads/finished                                             names of journals whose uploads were finished
                                                                         by agents of git-lfs; begun anew at 64 KiB

Only lines that end in a newline and can be read count, up to the first that cannot: a crash costs at most the last
line, and a part that is not in the journal is merely sent again. Two processes may append at once, each line being one
write; the first line may then be there twice. A lease holds signed URLs, so that a resumed upload
can go on inside the same upload on servers that open a new one per batch call; they take nothing but parts of
this one object, for a few hours, and the file is readable by its owner only. Whoever likes may delete it all.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hfpush.disk.flock import lock_living
from hfpush.errors import LocalTrouble
from hfpush.lfs.lease import Action, Lease
from hfpush.lfs.parts import part_count
from hfpush.lfs.pointer import Pointer
from hfpush.transfer.happened import Completed, Event, Leased, LeaseLost, PartStored, UploadLost, Verified

_VERSION = 1
_ABOUT_UPLOAD: dict[str, type[LeaseLost] | type[UploadLost] | type[Completed]] = {
    "lease-lost": LeaseLost,
    "upload-lost": UploadLost,
    "completed": Completed,
}
_FINISHED = "finished"
_FINISHED_BYTES = 65_536
_KEEP_SECONDS = 14 * 24 * 3600
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
_README = """Journals of unfinished uploads, kept by hfpush so that they can go on.
Safe to delete: what was sent is then sent again.
"""


def journal_line(event: Event) -> bytes:
    """One event as its line."""
    if isinstance(event, Leased):
        fields: dict[str, Any] = {"event": "leased", "at": event.at, "lease": _lease_fields(event.lease)}
    elif isinstance(event, PartStored):
        fields = {"event": "part", "upload": event.upload_id, "number": event.number, "etag": event.etag}
    elif isinstance(event, Verified):
        fields = {"event": "verified"}
    else:
        name = next(name for name, kind in _ABOUT_UPLOAD.items() if isinstance(event, kind))
        fields = {"event": name, "upload": event.upload_id}
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def parse_journal(data: bytes, pointer: Pointer) -> tuple[list[Event], int]:
    """The events of a journal and how many of its bytes they take; nothing when it is of another object or version."""
    events: list[Event] = []
    used = 0
    for line in data.splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        try:
            fields = json.loads(line)
            if "journal" in fields or used == 0:
                if fields != {**_header(pointer), "repo": fields["repo"]}:
                    break
            else:
                events.append(_event(fields, pointer))
        except _UNREADABLE:
            break
        used += len(line)
    return events, used


def _header(pointer: Pointer) -> dict[str, Any]:
    return {"journal": _VERSION, "oid": pointer.oid, "size": pointer.size}


def _lease_fields(lease: Lease) -> dict[str, Any]:
    verify = lease.verify and {"href": lease.verify.href, "headers": dict(lease.verify.headers)}
    return {
        "upload": lease.upload_id,
        "size": lease.size,
        "part_bytes": lease.part_bytes,
        "parts": list(lease.part_urls),
        "complete": lease.complete_url,
        "headers": dict(lease.headers),
        "verify": verify,
        "expires_at": lease.expires_at,
    }


def _event(fields: dict[str, Any], pointer: Pointer) -> Event:
    kind = fields["event"]
    if kind == "verified":
        return Verified()
    if kind == "leased":
        return Leased(_lease(fields["lease"], pointer), float(fields["at"]))
    if kind == "part":
        return PartStored(str(fields["upload"]), int(fields["number"]), str(fields["etag"]))
    return _ABOUT_UPLOAD[kind](str(fields["upload"]))


def _lease(fields: dict[str, Any], pointer: Pointer) -> Lease:
    verify, complete, expires_at = fields["verify"], fields["complete"], fields["expires_at"]
    lease = Lease(
        upload_id=str(fields["upload"]),
        size=int(fields["size"]),
        part_bytes=max(1, int(fields["part_bytes"])),
        part_urls=tuple(map(str, fields["parts"])),
        complete_url=None if complete is None else str(complete),
        headers=dict(fields["headers"]),
        verify=None if verify is None else Action(str(verify["href"]), dict(verify["headers"])),
        expires_at=None if expires_at is None else float(expires_at),
    )
    if lease.size != pointer.size or len(lease.part_urls) != part_count(lease.size, lease.part_bytes):
        raise ValueError("a lease for another object")
    return lease


class Journal:
    """The open journal of one upload. `events` is what it held when it was opened; `append` adds to the file."""

    def __init__(self, path: Path, pointer: Pointer, repo: str) -> None:
        self._path = path
        self._descriptor: int | None = None
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            data = _read_all(self._descriptor)
            self.events, used = parse_journal(data, pointer)
            if used < len(data):
                os.ftruncate(self._descriptor, used)
            if used == 0:
                self._write(json.dumps({**_header(pointer), "repo": repo}, separators=(",", ":")).encode() + b"\n")
        except OSError as error:
            self.close()
            raise _trouble(path, error) from error

    def append(self, event: Event) -> None:
        """Keep `event`. Raises LocalTrouble when the disk does not take it."""
        try:
            self._write(journal_line(event))
        except OSError as error:
            raise _trouble(self._path, error) from error

    def _write(self, line: bytes) -> None:
        assert self._descriptor is not None
        view = memoryview(line)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def close(self) -> None:
        """Close the file; it stays for the next run."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def remove(self) -> None:
        """Close and delete the file: the upload is over."""
        self.close()
        _unlink(self._path)


class JournalStore:
    """The folder of journals under a state directory."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "uploads"

    def open(self, scope: str, pointer: Pointer) -> Journal:
        """The journal of an object for `scope` (endpoint and repository). Raises LocalTrouble."""
        self._make_folder()
        return Journal(self._path(scope, pointer), pointer, scope)

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            readme = self._folder / "README"
            if not readme.exists():
                readme.write_text(_README)
        except OSError as error:
            raise _trouble(self._folder, error) from error

    @contextmanager
    def hold(self, scope: str, pointer: Pointer) -> Iterator[bool]:
        """Be the only one who sends this object there, for the time of a `with` block; waits for another who does.

        Gives whether another may have brought it to the server by now, so that a lease of before is of no use. The
        system lets go for whoever is killed. Where files cannot be locked nobody waits, and at worst bytes go twice.
        Raises LocalTrouble.
        """
        self._make_folder()
        path = self._path(scope, pointer)
        try:
            lock, waited = lock_living(path)
        except OSError as error:
            raise _trouble(path, error) from error
        try:
            yield waited or self._finished_lately(path.stem)
            self._note_finished(path.stem)
        finally:
            if os.fstat(lock).st_size == 0:  # an object that is sent whole, or not at all, has nothing to resume
                _unlink(path)
            os.close(lock)

    def _finished_lately(self, name: str) -> bool:
        with suppress(OSError):  # it spares sending some parts in vain, no more
            return name in (self._folder / _FINISHED).read_text("ascii", "replace").split("\n")
        return False

    def _note_finished(self, name: str) -> None:
        with suppress(OSError), open(self._folder / _FINISHED, "a", encoding="ascii") as notes:
            if notes.tell() > _FINISHED_BYTES:
                notes.truncate(0)
            notes.write(f"{name}\n")

    def forget(self, scope: str, pointer: Pointer) -> None:
        """Delete the journal of an object that turned out to be at the server, if there is one."""
        _unlink(self._path(scope, pointer))

    def _path(self, scope: str, pointer: Pointer) -> Path:
        name = hashlib.sha256(f"{scope}\n{pointer.oid}".encode()).hexdigest()[:32]
        return self._folder / f"{name}.jsonl"

    def prune(self, now: float | None = None) -> None:
        """Delete journals nobody has touched for two weeks: their leases are long dead. Raises LocalTrouble."""
        limit = (time.time() if now is None else now) - _KEEP_SECONDS
        for path in self._journals():
            with suppress(FileNotFoundError):  # another process may have finished that upload just now
                if path.stat().st_mtime < limit:
                    _unlink(path)

    def _journals(self) -> Iterable[Path]:
        return sorted(self._folder.glob("*.jsonl")) if self._folder.is_dir() else []


def _read_all(descriptor: int) -> bytes:
    pieces = []
    while piece := os.read(descriptor, 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except NotADirectoryError:
        return  # no folder, no journal
    except OSError as error:
        raise _trouble(path, error) from error


def _trouble(path: Path, error: OSError) -> LocalTrouble:
    return LocalTrouble.of(
        "state-unwritable",
        "The notes that make an upload resumable cannot be written.",
        seen=(f"{path}: {error.strerror or error}",),
        to_try=("free some room on that disk, or set HFPUSH_STATE_DIR to a folder that can be written",),
    )
