"""Which blobs of a scan a rewrite of history has to move to LFS, and which it cannot move. Pure.

To be moved is what the Hub refuses in git itself, and what the attribute files of its commit send to LFS although it is
no pointer. A broken pointer is left alone: an object of its text would only hide the loss.
"""

from __future__ import annotations

from collections.abc import Iterator

from hfpush.repo.audit.found import FoundBlob, Scan, Sighting
from hfpush.repo.rewrite.values import Offence, Unmended
from hfpush.repo.rules import MAX_GIT_FILE, NEVER_LFS

GIT_READS_IT = "git itself reads the file, so it cannot be a pointer"
NO_COMMIT = "a tag holds it without any commit"


def offences(scan: Scan) -> tuple[Offence, ...]:
    """What a rewrite can mend: each commit and path that brings such a blob in, in order of commit, path."""
    return tuple(sorted({_offence(blob, at) for blob, at in _offending(scan) if _unmendable(at) is None}))


def unmendable(scan: Scan) -> tuple[Unmended, ...]:
    """What the Hub refuses and no rewrite to LFS can mend, each with the reason."""
    found = {(_offence(blob, at), why) for blob, at in _offending(scan) if (why := _unmendable(at))}
    return tuple(Unmended(offence, why) for offence, why in sorted(found))


def is_refused(blob: FoundBlob) -> bool:
    """Whether the Hub refuses the blob in git itself, as far as that can be told here."""
    return blob.pointer is None and (blob.size > MAX_GIT_FILE or blob.binary is True)


def is_raw(blob: FoundBlob, at: Sighting) -> bool:
    """Whether that commit's attribute files send the path to LFS, and the blob is content all the same.

    An empty file is no pointer in LFS either, and a file that git reads stays in git whatever a pattern says.
    """
    plain = blob.pointer is None and not blob.broken_pointer and blob.size > 0
    return plain and at.lfs and not is_read_by_git(at.path)


def is_read_by_git(path: str) -> bool:
    """Whether git itself reads a file of this path."""
    return path.rpartition("/")[2] in NEVER_LFS


def _offending(scan: Scan) -> Iterator[tuple[FoundBlob, Sighting]]:
    for blob in scan.blobs:
        refused = is_refused(blob)
        for at in blob.sightings:
            if refused or is_raw(blob, at):
                yield blob, at


def _unmendable(at: Sighting) -> str | None:
    if is_read_by_git(at.path):
        return GIT_READS_IT
    return None if at.commit else NO_COMMIT


def _offence(blob: FoundBlob, at: Sighting) -> Offence:
    return Offence(at.commit, at.path, blob.id, blob.size)
