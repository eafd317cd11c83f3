"""Sends LFS objects: performs the steps that state.py decides, many at a time, under one limit.

Worker threads take tasks from one queue: lease objects (a batch call), send a part, have the parts put together,
verify. How many may be under way at once is pace.py's decision, when a failed request is tried again is net/retry.py's.
Memory is one block per request under way. After the first final failure nothing new begins and nothing is tried
again; what is under way may end and be journaled, for a while, and the failure is raised.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from hfpush.errors import LeaseExpired, NotFound, Refused, Unavailable
from hfpush.lfs.batch import MAX_OBJECTS, Answered, Present, Rejected
from hfpush.lfs.lease import Lease
from hfpush.net.retry import RetryPolicy, call_with_retry
from hfpush.transfer.happened import Completed, Event, Leased, LeaseLost, PartStored, UploadLost, Verified
from hfpush.transfer.journal import JournalStore
from hfpush.transfer.lfs_api import LfsApi
from hfpush.transfer.observe import Observer, Silent, UploadReport
from hfpush.transfer.pace import Pace
from hfpush.transfer.refusals import gave_up, rejected, tagless
from hfpush.transfer.state import AskLease, Complete, Done, GiveUp, SendParts, Step, Verify
from hfpush.transfer.upload import Upload, UploadObject

T = TypeVar("T")
Task = Callable[[], None]
DEFAULT_JOBS = 64
_LOOKAHEAD_BYTES = 256_000_000
_TICK_SECONDS = 0.5
_STOP_SECONDS = 1.0
_WIND_UP_SECONDS = 30.0


class Stopped(Exception):
    """The run is ending: what this worker was about to do is no longer wanted."""


class Engine:
    """One transfer. Make it, `run` it once, throw it away."""

    def __init__(
        self,
        api: LfsApi,
        journals: JournalStore,
        *,
        jobs: int = DEFAULT_JOBS,
        policy: RetryPolicy | None = None,
        observer: Observer | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._api = api
        self._journals = journals
        self._policy = policy or RetryPolicy()
        self._observer: Observer = observer or Silent()
        self._clock = clock
        lock = threading.RLock()
        self._changed = threading.Condition(lock)  # there may be a task for a worker
        self._ended = threading.Condition(lock)  # everything is done, or something failed
        self._counting = threading.Lock()
        self._ending = threading.Event()  # nothing new begins, waits are cut short
        self._stop = threading.Event()  # also what is being sent stops
        self._pace = Pace.start(max(1, jobs))
        self._part_bytes = 1  # how long the parts are of what was leased last: the largest objects come first
        self._troubled = False
        self._waiting: deque[Upload] = deque()  # not leased yet
        self._tasks: deque[Task] = deque()
        self._unfinished = 0
        self._under_way = 0
        self._leasing = 0
        self._moved = 0
        self._failure: BaseException | None = None
        self._failed_at = 0.0
        self._finished: dict[str, list[str]] = {"sent": [], "resumed": [], "present": []}
        self._resumed_bytes = 0
        self._present_bytes = 0

    def run(self, objects: Iterable[UploadObject]) -> UploadReport:
        """Bring every object to the server; each oid once. Raises the first final failure.

        May be interrupted (KeyboardInterrupt) or killed at any time: running it again goes on.
        """
        uploads = [Upload(item, self._api.scope, self._journals) for item in _largest_first(objects)]
        self._waiting.extend(uploads)
        self._unfinished = len(uploads)
        workers: list[threading.Thread] = []
        try:
            self._supervise(workers)
        finally:
            self._stop.set()
            self._ending.set()
            with self._changed:
                self._tasks.clear()
                self._changed.notify_all()
            deadline = time.monotonic() + _STOP_SECONDS
            for worker in workers:
                worker.join(timeout=max(0.0, deadline - time.monotonic()))
            with self._changed:
                for upload in uploads:
                    upload.pause()
        if self._failure is not None:
            raise self._failure
        return UploadReport(
            sent=tuple(self._finished["sent"]),
            resumed=tuple(self._finished["resumed"]),
            present=tuple(self._finished["present"]),
            bytes_sent=self._moved,
            bytes_resumed=self._resumed_bytes,
            bytes_present=self._present_bytes,
        )

    @property
    def bytes_sent(self) -> int:
        """Body bytes handed to the network so far."""
        return self._moved

    @property
    def limit(self) -> int:
        """How many requests may be under way at this moment."""
        return self._pace.limit

    def _supervise(self, workers: list[threading.Thread]) -> None:
        """Keep as many workers as the pace allows, until everything is done or something has failed."""
        last_moved, last_time = 0, time.monotonic()
        while True:
            with self._changed:
                if self._unfinished == 0 or (self._failure is not None and self._wound_up()):
                    return
                while len(workers) < self._pace.limit and self._failure is None:
                    worker = threading.Thread(target=self._work, name=f"upload-{len(workers)}", daemon=True)
                    workers.append(worker)
                    worker.start()
                self._ended.wait(_TICK_SECONDS / 2)
                elapsed = time.monotonic() - last_time
                if elapsed >= _TICK_SECONDS:
                    rate = (self._moved - last_moved) / elapsed
                    self._pace = self._pace.after(rate, troubled=self._troubled, part_bytes=self._part_bytes)
                    last_moved, last_time, self._troubled = self._moved, time.monotonic(), False
                    self._changed.notify_all()

    def _wound_up(self) -> bool:
        return self._under_way == 0 or time.monotonic() > self._failed_at + _WIND_UP_SECONDS

    # -- workers ---------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._changed:
                task = self._take()
                while task is None:
                    if self._stop.is_set() or self._failure is not None or self._unfinished == 0:
                        return
                    self._changed.wait(_TICK_SECONDS)
                    task = self._take()
                self._under_way += 1
            failure: BaseException | None = None
            try:
                task()
            except Stopped:
                failure = None  # the run is ending, for a reason that somebody else has told
            except BaseException as error:  # noqa: BLE001  # a worker must hand its failure to run(), whatever it is
                failure = error
            with self._changed:
                self._under_way -= 1
                if failure is not None and self._failure is None:
                    self._failure, self._failed_at = failure, time.monotonic()
                    self._ending.set()
                if self._failure is not None or self._unfinished == 0:
                    self._changed.notify_all()
                    self._ended.notify_all()

    def _take(self) -> Task | None:
        """The next task that may begin now; called under the lock."""
        if self._stop.is_set() or self._failure is not None or self._under_way >= self._pace.limit:
            return None
        if self._waiting and self._leasing < 2 and len(self._tasks) < 2 * self._pace.limit:
            batch = self._next_batch()
            self._leasing += 1
            return partial(self._lease_first, batch)
        if self._tasks:
            return self._tasks.popleft()
        return None

    def _next_batch(self) -> list[Upload]:
        """Objects to lease next: enough to keep the workers busy, few enough to be sent before the lease ends."""
        batch: list[Upload] = []
        size = 0
        while self._waiting and len(batch) < MAX_OBJECTS and (not batch or size < _LOOKAHEAD_BYTES):
            upload = self._waiting.popleft()
            upload.asking = True
            size += upload.object.pointer.size
            batch.append(upload)
        return batch

    def _advance(self, upload: Upload) -> None:
        """Queue what an upload needs next; called under the lock after each of its events."""
        if upload.done:
            return  # a part that was still in the queue, or on its way
        step = upload.state.next_step(self._clock())
        if isinstance(step, GiveUp):
            raise gave_up(upload.object.source.name, step, upload.last_words)
        if isinstance(step, Done):
            self._over(upload)
        elif isinstance(step, AskLease):
            if not upload.asking:
                upload.asking = True
                self._tasks.appendleft(partial(self._lease, [upload]))
                self._changed.notify()
        elif isinstance(step, SendParts):
            for number in step.numbers:
                if number not in upload.queued:
                    upload.queued.add(number)
                    self._tasks.append(partial(self._part, upload, number))
                    self._changed.notify()
        elif not upload.closing and not upload.queued:
            upload.closing = True
            self._tasks.appendleft(partial(self._close, upload, step))
            self._changed.notify()

    def _over(self, upload: Upload) -> None:
        upload.over()
        self._unfinished -= 1
        self._finished[upload.how].append(upload.object.pointer.oid)
        if upload.how == "present":
            self._present_bytes += upload.object.pointer.size
        self._resumed_bytes += upload.resumed_bytes
        self._observer.finished(upload.object.pointer.oid, upload.how)

    # -- tasks -----------------------------------------------------------------------------------------------------

    def _lease_first(self, uploads: list[Upload]) -> None:
        rest: list[Upload] = []
        try:
            with self._changed:
                for upload in uploads:
                    offer = upload.object.offer
                    if offer is None or not offer.usable_at(self._clock()):
                        rest.append(upload)
                        continue
                    upload.asking = False
                    self._leased(upload, offer)
                self._changed.notify_all()
            if rest:
                self._lease(rest)
        finally:
            with self._changed:
                self._leasing -= 1

    def _lease(self, uploads: list[Upload]) -> None:
        pointers = [upload.object.pointer for upload in uploads]
        answers = self._retried(lambda: self._api.ask_upload(pointers))
        with self._changed:
            for upload in uploads:
                upload.asking = False
                self._answered(upload, answers[upload.object.pointer.oid])

    def _answered(self, upload: Upload, answer: Answered) -> None:
        if isinstance(answer, Rejected):
            raise rejected(upload.object.source.name, answer)
        if isinstance(answer, Present):
            self._happened(upload, Verified())
            self._advance(upload)
        else:
            self._leased(upload, Leased(answer, self._clock()))

    def _leased(self, upload: Upload, event: Leased) -> None:
        first = not upload.opened
        self._part_bytes = max(1, min(event.lease.part_bytes, event.lease.size))
        self._happened(upload, event)
        if first:
            pointer, name = upload.object.pointer, upload.object.source.name
            self._observer.started(pointer.oid, name, pointer.size, upload.resumed_bytes)
        self._advance(upload)

    def _happened(self, upload: Upload, event: Event) -> None:
        """Keep an event; what it makes worthless is taken back from the bars."""
        before = upload.stored_bytes if isinstance(event, Leased | UploadLost) else 0
        upload.happened(event)
        lost = before - upload.stored_bytes if before else 0
        if lost > 0:
            self._observer.moved(upload.object.pointer.oid, -lost)

    def _part(self, upload: Upload, number: int) -> None:
        with self._changed:
            step = upload.state.next_step(self._clock())
            if not isinstance(step, SendParts) or number not in step.numbers:
                upload.queued.discard(number)
                self._advance(upload)
                return
            lease = step.lease
        try:
            etag = self._retried(lambda: self._put(upload, lease, number))
            event: PartStored | LeaseLost | UploadLost = PartStored(lease.upload_id, number, etag)
        except LeaseExpired as error:
            event = LeaseLost(lease.upload_id)
            upload.last_words = error.finding.evidence
        except Refused as error:
            if lease.in_parts or error.status != 400:
                raise
            # Of an object sent whole the storage knows the digest: its bytes were spoiled on the way.
            event = UploadLost(lease.upload_id)
            upload.last_words = error.finding.evidence
        with self._changed:
            upload.queued.discard(number)
            superseded = not isinstance(event, PartStored) and upload.state.lease is not lease
            if not superseded:
                self._happened(upload, event)
            self._advance(upload)

    def _put(self, upload: Upload, lease: Lease, number: int) -> str:
        """One try at one part; what it moved is taken back from the bars when it fails."""
        moved = 0

        def count(sent: int) -> None:
            nonlocal moved
            if self._stop.is_set():
                raise Stopped
            moved += sent
            with self._counting:
                self._moved += max(sent, 0)
            self._observer.moved(upload.object.pointer.oid, sent)

        try:
            etag = self._api.send_part(lease, number, upload.object.source, count)
            if lease.in_parts and not etag:
                again = number in upload.tagless
                upload.tagless.add(number)
                raise tagless(upload.object.source.name, number, again=again)
        except BaseException:
            self._observer.moved(upload.object.pointer.oid, -moved)
            raise
        return etag

    def _close(self, upload: Upload, step: Step) -> None:
        """Have the parts put together, or verify."""
        assert isinstance(step, Complete | Verify)
        try:
            event = self._closed(upload, step)
        except LeaseExpired as error:
            # 403: the completion address ran out, the parts are still there. Anything else: the upload is gone.
            kind = LeaseLost if error.status in (401, 403) else UploadLost
            event = kind(step.lease.upload_id)
            upload.last_words = error.finding.evidence
        except (NotFound, Refused) as error:
            if error.status not in (400, 404, 409, 410, 422):
                raise
            event = UploadLost(step.lease.upload_id)
            upload.last_words = error.finding.evidence
        with self._changed:
            upload.closing = False
            self._happened(upload, event)
            self._advance(upload)

    def _closed(self, upload: Upload, step: Complete | Verify) -> Completed | Verified | LeaseLost | UploadLost:
        pointer, lease = upload.object.pointer, step.lease
        if isinstance(step, Complete):
            if lease.in_parts:
                self._retried(lambda: self._api.complete(lease, pointer.oid, step.etags))
            return Completed(lease.upload_id)
        action = lease.verify
        if action is not None:
            self._retried(lambda: self._api.verify(action, pointer))
        return Verified()

    # -- patience --------------------------------------------------------------------------------------------------

    def _retried(self, step: Callable[[], T]) -> T:
        if self._ending.is_set():
            raise Stopped
        return call_with_retry(step, self._policy, sleep=self._sleep, on_wait=self._waits)

    def _sleep(self, seconds: float) -> None:
        if self._ending.wait(seconds):
            raise Stopped

    def _waits(self, seconds: float, why: Unavailable) -> None:
        if self._ending.is_set():
            return
        with self._changed:
            self._troubled = True
        self._observer.waiting(seconds, why)


def _largest_first(objects: Iterable[UploadObject]) -> list[UploadObject]:
    """Each oid once; large objects first, so that batches are alike and the last ones to finish are small."""
    unique = {item.pointer.oid: item for item in objects}
    return sorted(unique.values(), key=lambda item: -item.pointer.size)
