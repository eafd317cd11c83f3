"""Multipart uploads on disk: begun by a lease, filled part by part, ended by completion.

    uploads/<id>/upload.json      {"version": 1, "id", "repo", "oid", "size", "part_size", "created"}; written first
    uploads/<id>/data             the object's bytes; part n lies at (n - 1) * part_size
    uploads/<id>/parts/00001      {"etag": "\\"…\\"", "size": 65536}; appears once all bytes of the part are in `data`
    uploads/<id>/done             empty; the object is stored, `data` and `parts` are gone

A part counts only while its record is there. A new PUT of a part takes its record away first, because it writes over
the same bytes; and while two PUTs of one part run, the newer one alone may write. Everything may be killed at any
moment: what has a record is whole.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from hfpush.localhub.frontier import Frontier
from hfpush.localhub.objects import ContentMismatch, ObjectStore

MAX_PARTS = 10_000
DAY = 86_400.0


class UploadRefused(Exception):
    """The completion cannot be: `code` is S3's word for it, the message S3's sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Upload:
    """One multipart upload of one object to one repository (its uid). Sizes are bytes, `created` seconds."""

    id: str
    repo: str
    oid: str
    size: int
    part_size: int
    created: float
    version: int = 1

    @property
    def parts(self) -> int:
        """How many parts it has; an empty object has none."""
        return -(-self.size // self.part_size)

    def part_length(self, number: int) -> int:
        """The bytes of part `number` (from 1); only the last may be shorter. Raises IndexError."""
        if not 1 <= number <= self.parts:
            raise IndexError("no such part")
        return min(self.part_size, self.size - (number - 1) * self.part_size)


class PartWriter:
    """Writes one part into place. Only the newest writer of a part writes; `superseded` tells an older one to stop."""

    def __init__(self, uploads: Uploads, upload: Upload, number: int) -> None:
        self._uploads = uploads
        self.key = (upload.id, number)
        self._folder = uploads.folder(upload.id)
        self._number = number
        self._offset = (number - 1) * upload.part_size
        self.length = upload.part_length(number)
        self.written = 0
        self._record(number).unlink(missing_ok=True)
        self._frontier = uploads.frontier(upload)
        self._frontier.rewritten(number)
        self._file = os.open(self._folder / "data", os.O_WRONLY)

    @property
    def superseded(self) -> bool:
        """Whether a newer PUT of the same part has begun, or the upload ended."""
        return not self._uploads.is_current(self)

    def write(self, data: bytes) -> None:
        """The next bytes of the part."""
        view = memoryview(data)
        while view:
            count = os.pwrite(self._file, view, self._offset + self.written)
            self.written += count
            view = view[count:]

    def finish(self, etag: str) -> None:
        """All bytes are written: from now on the part counts, under this ETag."""
        record = self._record(self._number)
        aside = record.with_name(f".{record.name}-{secrets.token_hex(4)}")
        aside.write_text(json.dumps({"etag": etag, "size": self.written}))
        os.replace(aside, record)
        self._frontier.stored(self._number)

    def close(self) -> None:
        """Give the file back; without `finish` the part does not count."""
        os.close(self._file)
        self._uploads.leave(self)

    def _record(self, number: int) -> Path:
        return self._folder / "parts" / f"{number:05d}"


class Uploads:
    """The multipart uploads of one Hub. Blocking; one process per root."""

    def __init__(self, root: Path, objects: ObjectStore, clock: Callable[[], float]) -> None:
        self._root = root / "uploads"
        self._root.mkdir(parents=True, exist_ok=True)
        self._objects = objects
        self._clock = clock
        self._lock = threading.Lock()
        self._writers: dict[tuple[str, int], PartWriter] = {}
        self._completing: dict[str, threading.Lock] = {}
        self._open: dict[str, Upload] = {}
        self._frontiers: dict[str, Frontier] = {}
        self._recover()

    def begin(
        self, repo: str, oid: str, size: int, part_size: int, *, reuse: bool = True, apart_from: Sequence[str] = ()
    ) -> Upload:
        """The pending upload of this object to this repository, or a new one if there is none or `reuse` is False.

        `apart_from` are ids that may not be reused, because somebody else is about to send to them. Parts become
        larger than `part_size` where there would be too many of them.
        """
        part_size = max(part_size, -(-size // MAX_PARTS))
        with self._lock:
            for upload in self._open.values() if reuse else ():
                same = (upload.repo, upload.oid, upload.size, upload.part_size) == (repo, oid, size, part_size)
                if same and upload.id not in apart_from:
                    return upload
            upload = Upload(secrets.token_urlsafe(24), repo, oid, size, part_size, self._clock())
            aside = self._root / f".{upload.id}"
            (aside / "parts").mkdir(parents=True)
            (aside / "upload.json").write_text(json.dumps(asdict(upload)))
            with (aside / "data").open("wb") as data:
                data.truncate(size)
            aside.rename(self.folder(upload.id))
            self._open[upload.id] = upload
            return upload

    def find(self, upload_id: str) -> Upload | None:
        """The pending upload of that id, or None."""
        return self._open.get(upload_id)

    def folder(self, upload_id: str) -> Path:
        """Where an upload lives; the id is one of ours."""
        return self._root / upload_id

    def frontier(self, upload: Upload) -> Frontier:
        """The digest that follows the upload's parts."""
        if upload.id not in self._frontiers:
            self._frontiers[upload.id] = Frontier(self.folder(upload.id) / "data", upload.size, upload.part_size)
        return self._frontiers[upload.id]

    def stored_parts(self, upload: Upload) -> dict[int, tuple[str, int]]:
        """ETag and size of every part that counts."""
        parts = {}
        for record in (self.folder(upload.id) / "parts").iterdir():
            if not record.name.startswith("."):
                told = json.loads(record.read_text())
                parts[int(record.name)] = (told["etag"], told["size"])
        return parts

    def writer(self, upload: Upload, number: int) -> PartWriter:
        """A writer for part `number`; an older one of the same part is superseded. Raises IndexError, KeyError."""
        with self._lock:
            if upload.id not in self._open:
                raise KeyError(upload.id)
            writer = PartWriter(self, upload, number)
            self._writers[writer.key] = writer
            return writer

    def is_current(self, writer: PartWriter) -> bool:
        """Whether no newer writer of the same part has begun."""
        return self._writers.get(writer.key) is writer

    def leave(self, writer: PartWriter) -> None:
        """The writer is done."""
        with self._lock:
            if self.is_current(writer):
                del self._writers[writer.key]

    def complete(self, upload_id: str, oid: str, parts: Sequence[tuple[int, str]]) -> str:
        """Turn an upload's parts (number, ETag) into an object its repository has; returns the repository.

        May be done again: a second completion finds the object stored. Reads what the digest has not followed yet.
        Raises UploadRefused.
        """
        with self._lock:
            turn = self._completing.setdefault(upload_id, threading.Lock())
        with turn:
            done = self._finished(upload_id)
            if done is not None and done.oid == oid:
                return done.repo
            upload = self.find(upload_id)
            if upload is None or upload.oid != oid:
                raise UploadRefused("NoSuchUpload", "The specified upload does not exist.")
            check_parts(upload, parts, self.stored_parts(upload))
            self._publish(upload)
            return upload.repo

    def abort(self, upload: Upload) -> None:
        """Throw an upload away."""
        with self._lock:
            self._open.pop(upload.id, None)
            self._frontiers.pop(upload.id, None)
        shutil.rmtree(self.folder(upload.id), ignore_errors=True)

    def _publish(self, upload: Upload) -> None:
        folder = self.folder(upload.id)
        with self._lock:
            self._open.pop(upload.id, None)
            for number in range(1, upload.parts + 1):
                self._writers.pop((upload.id, number), None)
        digest = self.frontier(upload).hexdigest()
        self._frontiers.pop(upload.id, None)
        try:
            self._objects.add_file(folder / "data", upload.oid, size=upload.size, sha256=digest)
        except ContentMismatch:
            self.abort(upload)
            raise UploadRefused("BadDigest", "The content of the parts does not have the sha256 of the oid.") from None
        self._objects.grant(upload.repo, upload.oid)
        (folder / "done").touch()
        shutil.rmtree(folder / "parts", ignore_errors=True)

    def _finished(self, upload_id: str) -> Upload | None:
        if not all(character.isalnum() or character in "-_" for character in upload_id) or not upload_id:
            return None
        folder = self.folder(upload_id)
        return _read(folder) if (folder / "done").exists() else None

    def _recover(self) -> None:
        for folder in self._root.iterdir():
            upload = None if folder.name.startswith(".") else _read(folder)
            if upload is None or self._clock() - upload.created > DAY:
                shutil.rmtree(folder, ignore_errors=True)
            elif (folder / "done").exists():
                continue
            elif (folder / "data").exists():
                for leftover in (folder / "parts").glob(".*"):
                    leftover.unlink()
                self._open[upload.id] = upload
            elif self._objects.size(upload.oid) is not None:
                # Killed between the rename of the data and the mark: the object is there, say so.
                self._objects.grant(upload.repo, upload.oid)
                (folder / "done").touch()
            else:
                shutil.rmtree(folder, ignore_errors=True)


def check_parts(upload: Upload, named: Sequence[tuple[int, str]], stored: Mapping[int, tuple[str, int]]) -> None:
    """Whether the parts that a completion names are all there and are those that were stored. Raises UploadRefused."""
    if not named and upload.parts:
        raise UploadRefused(
            "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
        )
    numbers = [number for number, _ in named]
    if numbers != sorted(set(numbers)):
        raise UploadRefused(
            "InvalidPartOrder",
            "The list of parts was not in ascending order. Parts must be ordered by part number.",
        )
    if numbers != list(range(1, upload.parts + 1)) or any(stored.get(n, ("", 0))[0] != tag for n, tag in named):
        raise UploadRefused(
            "InvalidPart",
            "One or more of the specified parts could not be found. The part may not have been uploaded, or the "
            "specified entity tag may not match the part's entity tag.",
        )


def _read(folder: Path) -> Upload | None:
    try:
        return Upload(**json.loads((folder / "upload.json").read_text()))
    except (FileNotFoundError, NotADirectoryError):
        return None
