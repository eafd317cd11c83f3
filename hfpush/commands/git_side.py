"""git's part of a publish: the refs at the Hub, and the push, both through one door that our process holds open.

What fails behind the door was tried again there. Here is tried again what only git saw: a server that took the request
and then failed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from hfpush import units
from hfpush.bridge.git_door import git_door
from hfpush.commands.publish_report import PublishObserver, PublishRequest
from hfpush.errors import Unavailable
from hfpush.net.http import Http
from hfpush.net.retry import OnWait, RetryPolicy, call_with_retry
from hfpush.repo.remote import Link, Remote, RemoteRefs, ls_remote, push
from hfpush.repo.repository import Repository
from hfpush.repo.watched import Said

T = TypeVar("T")
_LARGE = 8 * 2**20


class GitSide:
    """The repository at the Hub as git sees it. Made by `git_side`."""

    def __init__(
        self, remote: Remote, link: Link, policy: RetryPolicy, on_wait: OnWait, said: Said | None = None
    ) -> None:
        self._remote = remote
        self._link = link
        self._policy = _Elsewhere(policy.attempts, settled=link.failure)
        self._on_wait = on_wait
        self._said = said

    def refs(self, repository: Repository | None) -> RemoteRefs:
        """As `ls_remote` says, tried again where that can help."""
        return self._retried(lambda: ls_remote(self._remote, repository=repository, said=self._said))

    def push(
        self, repository: Repository, commit: str, branch: str, *, expected: str | None, replace: bool = False
    ) -> None:
        """Put `commit` on `branch`, which moves forward only; with `replace` anywhere, if it is still at `expected`."""

        def once() -> None:
            try:
                push(
                    repository,
                    self._remote,
                    commit,
                    branch,
                    expected=expected,
                    force_with_lease=replace,
                    said=self._said,
                )
            except Unavailable as error:
                if error is self._link.failure():
                    raise  # whether it had landed was looked at behind the door
                if ls_remote(self._remote, repository=repository).branch(branch) != commit:
                    raise

        self._retried(once)

    def _retried(self, step: Callable[[], T]) -> T:
        return call_with_retry(step, self._policy, sleep=time.sleep, on_wait=self._on_wait)


@dataclass(frozen=True)
class _Elsewhere(RetryPolicy):
    """As its base, but not for the failure that is `settled`: that was tried again elsewhere."""

    settled: Callable[[], Exception | None] = lambda: None

    def wait_before(self, attempt: int, failure: Unavailable, chance: float = 0.0) -> float | None:
        """Seconds to wait, or None to give up."""
        return None if failure is self.settled() else super().wait_before(attempt, failure, chance)


@contextmanager
def git_side(http: Http, request: PublishRequest, observer: PublishObserver, policy: RetryPolicy) -> Iterator[GitSide]:
    """What `request` wants of git, for the time of a `with` block; `http` brings the token and the network."""
    door = git_door(
        http,
        request.repo,
        policy,
        on_wait=observer.waiting,
        on_sent=_Tenths(observer.stage),
        spool_dir=request.state_dir,
    )
    with door as opened:
        hidden = (request.token,) if request.token else ()
        remote = Remote(opened.url, opened.secret, shown=opened.shown, link=opened, hidden=hidden)
        trace = http.network.trace
        if trace is not None:
            trace.keep_secret(opened.secret)
        yield GitSide(remote, opened, policy, observer.waiting, None if trace is None else partial(trace.words, "git"))


class _Tenths:
    """Tells how far a large push is, at each tenth of it."""

    def __init__(self, stage: Callable[[str], None]) -> None:
        self._stage = stage
        self._told = -1

    def __call__(self, sent: int, size: int) -> None:
        tenth = sent * 10 // max(size, 1)
        if size >= _LARGE and tenth != self._told:
            self._told = tenth
            self._stage(f"pushing the commits, {units.size(sent)} of {units.size(size)}")
