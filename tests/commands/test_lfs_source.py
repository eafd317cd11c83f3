"""LFS objects from a server's batches: addresses, their expiry, refusals, another credential."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hfpush.commands.lfs_source import LfsSource
from hfpush.disk.content import Content
from hfpush.endpoints import Endpoint
from hfpush.errors import LeaseExpired, NotFound, Refused
from hfpush.lfs.pointer import Pointer
from hfpush.localhub import LocalHub, expired_lease
from hfpush.net.http import Http

DATA = b"content of an object"
POINTER = Pointer(hashlib.sha256(DATA).hexdigest(), len(DATA))
CONTENT = Content(POINTER.oid, POINTER.size)
LOST = Pointer("11" * 32, 5)

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub") as running:
        for name, private in (("acme/model", False), ("acme/secret", True)):
            repo = running.create(name, private=private)
            (tmp_path / "data").write_bytes(DATA)
            running.objects.add_file(tmp_path / "data", POINTER.oid)
            running.objects.grant(repo.record.uid, POINTER.oid)
        yield running


def http(hub: LocalHub, token: str | None = None) -> Http:
    return Http(Endpoint("hub", hub.url), token)


def source(hub: LocalHub, http: Http, name: str = "acme/model", **more) -> LfsSource:  # type: ignore[no-untyped-def]
    return LfsSource(http, f"{hub.url}/{name}.git/info/lfs", "refs/heads/main", **more)


def read(source: LfsSource, start: int = 0) -> bytes:
    found = bytearray()
    with source.open("a.bin", CONTENT, start) as download:
        download.receive(lambda at, data: found.extend(data))
    return bytes(found)


def test_one_batch_serves_all_objects_and_each_address_for_all_ranges(hub: LocalHub) -> None:
    with http(hub) as connection:
        one = source(hub, connection)
        refused = one.ask([POINTER, LOST])
        assert list(refused) == [LOST.oid]
        assert isinstance(refused[LOST.oid], NotFound)
        assert refused[LOST.oid].finding.reference == "object-missing"
        assert read(one) == DATA
        assert hub.seen.count("batch") == 1
        assert read(one, 5) == DATA[5:]
        assert hub.seen.count("batch") == 1


def test_of_several_threads_that_want_an_address_one_asks(hub: LocalHub) -> None:
    with http(hub) as connection, ThreadPoolExecutor(8) as threads:
        one = source(hub, connection)
        found = list(threads.map(lambda at: read(one, at), range(8)))
        assert found == [DATA[at:] for at in range(8)]
        assert hub.seen.count("batch") == 1


def test_an_address_whose_time_is_over_is_not_used_for_a_further_range(hub: LocalHub) -> None:
    now = time.time()
    with http(hub) as connection:
        one = source(hub, connection, clock=lambda: now)
        assert read(one, 3) == DATA[3:]
        now += 10_000
        assert read(one, 5) == DATA[5:]
        assert hub.seen.count("batch") == 2


def test_an_address_that_is_used_up_is_asked_for_anew(hub: LocalHub) -> None:
    now = 0.0
    with http(hub) as connection:
        one = source(hub, connection, clock=lambda: now)
        one.ask([POINTER])
        now += 10**10
        assert read(one) == DATA
        assert hub.seen.count("batch") == 2


def test_a_lease_that_is_dead_on_arrival_can_be_asked_for_again(hub: LocalHub) -> None:
    hub.faults.add(expired_lease(times=1))
    with http(hub) as connection:
        one = source(hub, connection)
        with pytest.raises(LeaseExpired):
            read(one)
        assert read(one) == DATA


def test_another_credential_is_asked_for_once_when_the_first_was_not_enough(hub: LocalHub) -> None:
    asked: list[str] = []

    def otherwise() -> Http:
        asked.append("x")
        return http(hub, hub.token)

    with http(hub) as connection:
        one = source(hub, connection, "acme/secret", otherwise=otherwise)
        assert read(one) == DATA
        assert read(one) == DATA
        assert asked == ["x"]
        with pytest.raises((Refused, NotFound)):
            read(source(hub, connection, "acme/secret"))


def test_its_name_is_its_address(hub: LocalHub) -> None:
    with http(hub) as connection:
        assert source(hub, connection).name == f"{hub.url}/acme/model.git/info/lfs"


def test_an_address_that_somebody_else_has_asked_for_is_used_first(hub: LocalHub) -> None:
    with http(hub) as connection:
        one, two = source(hub, connection), source(hub, connection)
        one.ask([POINTER])
        two.give(POINTER.oid, one._offers[POINTER.oid])
        assert read(two) == DATA
        assert hub.seen.count("batch") == 1
