"""A fetch onto a disk without room: told beforehand where one can know, and in the middle without a loss."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.forked import Forked
from support.shelf import Fetching, stock, until, wire
from support.small_disk import NoSmallDisk, SmallDisk

from hfpush.localhub import LocalHub, slow

MB = 1_000_000
BIG = random.Random(6).randbytes(6 * MB)
SMALL = {f"small/{n}.json": b'{"n": %d}' % n for n in range(5)}
TOTAL = len(BIG) + sum(map(len, SMALL.values()))


@pytest.fixture(scope="module")
def small_disk() -> Iterator[SmallDisk]:
    try:
        with SmallDisk(12 * MB) as made:
            yield made
    except NoSmallDisk as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def forked(small_disk: SmallDisk) -> Iterator[Forked]:
    with Forked(*small_disk.enter) as running:
        yield running


@pytest.fixture
def disk(small_disk: SmallDisk) -> SmallDisk:
    small_disk.clear()
    return small_disk


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub", redirect_lfs=True, redirect_small=True) as running:
        stock(running, {"model.bin": BIG}, SMALL)
        yield running


@pytest.fixture(params=[False, True], ids=["cache", "folder"])
def small(request: pytest.FixtureRequest, tmp_path: Path, hub: LocalHub, disk: SmallDisk, forked: Forked) -> Fetching:
    """Fetches onto the disk."""
    place, inside = disk.place / "place", disk.inside / "place"
    fetching = Fetching(hub, forked, place, place if request.param else None, looked_at=inside)
    fetching.environment["HFPUSH_STATE_DIR"] = str(tmp_path / "state")
    return fetching


def test_what_cannot_fit_is_told_before_anything_is_fetched(hub: LocalHub, disk: SmallDisk, small: Fetching) -> None:
    disk.fill(leave=4 * MB)
    said = small.run()
    assert (said.code, said.reference) == (1, "disk-full"), said
    assert "MB are needed" in said.out
    assert wire(hub) == 0
    assert small.shown() == {}
    disk.make_room()
    assert small.run().code == 0
    assert small.shown() == {"model.bin": BIG, **SMALL}


def test_room_that_goes_in_the_middle_costs_no_byte_that_has_come(
    hub: LocalHub, disk: SmallDisk, small: Fetching
) -> None:
    hub.faults.add(slow(3e6, on="get"))
    run = small.start("--json")
    until(lambda: wire(hub) > 2 * MB)
    disk.fill(leave=0)
    said = small.end(run)
    assert (said.code, said.reference) == (1, "disk-full"), said
    assert "goes on" in said.out or "run the same command again" in said.out
    assert "model.bin" not in small.shown()
    kept = wire(hub)
    disk.make_room()
    hub.faults.clear()
    said = small.run()
    assert said.code == 0, said
    assert small.shown() == {"model.bin": BIG, **SMALL}
    assert small.drafts() == []
    assert wire(hub) - kept <= len(BIG) - MB, "it went on"


def test_a_full_disk_at_the_start_is_told(hub: LocalHub, disk: SmallDisk, small: Fetching) -> None:
    disk.fill(leave=0)
    said = small.run()
    assert (said.code, said.reference) == (1, "disk-full"), said


def test_room_for_a_draft_that_was_begun_is_not_asked_for_twice(
    hub: LocalHub, disk: SmallDisk, small: Fetching
) -> None:
    """6 MB on a disk of 7: once half is there, 3 MB are enough for the rest."""
    hub.faults.add(slow(3e6, on="get"))
    run = small.start("--json")
    until(lambda: wire(hub) > 3.5 * MB)
    run.send(signal.SIGTERM)
    assert small.end(run).code == 143
    disk.fill(leave=4 * MB)
    hub.faults.clear()
    said = small.run()
    assert said.code == 0, said
    assert small.shown()["model.bin"] == BIG
