"""Sends LFS objects: performs the steps that state.py decides, many at a time.

Tasks are: lease objects (a batch call), send a part, have the parts put together, verify. crew.py runs them, and ends
the run at the first final failure; what was stored by then is journaled. Memory is one block per request under way.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

from hfpush.errors import LeaseExpired, NotFound, Refused
from hfpush.lfs.batch import MAX_OBJECTS, Answered, Present, Rejected
from hfpush.lfs.lease import Lease
from hfpush.net.retry import RetryPolicy
from hfpush.transfer.crew import Crew, Task
from hfpush.transfer.happened import Completed, Event, Leased, LeaseLost, PartStored, UploadLost, Verified
from hfpush.transfer.journal import JournalStore
from hfpush.transfer.lfs_api import LfsApi
from hfpush.transfer.observe import Observer, Silent, UploadReport
from hfpush.transfer.refusals import gave_up, rejected, tagless
from hfpush.transfer.state import AskLease, Complete, Done, GiveUp, SendParts, Step, Verify
from hfpush.transfer.upload import Upload, UploadObject

DEFAULT_JOBS = 64
_LOOKAHEAD_BYTES = 256_000_000


class Engine:
    """One transfer. Make it, `run` it once, throw it away. `jobs` as for a Crew."""

    def __init__(
        self,
        api: LfsApi,
        journals: JournalStore,
        *,
        jobs: int | Callable[[], int] = DEFAULT_JOBS,
        policy: RetryPolicy | None = None,
        observer: Observer | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._api = api
        self._journals = journals
        self._observer: Observer = observer or Silent()
        self._clock = clock
        self._crew = Crew(jobs, policy or RetryPolicy(), self._observer)
        self._waiting: deque[Upload] = deque()  # not leased yet
        self._unfinished = 0
        self._leasing = 0
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
        try:
            self._crew.run(more=self._lease_more, done=lambda: self._unfinished == 0)
        finally:
            with self._crew.lock:
                kept = sum(upload.kept_bytes for upload in uploads)
                for upload in uploads:
                    upload.pause()
            if self._unfinished:
                self._observer.paused(kept)
        return UploadReport(
            sent=tuple(self._finished["sent"]),
            resumed=tuple(self._finished["resumed"]),
            present=tuple(self._finished["present"]),
            bytes_sent=self._crew.moved,
            bytes_resumed=self._resumed_bytes,
            bytes_present=self._present_bytes,
        )

    @property
    def bytes_sent(self) -> int:
        """Body bytes handed to the network so far."""
        return self._crew.moved

    @property
    def limit(self) -> int:
        """How many requests may be under way at this moment."""
        return self._crew.limit

    def _lease_more(self) -> Task | None:
        """The task of leasing more objects, if there are any and few such calls are under way."""
        if not self._waiting or self._leasing >= 2:
            return None
        self._leasing += 1
        return partial(self._lease_first, self._next_batch())

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
                self._crew.add(partial(self._lease, [upload]), first=True)
        elif isinstance(step, SendParts):
            for number in step.numbers:
                if number not in upload.queued:
                    upload.queued.add(number)
                    self._crew.add(partial(self._part, upload, number))
        elif not upload.closing and not upload.queued:
            upload.closing = True
            self._crew.add(partial(self._close, upload, step), first=True)

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
            with self._crew.lock:
                for upload in uploads:
                    offer = upload.object.offer
                    if offer is None or not offer.usable_at(self._clock()):
                        rest.append(upload)
                        continue
                    upload.asking = False
                    self._leased(upload, offer)
            if rest:
                self._lease(rest)
        finally:
            with self._crew.lock:
                self._leasing -= 1

    def _lease(self, uploads: list[Upload]) -> None:
        pointers = [upload.object.pointer for upload in uploads]
        answers = self._crew.retried(lambda: self._api.ask_upload(pointers))
        with self._crew.lock:
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
        # The largest objects are leased first: those that come now say how long parts are from now on.
        self._crew.part_bytes = max(1, min(event.lease.part_bytes, event.lease.size))
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
        with self._crew.lock:
            step = upload.state.next_step(self._clock())
            if not isinstance(step, SendParts) or number not in step.numbers:
                upload.queued.discard(number)
                self._advance(upload)
                return
            lease = step.lease
        try:
            etag = self._crew.retried(lambda: self._put(upload, lease, number))
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
        with self._crew.lock:
            upload.queued.discard(number)
            if upload.state.lease is lease or (
                # The lease was renewed meanwhile: what was stored counts still, if parts are cut as they were.
                isinstance(event, PartStored)
                and upload.state.lease is not None
                and upload.state.lease.part_bytes == lease.part_bytes
            ):
                self._happened(upload, event)
            self._advance(upload)

    def _put(self, upload: Upload, lease: Lease, number: int) -> str:
        """One try at one part; what it moved is taken back from the bars when it fails."""
        moved = 0

        def count(sent: int) -> None:
            nonlocal moved
            self._crew.count(sent)
            moved += sent
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
        with self._crew.lock:
            upload.closing = False
            self._happened(upload, event)
            self._advance(upload)

    def _closed(self, upload: Upload, step: Complete | Verify) -> Completed | Verified | LeaseLost | UploadLost:
        pointer, lease = upload.object.pointer, step.lease
        if isinstance(step, Complete):
            if lease.in_parts:
                self._crew.retried(lambda: self._api.complete(lease, pointer.oid, step.etags))
            return Completed(lease.upload_id)
        action = lease.verify
        if action is not None:
            self._crew.retried(lambda: self._api.verify(action, pointer))
        return Verified()


def _largest_first(objects: Iterable[UploadObject]) -> list[UploadObject]:
    """Each oid once; large objects first, so that batches are alike and the last ones to finish are small."""
    unique = {item.pointer.oid: item for item in objects}
    return sorted(unique.values(), key=lambda item: -item.pointer.size)
