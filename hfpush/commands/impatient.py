"""Watchers that give up on an endpoint which has shown no sign of life for a while, where another one lives.

They pass on what they are told. When a request is about to be tried again, and by then nothing would have come or gone
for that long, they raise Unavailable, which ends the publish or the fetch as any failure does: it can be run again
elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from hfpush.commands.publish_report import PublishObserver, PublishPlan
from hfpush.errors import Unavailable
from hfpush.findings import Finding
from hfpush.net.news import News
from hfpush.net.retry import OnWait
from hfpush.transfer.observe import How

PATIENCE_SECONDS = 10.0
OF_THE_ENDPOINT = frozenset(
    {
        *("connect-timeout", "connection-refused", "connection-cut", "host-unreachable", "name-unresolved"),
        *("proxy-failed", "proxy-lost-way", "tls-failed", "stalled", "hub-unavailable", "storage-unavailable"),
        *("endpoint-silent", "not-a-hub", "git-stalled", "push-interrupted"),
    }
)
"""What may pass, and what another endpoint may do better meanwhile; a server that asks to wait is not among it."""
ELSEWHERE = OF_THE_ENDPOINT | {
    *("mirror-half", "redirect-refused", "answer-too-large", "request-too-large", "storage-insecure"),
    *("tls-untrusted", "proxy-refused", "proxy-login"),
}
"""What another endpoint may do better at all: also what stays so at this one, and is no word on the user's rights."""


class Life:
    """When the last sign of life was. Safe to use from several threads."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._latest = clock()

    def sign(self) -> None:
        """Something came or went."""
        self._latest = self._clock()

    def check(self, why: Finding, wait_seconds: float, *, asked: bool) -> None:
        """Raises Unavailable, if after the wait it will have been too long since, and the endpoint is to blame: one
        that `asked` for the wait lives."""
        if asked:
            self.sign()
        elif why.reference in OF_THE_ENDPOINT and self._clock() + wait_seconds - self._latest >= self._seconds:
            raise Unavailable(why)


class ImpatientPublish:
    """Watches a publish, and passes it on to `observer`."""

    def __init__(
        self,
        observer: PublishObserver,
        *,
        seconds: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._observer = observer
        self._life = Life(seconds, clock)

    def stage(self, text: str) -> None:
        self._life.sign()
        self._observer.stage(text)

    def planned(self, plan: PublishPlan) -> None:
        self._life.sign()
        self._observer.planned(plan)

    def hashed(self, count: int) -> None:
        self._life.sign()
        self._observer.hashed(count)

    def started(self, oid: str, name: str, size: int, already: int) -> None:
        self._observer.started(oid, name, size, already)

    def moved(self, oid: str, count: int) -> None:
        if count > 0:
            self._life.sign()
        self._observer.moved(oid, count)

    def finished(self, oid: str, how: How) -> None:
        self._life.sign()
        self._observer.finished(oid, how)

    def waiting(self, seconds: float, why: Unavailable) -> None:
        """Raises Unavailable in place of the wait, once nothing has moved for too long."""
        self._life.check(why.finding, seconds, asked=why.retry_after is not None)
        self._observer.waiting(seconds, why)

    def paused(self, kept: int) -> None:
        self._observer.paused(kept)

    def news(self, item: News) -> None:
        self._observer.news(item)


def impatient_wait(
    on_wait: OnWait, *, seconds: float = PATIENCE_SECONDS, clock: Callable[[], float] = time.monotonic
) -> OnWait:
    """What is told before each wait of a few calls, from now on; it gives up on their endpoint as above."""
    life = Life(seconds, clock)

    def waiting(wait_seconds: float, why: Unavailable) -> None:
        life.check(why.finding, wait_seconds, asked=why.retry_after is not None)
        on_wait(wait_seconds, why)

    return waiting
