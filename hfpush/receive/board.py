"""What the workers of one fetch share: the steps to begin, the files under way, the sources, and what came of it all.

Everything here is read and changed under `lock`.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import replace

from hfpush.errors import Damaged, HfpushError, NotFound
from hfpush.findings import Finding
from hfpush.receive.desk import Desk
from hfpush.receive.events import Bytes, Dropped
from hfpush.receive.filling import Filling
from hfpush.receive.giver import Giver
from hfpush.receive.means import Outcome
from hfpush.receive.pieces import SMALL_BYTES
from hfpush.receive.plan import Step
from hfpush.receive.reach import Reach
from hfpush.receive.stream import Stream

_FIRST = 4
_OF_ONE_FILE = (Damaged, NotFound)


class Board:
    """`results` has for each step what became of it, once it has ended: an Outcome, or the error of that file alone.
    `failure` is what ended all of it, if something did. `active` workers are at something, `stuck` of them
    wait for answers that nobody wants."""

    def __init__(self, desk: Desk, steps: Iterable[Step], jobs: int) -> None:
        self.desk = desk
        self.lock = threading.RLock()
        self.work_waits = threading.Condition(self.lock)
        self.ended = threading.Condition(self.lock)
        self.jobs = max(1, jobs)
        self.steps = deque((number, step, 1) for number, step in enumerate(steps))
        self.results: list[Outcome | HfpushError | None] = [None] * len(self.steps)
        self.left = len(self.steps)
        self.failure: BaseException | None = None
        coming = [step.content.size > SMALL_BYTES for _, step, _ in self.steps if step.to_come]
        first = min(_FIRST, sum(coming) or len(coming))  # small ones beside a large one do not cut it in two
        sources, reserves = desk.means.sources, desk.means.reserves
        self.givers = [
            Giver(number, source, Reach.start(first, self.jobs), standing_by=number >= len(sources))
            for number, source in enumerate((*sources, *reserves))
        ]
        self.open: list[Filling] = []
        self.streams: dict[int, list[Stream]] = defaultdict(list)
        """What is under way, by the numbers of the steps."""
        self.flushing = False
        self.unflushed = 0
        """Small files that are put but perhaps not there yet."""
        self.active = self.stuck = 0

    @property
    def limit(self) -> int:
        """How many workers may be at something now."""
        if not any(step.to_come for _, step, _ in self.steps) and not self.open:
            return min(self.jobs, _FIRST)
        return min(self.jobs, max(1, sum(one.limit for one in self.working)))

    @property
    def working(self) -> list[Giver]:
        """The sources that are asked for something."""
        return [one for one in self.givers if one.standing.dropped is None and not one.standing_by]

    @property
    def roomy(self) -> bool:
        """Whether one more worker may be at something."""
        return self.active - self.stuck < self.limit

    @property
    def over(self) -> bool:
        """Whether nothing is left to do, or nothing may be done any more."""
        return self.left == 0 or self.failure is not None or self.desk.stopping

    @property
    def large(self) -> int:
        """How many large files are under way."""
        return sum(one.content.size > SMALL_BYTES for one in self.open)

    def others(self, filling: Filling, giver: Giver) -> list[Giver]:
        """Who else has the file, as far as one knows, and may be asked for it now or soon."""
        return [one for one in self.givers if one is not giver and filling.has(one)]

    def result(self, number: int, result: Outcome | HfpushError) -> None:
        """A step has ended. What is not the failure of one file alone ends everything."""
        with self.lock:
            self.results[number] = result
            self.left -= 1
            if isinstance(result, HfpushError) and not isinstance(result, _OF_ONE_FILE):
                self.end(result)

    def end(self, failure: BaseException) -> None:
        """Nothing begins any more; `failure` is what is raised, unless there was one before."""
        with self.lock:
            if self.failure is None:
                self.failure = failure
            self.work_waits.notify_all()
            self.ended.notify_all()

    def leave(self, stream: Stream) -> None:
        """A stream is over: note what it brought. May be done twice."""
        filling = stream.filling
        if stream not in self.streams[filling.number]:
            return
        filling.settle(stream)
        self.streams[filling.number].remove(stream)
        filling.full = False
        filling.wire[stream.giver.number] += stream.wire
        stream.giver.leave(stream, self.desk.now)
        if stream.doubled:
            for other in tuple(self.streams[filling.number]):
                if next(filling.there.gaps(other.stop, min(other.at, other.stop)), None) is None:
                    self.give_up(other)
        if stream.over and not filling.complete:
            again = filling.trust()
            self.desk.tell(Bytes(filling.path, again, filling.total))

    def give_up(self, stream: Stream) -> None:
        """Nothing that a stream brings from now on is wanted."""
        stream.give_up()
        if stream in self.streams[stream.filling.number] and not stream.answered:
            stream.stuck = True
            self.stuck += 1
        self.leave(stream)

    def dismiss(self, filling: Filling) -> None:
        """Nobody brings anything into it any more."""
        filling.ended = True
        for stream in tuple(self.streams[filling.number]):
            self.give_up(stream)

    def drop(self, giver: Giver, why: Finding) -> None:
        """Ask a source for nothing more. The last one is never dropped."""
        if giver.standing.dropped or not any(one.standing.dropped is None for one in self.givers if one is not giver):
            return
        giver.standing = replace(giver.standing, dropped=why)
        for stream in [one for some in self.streams.values() for one in some if one.giver is giver]:
            self.give_up(stream)
        for filling in self.open:
            self.free(filling)
        self.desk.tell(Dropped(giver.name, why))
        self.call_in()
        self.work_waits.notify_all()

    def gone(self) -> list[tuple[str, Finding]]:
        """Who failed when others were nearly done, and was not asked often enough to be dropped."""
        found = [(one.name, one.standing.last) for one in self.working if one.standing.last is not None]
        return found if len(found) < len(self.working) else []

    def call_in(self) -> bool:
        """Have the first source that stands by take part from now on; False when there is none."""
        reserve = next((one for one in self.givers if one.standing_by and one.standing.dropped is None), None)
        if reserve is None:
            return False
        reserve.standing_by = False
        for filling in self.open:
            filling.full = False
        self.work_waits.notify_all()
        return True

    def free(self, filling: Filling) -> None:
        """When those who were to be asked alone are no longer to be had, everybody may be."""
        if filling.ask and not any(filling.can_ask(one) for one in self.givers):
            filling.ask = None
        filling.full = False
