"""The LFS objects that a history speaks of, brought to a repository at the Hub: asked for, found, sent, confirmed.

Publishing a branch and git's pre-push hook both do this; what else a push takes is theirs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from hfpush import units
from hfpush.errors import Damaged, NotFound
from hfpush.lfs.batch import MAX_OBJECTS, Answered, Present, Rejected
from hfpush.lfs.lease import Lease
from hfpush.lfs.pointer import LfsObject, Pointer
from hfpush.net.retry import RetryPolicy, call_with_retry
from hfpush.repo.content import Located, corrupt_finding, locate, missing_finding
from hfpush.repo.hash_cache import HashCache
from hfpush.repo.repository import Repository
from hfpush.transfer.engine import Engine
from hfpush.transfer.happened import Leased
from hfpush.transfer.journal import JournalStore
from hfpush.transfer.lfs_api import LfsApi
from hfpush.transfer.observe import Observer, UploadReport
from hfpush.transfer.refusals import rejected
from hfpush.transfer.source import Source
from hfpush.transfer.upload import UploadObject

T = TypeVar("T")
_ASKING_THREADS = 4


class SendingObserver(Observer, Protocol):
    """Who watches: told of stages and of bytes hashed, and of single objects like any upload's observer."""

    def stage(self, text: str) -> None:
        """A new stage of the work begins, in a few words."""

    def hashed(self, count: int) -> None:
        """That many bytes of local files were read to find out what they are."""


@dataclass(frozen=True)
class Answers:
    """What the Hub said of each object, by oid, and when it said so (unix time)."""

    by_oid: Mapping[str, tuple[Answered, float]]

    def lacks(self, pointer: Pointer) -> bool:
        """Whether the Hub is not known to have the object."""
        return not isinstance(self._answer(pointer)[0], Present)

    def offer(self, pointer: Pointer) -> Leased | None:
        """The lease that the Hub gave for the object, if it gave one."""
        answer, at = self._answer(pointer)
        return Leased(answer, at) if isinstance(answer, Lease) else None

    def check(self, one: LfsObject) -> None:
        """Raises what it means when the Hub does not take the object."""
        answer, _ = self._answer(one.pointer)
        if isinstance(answer, Rejected):
            raise rejected(one.paths[0], answer)

    def _answer(self, pointer: Pointer) -> tuple[Answered | None, float]:
        return self.by_oid.get(pointer.oid, (None, 0.0))


NOT_ASKED = Answers({})
"""Of a repository that does not exist yet: it lacks everything."""


class Sending:
    """The objects of one run, to one repository at the Hub. `jobs` is the most requests under way at once."""

    def __init__(
        self, lfs: LfsApi, hashes: HashCache, state_dir: Path, observer: SendingObserver, *, jobs: int, attempts: int
    ) -> None:
        self._lfs = lfs
        self._hashes = hashes
        self._state_dir = state_dir
        self._observer = observer
        self._jobs = jobs
        self._policy = RetryPolicy(attempts=attempts)

    def ask(self, objects: Sequence[LfsObject]) -> Answers:
        """What the Hub says of each object: it has it, a lease for it, or a refusal."""
        self._observer.stage("asking what the Hub has")

        def ask(chunk: Sequence[Pointer]) -> list[tuple[str, tuple[Answered, float]]]:
            answers = self._retried(lambda: self._lfs.ask_upload(chunk))
            return [(oid, (answer, time.time())) for oid, answer in answers.items()]

        return Answers(dict(_in_batches([one.pointer for one in objects], ask)))

    def uploads(self, repository: Repository, objects: Sequence[LfsObject], answers: Answers) -> list[UploadObject]:
        """The objects that have to be sent, each with its bytes here and the lease that was offered for it."""
        wanted = []
        for one in objects:
            answers.check(one)
            if answers.lacks(one.pointer):
                wanted.append(one)
        found = self.contents(repository, wanted)
        uploads = []
        for one in wanted:
            file = found[one.pointer.oid]
            source = Source(file.path, file.size, file.mtime_ns, file.name)
            uploads.append(UploadObject(one.pointer, source, answers.offer(one.pointer)))
        self._hashes.save()
        return uploads

    def contents(self, repository: Repository, wanted: Sequence[LfsObject]) -> Mapping[str, Located]:
        """Where the bytes of each object are, by oid. Raises NotFound or Damaged for those that are nowhere."""
        self._observer.stage("looking for the files")
        contents = locate(repository, wanted, self._hashes, progress=self._observer.hashed)
        if contents.missing:
            corrupt = [bad for bad in contents.corrupt if bad.object in contents.missing]
            raise Damaged(corrupt_finding(corrupt)) if corrupt else NotFound(missing_finding(contents.missing))
        return contents.found

    def send(self, uploads: list[UploadObject]) -> UploadReport:
        """Send them, going on where an earlier run was."""
        journals = JournalStore(self._state_dir)
        journals.prune()
        return Engine(self._lfs, journals, jobs=self._jobs, policy=self._policy, observer=self._observer).run(uploads)

    def confirm(self, objects: Sequence[LfsObject]) -> int:
        """How many objects the Hub confirms that it would give back with our size. Raises Damaged unless it is all."""

        def ask(chunk: Sequence[Pointer]) -> list[str]:
            answers = self._retried(lambda: self._lfs.ask_download(chunk))
            return [oid for oid, answer in answers.items() if isinstance(answer, Rejected)]

        lost = _in_batches([one.pointer for one in objects], ask)
        if lost:
            raise Damaged.of(
                "object-unconfirmed",
                f"The Hub does not have {units.count(len(lost), 'object')} that it had taken.",
                seen=tuple(lost[:20]),
                to_try=("run the same command again: it sends them once more",),
            )
        return len(objects)

    def forget(self, objects: Sequence[LfsObject]) -> None:
        """Remove the journals of objects that the Hub has confirmed, also those that an earlier run left."""
        journals = JournalStore(self._state_dir)
        for one in objects:
            journals.forget(self._lfs.scope, one.pointer)

    def _retried(self, step: Callable[[], T]) -> T:
        return call_with_retry(step, self._policy, sleep=time.sleep, on_wait=self._observer.waiting)


def _in_batches(objects: Sequence[Pointer], ask: Callable[[Sequence[Pointer]], list[T]]) -> list[T]:
    """What `ask` says of all the objects, asked in as many batches as it takes, a few at a time."""
    chunks = [objects[at : at + MAX_OBJECTS] for at in range(0, len(objects), MAX_OBJECTS)]
    if len(chunks) <= 1:
        return [item for chunk in chunks for item in ask(chunk)]
    pool = ThreadPoolExecutor(_ASKING_THREADS, thread_name_prefix="ask")
    try:
        return [item for items in pool.map(ask, chunks) for item in items]
    finally:
        # After a failure or ^C nobody waits for the answers that are still to come.
        pool.shutdown(wait=False, cancel_futures=True)
