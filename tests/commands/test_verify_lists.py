"""Lists of files: the kept one first, the Hub's where it may be asked, and not again once it is gone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.fetched import LARGE, SMALL, Fetched, fetched

from hfpush.commands.verify_lists import Asking, Lists
from hfpush.errors import NotFound, Unavailable


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Fetched]:
    with fetched(tmp_path) as made:
        yield made


def test_a_kept_list_is_taken_and_the_hub_asked_otherwise(room: Fetched) -> None:
    offline = Asking(room.settings(HF_HUB_OFFLINE="1"))
    kept = Lists(room.repo_folder, room.address(), offline).at(room.commit)
    assert kept is not None
    assert kept.lost
    shutil.rmtree(room.repo_folder / "trees")
    assert Lists(room.repo_folder, room.address(), offline).at(room.commit) is None
    asking = Asking(room.settings())
    asked = Lists(room.repo_folder, room.address(), asking).at(room.commit)
    assert asked is not None
    assert not asked.lost
    assert set(asked.files) == set(kept.files) == {*SMALL, *LARGE, ".gitattributes"}
    assert asking.commit(room.address(), "main") == room.commit
    assert Lists(room.repo_folder, room.address(), asking).at(room.commit, ask=False) is None
    assert Lists(room.repo_folder, None, asking).at(room.commit) is None


def test_a_hub_that_is_gone_is_asked_once(room: Fetched) -> None:
    asking = Asking(room.settings(HF_ENDPOINT="http://127.0.0.1:9", HFPUSH_CONNECT_SECONDS="1"))
    lists = Lists(room.root / "none", room.address(), asking)
    assert lists.at(room.commit) is None
    assert lists.failure is not None
    assert not asking.may
    with pytest.raises(Unavailable):
        asking.listing(room.address(), room.commit)


def test_a_commit_that_the_hub_does_not_know_is_a_reason(room: Fetched) -> None:
    asking = Asking(room.settings())
    lists = Lists(room.root / "none", room.address(), asking)
    assert lists.at("9" * 40) is None
    assert lists.failure is not None
    assert asking.may
    with pytest.raises(NotFound):
        asking.listing(room.address(), "9" * 40)


def test_a_pipe_in_place_of_a_list_holds_nobody_up(room: Fetched) -> None:
    tree = room.repo_folder / "trees" / f"{room.commit}.json"
    tree.unlink()
    os.mkfifo(tree)
    assert Lists(room.repo_folder, None, Asking(room.settings())).kept(room.commit) is None
