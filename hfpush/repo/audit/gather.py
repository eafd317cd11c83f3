"""The blobs that were found, with where each came in, where it went again, and which tips reach it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hfpush.lfs.pointer import Pointer
from hfpush.repo.audit.content_facts import ContentFacts
from hfpush.repo.audit.found import FoundBlob, Sighting
from hfpush.repo.audit.graph import bits
from hfpush.repo.audit.removal import Placed, removed
from hfpush.repo.audit.rows import Row
from hfpush.repo.audit.trees import TreeReader
from hfpush.repo.audit.walk import Walk


@dataclass(frozen=True)
class _Seen:
    commit: str
    path: str
    mode: str
    lfs: bool


class Gathering:
    """Collects rows about some blobs, in any order."""

    def __init__(self) -> None:
        self._facts: dict[str, tuple[ContentFacts, bool | None]] = {}
        self._seen: dict[str, list[_Seen]] = {}
        self._removals: list[Placed] = []

    def __contains__(self, blob: str) -> bool:
        return blob in self._facts

    def want(self, blob: str, facts: ContentFacts, stored: bool | None = None) -> None:
        """From now on, rows about this blob are collected."""
        self._facts[blob] = facts, stored

    def pointer(self, blob: str) -> Pointer | None:
        """The pointer that a wanted blob is; None for any other blob."""
        return self._facts[blob][0].pointer if blob in self._facts else None

    def add(self, row: Row, lfs: bool) -> None:
        """A row that brings a wanted blob in. `lfs` says that its path goes to LFS there."""
        self._seen.setdefault(row.blob, []).append(_Seen(row.commit, row.path, row.mode, lfs))

    def take_away(self, row: Row) -> None:
        """A row, whatever it is: notes the wanted blobs that were at its path and no longer are."""
        for old in row.olds:
            if old != row.blob and old in self._facts:
                self._removals.append(Placed(row.commit, row.path, old))

    def blobs(self, walk: Walk, trees: TreeReader) -> tuple[FoundBlob, ...]:
        """Every wanted blob that was seen, in the order of wanting."""
        if not self._seen:
            return ()
        graph = walk.graph()
        placed = [Placed(one.commit, one.path, id) for id, seen in self._seen.items() for one in seen if one.commit]
        ends = removed(graph, placed, self._removals, trees.files)
        tips: dict[str, list[str]] = {}
        direct: dict[str, list[str]] = {}
        for name, end in walk.ends.items():
            (tips if end.kind == "commit" else direct).setdefault(end.id, []).append(name)
        reached = graph.reached_from(tips, {one.commit for one in placed})
        names = _Names(list(tips.values()))
        odd = _odd_refs(walk, direct, self._seen)
        place = {commit: number for number, commit in enumerate(graph.ids)}
        found = []
        for id, (facts, stored) in self._facts.items():
            if id not in self._seen:
                continue
            mask = 0
            for one in self._seen[id]:
                mask |= reached.get(one.commit, 0)
            sightings = tuple(
                Sighting(one.path, one.commit, one.mode, one.lfs, ends.get(Placed(one.commit, one.path, id)))
                for one in sorted(dict.fromkeys(self._seen[id]), key=lambda one: place.get(one.commit, len(place)))
            )
            refs = tuple(dict.fromkeys((*names.reaching(mask), *odd.get(id, ()))))
            found.append(_blob(id, facts, stored, sightings, refs))
        return tuple(found)


class _Names:
    """The refs that a mask stands for; equal masks share one tuple, because thousands of blobs may have thousands."""

    def __init__(self, names: Sequence[Sequence[str]]) -> None:
        self._names = names
        self._known: dict[int, tuple[str, ...]] = {0: ()}

    def reaching(self, mask: int) -> tuple[str, ...]:
        if mask not in self._known:
            self._known[mask] = tuple(name for number in bits(mask) for name in self._names[number])
        return self._known[mask]


def _odd_refs(walk: Walk, direct: dict[str, list[str]], wanted: Iterable[str]) -> dict[str, list[str]]:
    """The tips that hold a blob through no commit, by blob."""
    wanted, found = set(wanted), dict[str, list[str]]()
    if direct:
        for row in walk.odd():
            if row.blob in wanted:
                found.setdefault(row.blob, []).extend(direct[row.tree or row.blob])
    return found


def _blob(
    id: str, facts: ContentFacts, stored: bool | None, sightings: tuple[Sighting, ...], refs: tuple[str, ...]
) -> FoundBlob:
    pointer: Pointer | None = facts.pointer
    return FoundBlob(
        id,
        facts.size,
        sightings,
        refs,
        binary=facts.binary,
        pointer=pointer,
        canonical=facts.canonical,
        broken_pointer=facts.broken_pointer,
        stored=stored,
        head=facts.head,
    )
