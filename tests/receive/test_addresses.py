"""Addresses that are kept: who asks, who waits, and what is forgotten."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, cast

import pytest

from hfpush.errors import HfpushError, LeaseExpired, NotFound, Refused, Unavailable
from hfpush.net.download import Download
from hfpush.receive.addresses import Addresses, Found


def download(word: str) -> Download:
    """Something to tell downloads apart by; nothing here reads one."""
    return cast(Download, word)


class Place:
    """Gives addresses one after the other, or fails as it is told."""

    def __init__(self) -> None:
        self.addresses: Addresses[str] = Addresses()
        self.asked = 0
        self.bad: dict[str, HfpushError] = {}
        self.fails: BaseException | None = None
        self.direct = False
        self.gate: threading.Event | None = None

    def open(self, name: str) -> Any:
        return self.addresses.open(name, lambda: self._ask(name), self._use)

    def _ask(self, name: str) -> Found[str]:
        self.asked += 1
        number = self.asked
        if self.gate is not None:
            self.gate.wait(10)
        if self.fails is not None:
            raise self.fails
        return Found(download(f"asked {number}"), None if self.direct else f"{name}{number}")

    def _use(self, address: str) -> Download:
        if address in self.bad:
            raise self.bad[address]
        return download(f"used {address}")


def test_first_one_asks_and_the_next_use_what_it_found() -> None:
    place = Place()
    assert [place.open("a") for _ in range(3)] == ["asked 1", "used a1", "used a1"]


def test_where_there_is_no_address_each_asks() -> None:
    place = Place()
    place.direct = True
    assert [place.open("a") for _ in range(3)] == ["asked 1", "asked 2", "asked 3"]


@pytest.mark.parametrize("kind", [LeaseExpired, Refused, NotFound])
def test_address_that_is_used_up_is_asked_for_anew(kind: type[HfpushError]) -> None:
    place = Place()
    place.open("a")
    place.bad["a1"] = kind.of("lease-refused", "no")
    assert [place.open("a") for _ in range(2)] == ["asked 2", "used a2"]


def test_address_that_cannot_be_reached_fails_and_is_forgotten() -> None:
    place = Place()
    place.open("a")
    place.bad["a1"] = Unavailable.of("host-unreachable", "no")
    with pytest.raises(Unavailable):
        place.open("a")
    assert place.open("a") == "asked 2"


def several(place: Place, count: int, threads: ThreadPoolExecutor) -> list[Future[Any]]:
    """That many threads, all there before the gate is opened for the one that asks."""
    place.gate = threading.Event()
    began = [threads.submit(place.open, "a") for _ in range(count)]
    while not place.asked:
        pass
    place.gate.set()
    return began


def test_of_several_at_once_one_asks() -> None:
    place = Place()
    with ThreadPoolExecutor(6) as threads:
        found = sorted(one.result(10) for one in several(place, 6, threads))
    assert found == ["asked 1", *["used a1"] * 5]


def test_all_fail_with_the_failure_of_the_one_that_asks_and_it_can_be_asked_again() -> None:
    place = Place()
    place.fails = Unavailable.of("host-unreachable", "no")
    with ThreadPoolExecutor(6) as threads:
        failures = [one.exception(10) for one in several(place, 6, threads)]
    assert all(isinstance(one, Unavailable) for one in failures)
    place.fails = None
    assert str(place.open("a")).startswith("asked")


def test_addresses_of_the_files_used_last_are_kept() -> None:
    place = Place()
    for number in range(600):
        place.open(f"n{number}-")
    assert place.open("n599-") == "used n599-600"
    assert place.open("n0-") == "asked 601"
