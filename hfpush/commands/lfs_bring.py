"""Missing LFS objects, brought from the remote in the background, while git goes on with other files.

One thread asks for a batch and has the fetch engine bring it, then takes the next. What a batch ends with that is no
fault of a single object ends all that comes after it: a network that is down is not tried again for every hundred.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from queue import SimpleQueue

from hfpush.commands.lfs_place import LfsPlace
from hfpush.commands.lfs_source import LfsSource
from hfpush.disk.content import Content
from hfpush.errors import Damaged, HfpushError, NotFound
from hfpush.net.retry import RetryPolicy, call_with_retry
from hfpush.receive.engine import carry_out
from hfpush.receive.events import Event, FileDone
from hfpush.receive.means import Means
from hfpush.receive.plan import Plan, Step
from hfpush.repo.filter.bringing import Missing

_OF_ONE_OBJECT = (Damaged, NotFound)
Ended = tuple[str, HfpushError | None]


class Bringer:
    """As repo.filter.bringing.Bringing says. `jobs` is the most requests under way at once; a large object takes
    several of them."""

    def __init__(self, source: LfsSource, place: LfsPlace, policy: RetryPolicy, *, jobs: int) -> None:
        self._source = source
        self._place = place
        self._policy = policy
        self._jobs = jobs
        self._batches: SimpleQueue[Sequence[Missing]] = SimpleQueue()
        self._ended: SimpleQueue[Ended | BaseException] = SimpleQueue()
        self._under_way: set[str] = set()
        self._fatal: HfpushError | None = None
        self._pause = threading.Event()
        self._thread: threading.Thread | None = None

    def want(self, missing: Sequence[Missing]) -> None:
        """As Bringing says."""
        self._under_way.update(one.pointer.oid for one in missing)
        self._batches.put(tuple(missing))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="hfpush-bring", daemon=True)
            self._thread.start()

    def arrived(self) -> Mapping[str, HfpushError | None]:
        """As Bringing says."""
        found: dict[str, HfpushError | None] = {}
        while self._under_way and (not found or not self._ended.empty()):
            ended = self._ended.get()
            if isinstance(ended, BaseException):
                raise ended
            oid, failure = ended
            if oid in self._under_way:
                self._under_way.discard(oid)
                found[oid] = failure
        return found

    def _run(self) -> None:
        try:
            while True:
                self._bring(self._batches.get())
        except BaseException as failure:  # noqa: BLE001  (raised where somebody waits)
            self._ended.put(failure)

    def _bring(self, batch: Sequence[Missing]) -> None:
        left = {one.pointer.oid: one for one in batch}
        failure = self._fatal
        if failure is None:
            try:
                self._carry_out(left)
            except HfpushError as error:
                failure = error
                if not isinstance(error, _OF_ONE_OBJECT):
                    self._fatal = error
        for oid in tuple(left):  # after a failure a thread may just now be done with one of them
            self._ended.put((oid, failure))

    def _carry_out(self, left: dict[str, Missing]) -> None:
        """Bring what is in `left`; what has ended is taken out of it."""
        pointers = [one.pointer for one in left.values()]
        refused = call_with_retry(lambda: self._source.ask(pointers), self._policy, sleep=self._sleep)
        for oid, refusal in refused.items():
            del left[oid]
            self._ended.put((oid, refusal))
        steps = [Step(Content(oid, one.pointer.size), (one.name,), "fetch") for oid, one in left.items()]
        by_name = {one.name: oid for oid, one in left.items()}

        def observe(event: Event) -> None:
            if isinstance(event, FileDone):
                oid = by_name[event.path]
                left.pop(oid, None)
                self._ended.put((oid, None))

        means = Means(self._place, (self._source,), observe, self._policy)
        carry_out(Plan(tuple(steps)), means, jobs=self._jobs)

    def _sleep(self, seconds: float) -> None:
        self._pause.wait(seconds)
