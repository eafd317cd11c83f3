"""Objects on disk, local Hubs with small parts, and engines between them that lose patience quickly."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hfpush.endpoints import RepoAddress, endpoint_of
from hfpush.errors import Unavailable
from hfpush.lfs.pointer import Pointer
from hfpush.localhub import Fault, LocalHub
from hfpush.localhub.names import RepoKey
from hfpush.net.http import Http
from hfpush.net.network import Network
from hfpush.net.news import News
from hfpush.net.patience import Patience
from hfpush.net.retry import RetryPolicy
from hfpush.transfer.engine import Engine
from hfpush.transfer.journal import JournalStore
from hfpush.transfer.lfs_api import LfsApi
from hfpush.transfer.observe import How, Observer, UploadReport
from hfpush.transfer.source import Source
from hfpush.transfer.upload import UploadObject

_REPO = "acme/m"


class Watcher:
    """An observer that keeps what it was told."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.already: dict[str, int] = {}
        self.shown: dict[str, int] = {}
        self.hows: list[tuple[str, How]] = []
        self.waits: list[tuple[float, str]] = []

    def started(self, oid: str, name: str, size: int, already: int) -> None:
        with self.lock:
            self.already[oid] = already
            self.shown[oid] = self.shown.get(oid, 0) + already

    def moved(self, oid: str, count: int) -> None:
        with self.lock:
            self.shown[oid] = self.shown.get(oid, 0) + count

    def finished(self, oid: str, how: How) -> None:
        with self.lock:
            self.hows.append((oid, how))

    def waiting(self, seconds: float, why: Unavailable) -> None:
        with self.lock:
            self.waits.append((seconds, why.finding.reference))

    def paused(self, kept: int) -> None:
        self.kept = kept

    def news(self, item: News) -> None: ...


class Clock:
    """Unix time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


class Room:
    """What a test needs: files to send, the notes of unfinished uploads, and Hubs to send to.

    Objects larger than `part` bytes go in parts.
    """

    part = 64 * 1024

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.policy = RetryPolicy(attempts=4, first_wait=0.01, longest_wait=0.05, longest_asked_wait=2.0)
        self.patience = Patience(connect=2, idle=1, answer=1)
        self.clock: Callable[[], float] = time.time

    @contextmanager
    def hub(self, *faults: Fault, **config: Any) -> Iterator[LocalHub]:
        """A Hub with the repository that everything is sent to."""
        with LocalHub(*faults, **{"part_size": self.part, "multipart_threshold": self.part, **config}) as hub:
            hub.create(_REPO, empty=True)
            yield hub

    def object(self, size: int, seed: int = 0) -> UploadObject:
        """A file of `size` bytes, another for each seed."""
        data = random.Random(seed).randbytes(size)
        path = self.folder / f"file-{seed}"
        path.write_bytes(data)
        pointer = Pointer(hashlib.sha256(data).hexdigest(), size)
        return UploadObject(pointer, Source(path, size, path.stat().st_mtime_ns, path.name))

    @contextmanager
    def api(self, url: str, token: str | None) -> Iterator[LfsApi]:
        """The LFS API of the repository at the Hub of that URL."""
        endpoint = endpoint_of(url)
        with Http(endpoint, token, network=Network(self.patience)) as http:
            yield LfsApi(http, RepoAddress.parse(endpoint, _REPO), "main", clock=self.clock)

    def send(
        self,
        hub: LocalHub,
        objects: Iterable[UploadObject],
        *,
        jobs: int = 8,
        watcher: Observer | None = None,
        token: str | None = None,
    ) -> UploadReport:
        """Run an engine once; what went wrong is raised."""
        with self.api(hub.url, token or hub.token) as api:
            return self.engine(api, jobs=jobs, watcher=watcher).run(objects)

    def engine(self, api: LfsApi, *, jobs: int = 8, watcher: Observer | None = None) -> Engine:
        """An engine with this room's patience and clock."""
        journals = JournalStore(self.state)
        return Engine(api, journals, jobs=jobs, policy=self.policy, observer=watcher, clock=self.clock)

    def journals(self) -> list[Path]:
        """The notes of unfinished uploads that are there now."""
        return sorted((self.state / "uploads").glob("*.jsonl"))

    def has(self, hub: LocalHub, one: UploadObject) -> bool:
        """Whether the Hub's repository has the object, byte for byte."""
        uid = hub.repos.get(RepoKey.parse("models", _REPO)).record.uid
        if not hub.objects.has(uid, one.pointer.oid):
            return False
        return hashlib.sha256(hub.objects.path(one.pointer.oid).read_bytes()).hexdigest() == one.pointer.oid

    def give(self, hub: LocalHub, one: UploadObject) -> None:
        """Let the repository have the object, as if somebody else had sent it just now."""
        oid = hub.objects.add_bytes(one.source.path.read_bytes())
        hub.objects.grant(hub.repos.get(RepoKey.parse("models", _REPO)).record.uid, oid)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A room of its own for each test."""
    return Room(tmp_path)


@pytest.fixture
def clock(room: Room) -> Clock:
    """The room's clock, which stands still until a test moves it; give it to a Hub as `clock=`, too."""
    room.clock = clock = Clock()
    return clock


@pytest.fixture
def watcher() -> Watcher:
    """An observer that keeps what it was told."""
    return Watcher()
