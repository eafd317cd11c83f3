"""Many files, several workers: every step is done once, and what was small is shown when the work is over."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
from support.given import Body

from hfpush.disk.content import Content
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.hub.cache import RepoCache
from hfpush.net.download import Download
from hfpush.receive.board import Board
from hfpush.receive.crew import Crew
from hfpush.receive.desk import Desk
from hfpush.receive.events import Bytes, Event, FileDone
from hfpush.receive.means import Means, Outcome
from hfpush.receive.plan import Step

FILES = {f"f{number}": bytes([number]) * (number * 7000) for number in range(60)}


class Shelf:
    """A source that has FILES."""

    name = "shelf"

    def __init__(self) -> None:
        self.lock, self.asked = threading.Lock(), list[str]()

    def open(self, path: str, content: Content, start: int, stop: int | None = None) -> Download:
        with self.lock:
            self.asked.append(path)
        return Body(FILES[path][start:stop], start, step=50_000)


@pytest.mark.parametrize("workers", [1, 3])
def test_every_step_is_done_once_by_whoever_is_free(tmp_path: Path, workers: int) -> None:
    place = RepoCache(tmp_path, RepoAddress.parse(Endpoint("h", "http://h"), "ada/model")).snapshot("1" * 40)
    events, shelf = list[Event](), Shelf()
    contents = {path: Content(hashlib.sha256(data).hexdigest(), len(data)) for path, data in FILES.items()}
    steps = [Step(content, (path,), "fetch") for path, content in contents.items()]
    board = Board(Desk(Means(place, (shelf,), events.append)), steps, workers)
    crew = Crew(board)
    threads = [threading.Thread(target=crew.work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert board.left == 0
    assert [result.step for result in board.results if isinstance(result, Outcome)] == steps
    assert sorted(shelf.asked) == sorted(path for path, data in FILES.items() if data)
    assert all(place.file(path).read_bytes() == data for path, data in FILES.items())
    assert sorted(event.path for event in events if isinstance(event, FileDone)) == sorted(FILES)
    assert sum(event.count for event in events if isinstance(event, Bytes)) == sum(map(len, FILES.values()))
