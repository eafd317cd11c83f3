"""What a cache and a folder have in common; tests/hub/test_cache.py and test_local_dir.py have each of them."""

import hashlib
from pathlib import Path

import pytest

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, DraftHome, claim
from hfpush.hub.disk_place import DiskPlace
from hfpush.hub.spare import Spare, whole

DATA = b"0123456789" * 1000
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))


class Shelf(DiskPlace):
    """Every file shares the bytes of `elsewhere`, and is called like its path."""

    def __init__(self, folder: Path, elsewhere: Path) -> None:
        super().__init__()
        self.folder = folder
        self.elsewhere = elsewhere

    def home(self, path: str, content: Content) -> DraftHome:
        return DraftHome(self.folder / "drafts", content, self.folder / f"{path}.lock")

    def put_small(self, path: str, data: bytes) -> None:
        self._group.add(self.home(path, CONTENT), data, self.folder / path, lambda: None)

    def _spare(self, path: str, content: Content) -> Spare | None:
        return whole(self.elsewhere, content)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf", tmp_path / "elsewhere")


def begin(shelf: Shelf, count: int) -> None:
    """Leave a draft of the first `count` bytes."""
    draft = claim(shelf.home("a", CONTENT))
    assert isinstance(draft, Draft)
    draft.write(0, memoryview(DATA)[:count])
    draft.release()


def test_nothing_waits_where_nothing_lies(shelf: Shelf) -> None:
    assert shelf.waiting("a", CONTENT) == 0
    shelf.gather("a", CONTENT)
    assert not shelf.folder.exists()


def test_a_draft_waits_and_what_lies_elsewhere_where_it_is_more(shelf: Shelf) -> None:
    begin(shelf, 3000)
    assert shelf.waiting("a", CONTENT) == 3000
    shelf.elsewhere.write_bytes(DATA)
    assert shelf.waiting("a", CONTENT) == CONTENT.size


def test_what_lies_elsewhere_becomes_the_draft(shelf: Shelf) -> None:
    shelf.elsewhere.write_bytes(DATA)
    shelf.gather("a", CONTENT)
    shelf.elsewhere.unlink()
    assert shelf.waiting("a", CONTENT) == CONTENT.size


def test_small_files_are_there_once_they_are_flushed(shelf: Shelf) -> None:
    shelf.put_small("a", DATA)
    shelf.flush()
    assert (shelf.folder / "a").read_bytes() == DATA
