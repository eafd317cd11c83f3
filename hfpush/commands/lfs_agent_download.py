"""The agent's way in: one object at a time, resumed where it was cut, checked against its sha256.

What comes lies in `lfs/incomplete`, in the same drafts as the filter's; what is whole is handed to git-lfs as a file in
`lfs/tmp`, from where it moves it into its store.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from hfpush.commands.lfs_agent_progress import AgentProgress, Watch
from hfpush.commands.lfs_agent_server import AgentServer
from hfpush.commands.lfs_place import LfsPlace
from hfpush.commands.lfs_source import LfsSource
from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, DraftHome
from hfpush.disk.trouble import disk_trouble
from hfpush.hub.presence import Presence
from hfpush.lfs.agent import Transfer
from hfpush.lfs.batch import offer_of
from hfpush.net.retry import RetryPolicy
from hfpush.receive.engine import carry_out
from hfpush.receive.events import Bytes, Event, FileStarted, Waiting
from hfpush.receive.means import Means
from hfpush.receive.plan import Plan, Step
from hfpush.repo.filter.store import Store

_FORGOTTEN_SECONDS = 3600.0
_HANDED = "hfpush-agent-"


class AgentDownload:
    """Receives objects from one server. `agents` is how many agents git-lfs may start: each has its part of the
    user's limit of requests, so that a large object comes in several ranges."""

    def __init__(self, server: AgentServer, agents: int, watch: Watch) -> None:
        place = server.place
        self._source = LfsSource(server.http, server.repo.lfs_url, place.ref, otherwise=server.otherwise)
        self._store = place.store
        self._policy = RetryPolicy(attempts=server.settings.attempts)
        self._jobs = max(1, server.settings.jobs // max(1, agents))
        self._watch = watch
        _sweep(self._store.tmp)

    def carry(self, transfer: Transfer, progress: AgentProgress) -> Path:
        """The whole object, in a file that is git-lfs's to take away. Raises HfpushError."""
        pointer = transfer.pointer
        self._source.give(pointer.oid, offer_of(transfer.action, now=time.time()))

        def observe(event: Event) -> None:
            if isinstance(event, FileStarted):
                progress.at(event.have)
            elif isinstance(event, Bytes):
                progress.at(event.position)
            elif isinstance(event, Waiting):
                self._watch.waits(event.seconds, event.why)

        target = self._store.tmp / f"{_HANDED}{os.getpid()}-{pointer.oid}"
        step = Step(Content(pointer.oid, pointer.size), (f"object {pointer.oid[:12]}",), "fetch")
        place = HandedOver(self._store, target)
        carry_out(Plan((step,)), Means(place, (self._source,), observe, self._policy), jobs=self._jobs)
        return target


class HandedOver:
    """As fetch.place.Place says: a file of git-lfs's store, but beside it, at `target`, for git-lfs to move."""

    def __init__(self, store: Store, target: Path) -> None:
        self._store = store
        self._inner = LfsPlace(store)
        self._target = target

    @property
    def folder(self) -> Path:
        """Where the file is."""
        return self._target.parent

    def presence(self, path: str, content: Content) -> Presence:
        """As in the store: another process may have brought it meanwhile."""
        return self._inner.presence(path, content)

    def file(self, path: str) -> Path:
        """As LfsPlace says."""
        return self._inner.file(path)

    def home(self, path: str, content: Content) -> DraftHome:
        """The draft that LfsPlace has."""
        return self._inner.home(path, content)

    def put(self, content: Content, paths: Sequence[str], draft: Draft | None, *, proven: Sequence[str] = ()) -> None:
        """Put a verified draft at the target, or what is in the store by now. Raises LocalTrouble, Busy."""
        try:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            if draft is None:
                _copy(self._store.path(content.id), self._target)
                return
        except OSError as error:
            raise disk_trouble(error, self._target) from error
        draft.publish(self._target)
        with suppress(OSError):  # the lock only spares a second download; a name that is gone is made again
            os.unlink(self.home("", content).lock)


def _copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # no links there
        shutil.copyfile(source, target)


def _sweep(folder: Path) -> None:
    """Remove what git-lfs never took, because it or we were killed."""
    with suppress(OSError):
        for path in folder.glob(f"{_HANDED}*"):
            if time.time() - path.stat().st_mtime > _FORGOTTEN_SECONDS:
                path.unlink()
