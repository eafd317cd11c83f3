from __future__ import annotations

import threading
from pathlib import Path

import pytest

from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.findings import Finding
from hfpush.hub.cache import RepoCache
from hfpush.receive.desk import Desk
from hfpush.receive.events import Event, Waiting
from hfpush.receive.means import Means, Stopped

WHY = Finding("connection-cut", "cut")


def desk(folder: Path, events: list[Event], naps: list[float] | None = None) -> Desk:
    place = RepoCache(folder, RepoAddress.parse(Endpoint("h", "http://h"), "ada/model")).snapshot("1" * 40)
    return Desk(Means(place, (), events.append, sleep=None if naps is None else naps.append))


def test_wait_is_told_and_gives_signs_of_life(tmp_path: Path) -> None:
    events, naps, signs = list[Event](), list[float](), list[int]()
    desk(tmp_path, events, naps).wait(25.0, "a", WHY, lambda: signs.append(1))
    assert events == [Waiting("a", 25.0, WHY)]
    assert (naps, len(signs)) == ([10.0, 10.0, 5.0], 3)


def test_stop_ends_a_wait_and_every_check(tmp_path: Path) -> None:
    events: list[Event] = []
    found = desk(tmp_path, events)
    found.check()
    threading.Timer(0.05, found.stop).start()
    with pytest.raises(Stopped):
        found.wait(600.0, "a", WHY)
    assert found.stopping
    with pytest.raises(Stopped):
        found.check()
