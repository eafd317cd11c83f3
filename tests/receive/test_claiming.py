"""What test_filling.py shows of whole fetches, here at its door."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, claim
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.hub.cache import RepoCache, Snapshot
from hfpush.receive.claiming import claimed, kept
from hfpush.receive.desk import Desk
from hfpush.receive.means import Means
from hfpush.receive.plan import Step

DATA = b"bytes" * 100
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))


@pytest.fixture
def place(tmp_path: Path) -> Snapshot:
    return RepoCache(tmp_path, RepoAddress.parse(Endpoint("h", "http://h"), "ada/model")).snapshot("1" * 40)


def put(place: Snapshot, path: str) -> None:
    draft = claim(place.home(path, CONTENT))
    assert isinstance(draft, Draft)
    draft.write(0, memoryview(DATA))
    place.put(CONTENT, [path], draft)


def test_what_is_here_is_put_in_its_place(place: Snapshot) -> None:
    put(place, "a")
    assert kept(Step(CONTENT, ("a", "b"), "place"), Desk(Means(place, ())))
    assert place.file("b").read_bytes() == DATA


def test_file_is_believed_by_its_digest(place: Snapshot) -> None:
    put(place, "a")
    desk = Desk(Means(place, ()))
    assert kept(Step(CONTENT, ("a",), "check", 0, ("a",)), desk)
    other = Content("0" * 64, len(DATA))
    assert not kept(Step(other, ("a",), "check", 0, ("a",)), desk)


def test_content_that_turned_up_needs_no_draft_and_is_shown_at_every_path(place: Snapshot) -> None:
    put(place, "a")
    assert claimed(Step(CONTENT, ("a", "b"), "fetch"), Desk(Means(place, ()))) is None
    assert place.file("b").read_bytes() == DATA


def test_draft_is_ours(place: Snapshot) -> None:
    draft = claimed(Step(CONTENT, ("a",), "fetch"), Desk(Means(place, ())))
    assert draft is not None
    draft.discard()
