"""The store as a place of the fetch engine."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hfpush.commands.lfs_place import LfsPlace
from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, claim
from hfpush.hub.presence import Presence
from hfpush.repo.filter.store import Store, store_folders

DATA = b"content"
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))


def test_a_draft_becomes_an_object_and_nothing_else_stays(tmp_path: Path) -> None:
    store = Store(store_folders(tmp_path, None), mode=lambda mode: mode | 0o040)
    place = LfsPlace(store)
    assert place.presence("a", CONTENT) is Presence.ABSENT
    draft = claim(place.home("a", CONTENT))
    assert isinstance(draft, Draft)
    assert draft.path.parent == tmp_path / "lfs/incomplete"
    draft.write(0, memoryview(DATA))
    place.put(CONTENT, ["a"], draft)
    assert place.presence("a", CONTENT) is Presence.PLACED
    file = store.path(CONTENT.id)
    assert file.read_bytes() == DATA
    assert file.stat().st_mode & 0o040
    assert [one.name for one in (tmp_path / "lfs/incomplete").iterdir()] == ["README"]
    place.put(CONTENT, ["a"], None)
    assert place.folder == tmp_path / "lfs/objects"
    with pytest.raises(AssertionError):
        place.file("a")
