"""What was seen of blobs, in lines: path, size, since which commit, removed by which, on which refs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hfpush import units
from hfpush.repo.audit.found import FoundBlob, Sighting
from hfpush.repo.audit.spelling import ref_names
from hfpush.repo.rules import shown


@dataclass(frozen=True)
class Seen:
    """A blob under one of its paths, with all its sightings there, oldest first (at least one)."""

    blob: FoundBlob
    path: str
    sightings: tuple[Sighting, ...]

    @property
    def since(self) -> str:
        """The commit that brings it in first, whole id; empty where no commit does."""
        return self.sightings[0].commit

    @property
    def removed(self) -> str | None:
        """The commit that takes it away for good, None while it stays somewhere."""
        gone = [at.removed for at in self.sightings]
        return None if None in gone else gone[-1]


def seen_where(blobs: Iterable[FoundBlob], wanted: Callable[[FoundBlob, Sighting], bool]) -> tuple[Seen, ...]:
    """Each blob and path with a sighting that is wanted; the largest first, then by path."""
    found: dict[tuple[str, str], tuple[FoundBlob, list[Sighting]]] = {}
    for blob in blobs:
        for at in blob.sightings:
            if wanted(blob, at):
                found.setdefault((blob.id, at.path), (blob, []))[1].append(at)
    seen = [Seen(blob, path, tuple(where)) for (_, path), (blob, where) in found.items()]
    return tuple(sorted(seen, key=lambda one: (-one.blob.size, one.path, one.blob.id)))


def line(seen: Seen, *more: str, size: int | None = None) -> str:
    """One line about it. `size` stands in the place of the blob's, `more` at the end."""
    words = [units.size(seen.blob.size if size is None else size)]
    words.append(f"since commit {seen.since[:10]}" if seen.since else "reached without any commit")
    if seen.removed:
        words.append(f"removed by {seen.removed[:10]}")
    if seen.blob.refs:
        words.append(f"on {ref_names(seen.blob.refs)}")
    name = shown(seen.path) if seen.path else f"blob {seen.blob.id[:10]}"  # a tag can name a blob, and no path with it
    return f"{name}: {', '.join([*words, *more])}"


def lines(seen: Sequence[Seen]) -> tuple[str, ...]:
    """A line about each."""
    return tuple(map(line, seen))
