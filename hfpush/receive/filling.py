"""One file on its way: its draft, who brings what into it, and who gave what is there.

Several streams put bytes into it at once. When its digest does not hold, it compares what was given with what others
give; whom to doubt, suspects.py says.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft
from hfpush.disk.extents import Extents
from hfpush.disk.follow import Follower
from hfpush.errors import Damaged
from hfpush.findings import Finding
from hfpush.receive.budget import Budget
from hfpush.receive.giver import Giver
from hfpush.receive.memory import MemoryDraft
from hfpush.receive.plan import Step
from hfpush.receive.suspects import EARLIER, Difference, Doubt, meet

_GRAIN = 4096  # bytes; what differs is looked at no more closely


class Bringing(Protocol):
    """Who puts bytes into it: how far he is, and up to where that has been noted."""

    giver: Giver
    at: int
    settled: int


class Filling:
    """What is shared by the streams of one file. The board's lock guards it, but for `take_in`, which has its own."""

    def __init__(self, step: Step, number: int, draft: Draft | MemoryDraft, budget: Budget, claims: int = 1) -> None:
        self.claims = claims
        self.step = step
        self.number = number
        self.content: Content = step.content
        self.path = step.paths[0]
        self.draft = draft
        self.budget = budget
        self.follower = draft if isinstance(draft, MemoryDraft) else Follower(draft.fileno(), step.content, draft.path)
        self.full = False
        """There was nothing to hand out when it was asked last, and nothing has changed since."""
        self.ended = False
        self.until = 0.0
        """Nothing is asked for before this time, because of `why`, for so many `seconds`."""
        self.why: Finding | None = None
        self.waited_for = False
        self.noted = float("-inf")
        self.strikes = 0
        self.lacking: set[int] = set()
        """Numbers of the sources that do not have it."""
        self.plain: set[int] = set()
        """Numbers of those whose answers to a range are of no use."""
        self.ask: frozenset[int] | None = None
        """The only ones to be asked, if not None."""
        self.doubted: set[int] = set()
        self.differences: list[Difference] = []
        self.wire: Counter[int] = Counter()
        self.given: dict[int, Extents] = {EARLIER: draft.have}
        self._doubtful = Extents()
        self._careful = False
        self._lock = threading.RLock()
        self.follower.advance(draft.length)

    @property
    def there(self) -> Extents:
        """What is there, and not to be fetched again."""
        have = self.draft.have
        for start, stop in self._doubtful.parts:
            have = have.without(start, stop)
        return have

    @property
    def total(self) -> int:
        """How many bytes are there."""
        return self.there.total

    @property
    def complete(self) -> bool:
        """Whether all bytes are there."""
        return self.total >= self.content.size

    # -- bytes ------------------------------------------------------------------------------------------------------

    def take_in(self, stream: Bringing, at: int, data: memoryview) -> int:
        """Put bytes in their place; returns how many of them were not there. Called by each stream for its own."""
        if not self._careful:
            self.draft.write(at, data)
            self.follower.advance(self.draft.length)
            return len(data)
        with self._lock:
            self.settle(stream)
            new = 0
            for start, stop in tuple(self.there.gaps(at + len(data), at)):
                self._put(stream.giver.number, start, data[start - at : stop - at])
                new += stop - start
            stream.settled = at + len(data)
            self.follower.advance(self.there.frontier)
            return new

    def _put(self, giver: int, at: int, data: memoryview) -> None:
        stop = at + len(data)
        old = Extents(((at, stop),)) if data else Extents()
        for start, end in meet(self._doubtful, old).parts:
            self._compare(giver, start, data[start - at : end - at])
        self.draft.write(at, data)
        self._doubtful = self._doubtful.without(at, stop)
        self._credit(giver, at, stop)

    def _compare(self, giver: int, at: int, data: memoryview) -> None:
        before = bytearray(len(data))
        count = self.draft.read(at, memoryview(before))
        if count == len(data) and before == data:
            return
        differs = [
            place
            for place in range(0, len(data), _GRAIN)
            if count < len(data) or before[place : place + _GRAIN] != data[place : place + _GRAIN]
        ]
        start, stop = at + differs[0], min(at + differs[-1] + _GRAIN, at + len(data))
        where = Extents(((start, stop),))
        self.differences += [
            Difference(old, giver, *part) for old, had in self.given.items() for part in meet(had, where).parts
        ]

    def settle(self, stream: Bringing) -> None:
        """Note what a stream has given by itself."""
        with self._lock:
            self._credit(stream.giver.number, stream.settled, stream.at)
            stream.settled = stream.at

    def _credit(self, giver: int, start: int, stop: int) -> None:
        for other, had in self.given.items():
            self.given[other] = had.without(start, stop)
        self.given[giver] = self.given.get(giver, Extents()).with_(start, stop)

    # -- doubts -----------------------------------------------------------------------------------------------------

    def careful(self) -> None:
        """From now on streams may bring the same bytes; the first ones stay."""
        with self._lock:
            self._careful = True

    def doubt(self, what: Extents) -> int:
        """Fetch these once more, and compare. Returns how many bytes are no longer counted as there."""
        with self._lock:
            self._careful = True
            before = self.total
            for start, stop in meet(what, self.draft.have).parts:
                self._doubtful = self._doubtful.with_(start, stop)
            self.follower.restart()
            self.follower.advance(self.there.frontier)
            return before - self.total

    def trust(self) -> int:
        """What could not be fetched again stays as it was. Returns how many bytes are counted as there again."""
        with self._lock:
            again, self._doubtful = self._doubtful.total, Extents()
            self.follower.advance(self.there.frontier)
            return again

    def doubt_giver(self, doubt: Doubt) -> int:
        """Fetch what one of them gave from another one."""
        self.doubted.add(doubt.giver)
        self.ask = doubt.ask
        return self.doubt(self.given[doubt.giver])

    def restart(self) -> int:
        """Throw all of it away. Returns how many bytes that were."""
        before = self.total
        self._doubtful, self._careful = Extents(), False
        self.draft.reset()
        self.follower.restart()
        self.given.clear()
        self.doubted.clear()
        self.differences.clear()
        return before

    @property
    def kept_earlier(self) -> bool:
        """Whether something of an earlier run is part of it."""
        return EARLIER not in self.doubted and bool(self.given.get(EARLIER, Extents()).parts)

    def givers(self) -> Iterator[int]:
        """The numbers of those whose bytes are in it."""
        return (number for number, had in self.given.items() if had.parts and number != EARLIER)

    def has(self, giver: Giver) -> bool:
        """Whether this source has it, as far as one knows, and may be asked for anything at all."""
        return giver.standing.dropped is None and giver.number not in self.lacking

    def can_ask(self, giver: Giver) -> bool:
        """Whether this source may be asked for it."""
        return self.has(giver) and not giver.standing_by and (not self.ask or giver.number in self.ask)

    def close(self) -> None:
        """Leave the draft to whoever goes on with it."""
        self.follower.__exit__()
        self.draft.release()


def mismatch(path: str, expected: str) -> Damaged:
    """What to tell of a file whose bytes stay wrong."""
    return Damaged.of(
        "content-mismatch",
        f"What came for {path!r} is not the file that the repository lists.",
        seen=(f"its digest is not {expected}; it was fetched twice", "nothing of it was kept"),
        to_try=("run the same command again", "try another endpoint; this one, or something on the way, alters files"),
    )
