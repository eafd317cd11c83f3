from __future__ import annotations

import hashlib
from pathlib import Path

from hfpush.disk.content import Content
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.hub.cache import RepoCache
from hfpush.receive.memory import MemoryDraft, TakesSmall

DATA = b"some bytes of a small file"
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))


def test_it_is_filled_at_any_place_and_verified_at_the_end() -> None:
    draft = MemoryDraft(CONTENT)
    draft.write(10, memoryview(DATA)[10:])
    assert (draft.length, draft.have.total) == (0, len(DATA) - 10)
    draft.write(0, memoryview(DATA)[:10])
    assert draft.length == len(DATA)
    assert draft.matches()
    assert draft.data == DATA
    found = bytearray(4)
    assert draft.read(5, memoryview(found)) == 4
    assert found == DATA[5:9]


def test_wrong_bytes_do_not_match_and_are_thrown_away() -> None:
    draft = MemoryDraft(CONTENT)
    draft.write(0, memoryview(b"x" * len(DATA)))
    assert not draft.matches()
    draft.reset()
    assert draft.length == 0


def test_cache_takes_small_files(tmp_path: Path) -> None:
    place = RepoCache(tmp_path, RepoAddress.parse(Endpoint("h", "http://h"), "ada/model")).snapshot("1" * 40)
    assert isinstance(place, TakesSmall)
