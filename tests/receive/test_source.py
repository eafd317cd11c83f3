"""The Hub as a source: what it is asked, where it sends us, and for how long we go there by ourselves."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from support.origin import Origin, answer, origin

from hfpush.disk.content import Content
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import LeaseExpired, Unavailable
from hfpush.net.download import AnswerUnfit
from hfpush.net.http import Http
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.receive.source import HubSource

DATA = bytes(range(256)) * 400
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))
COMMIT = "1" * 40
TOKEN = "hf_" + "t" * 30


def part_of(data: bytes, head: str, **headers: str) -> list[bytes]:
    """The range that a request asks for, or all."""
    asked = re.search(r"Range: bytes=(\d+)-(\d*)", head)
    if asked is None:
        return answer(data, **headers)
    start, stop = int(asked[1]), int(asked[2]) + 1 if asked[2] else len(data)
    given = f"bytes {start}-{stop - 1}/{len(data)}"
    return answer(data[start:stop], status="206 Partial Content", Content_Range=given, **headers)


@dataclass
class Pair:
    """A Hub that sends on to a storage with a key that changes; the storage takes the `good` ones."""

    storage: Origin
    hub: Origin | None = None
    key: int = 1
    good: set[int] = field(default_factory=lambda: {1})
    etag: str = '"e1"'
    knows_if_range: bool = True
    wait: threading.Event | None = None
    more: dict[str, str] = field(default_factory=dict)

    def send_on(self, head: str) -> list[bytes]:
        if self.wait is not None:
            self.wait.wait(10)
        where = f"{self.storage.url}/object?X-Amz-Signature=secret{self.key}"
        return answer(b"", status="302 Found", Location=where, X_Repo_Commit=COMMIT, **self.more)

    def store(self, head: str) -> list[bytes]:
        key = re.search(r"secret(\d+)", head)
        if key is None or int(key[1]) not in self.good:
            denied = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
            return answer(denied, status="403 Forbidden", Content_Type="application/xml")
        if_range = re.search(r"If-Range: (\S+)", head)
        if if_range is not None and (if_range[1] != self.etag or not self.knows_if_range):
            return answer(DATA, ETag=self.etag)
        return part_of(DATA, head, ETag=self.etag)


@contextmanager
def pair() -> Iterator[Pair]:
    made: list[Pair] = []
    with origin(lambda head: made[0].store(head)) as storage:
        made.append(Pair(storage))
        with origin(lambda head: made[0].send_on(head)) as hub:
            made[0].hub = hub
            yield made[0]


@contextmanager
def source_at(url: str, token: str | None = TOKEN) -> Iterator[HubSource]:
    endpoint = Endpoint("test", url)
    with Http(endpoint, token, network=Network(Patience(5, 5, 5))) as http:
        yield HubSource(http, RepoAddress.parse(endpoint, "ada/d", "dataset"), COMMIT)


def read(source: HubSource, start: int = 0, stop: int | None = None, path: str = "a.bin") -> bytes:
    got = bytearray()
    with source.open(path, CONTENT, start, stop) as download:
        assert download.start == start
        download.receive(lambda at, data: got.extend(data))
    return bytes(got)


def test_hub_is_asked_by_commit_with_the_path_quoted_and_the_rest_only() -> None:
    with origin(lambda head: part_of(DATA, head)) as hub, source_at(hub.url) as source:
        assert (source.name, read(source, 4, path="a b/ü#?.bin")) == ("test", DATA[4:])
    assert hub.heads[0].startswith(f"GET /datasets/ada/d/resolve/{COMMIT}/a%20b/%C3%BC%23%3F.bin HTTP/1.1\r\n")
    assert "Range: bytes=4-\r\n" in hub.heads[0]
    assert f"Authorization: Bearer {TOKEN}\r\n" in hub.heads[0]


def test_small_files_that_the_hub_gives_itself_take_one_request_each_on_a_few_connections() -> None:
    with (
        origin(lambda head: answer(DATA, X_Repo_Commit=COMMIT)) as hub,
        source_at(hub.url) as source,
        ThreadPoolExecutor(4) as threads,
    ):
        got = list(threads.map(lambda n: read(source, path=f"{n}.txt"), range(40)))
        assert got == [DATA] * 40
        assert len(hub.heads) == 40
        assert hub.connections <= 4


def test_redirect_within_the_hub_is_followed_with_the_token() -> None:
    def resolve(head: str) -> list[bytes]:
        if "/resolve-cache/" in head:
            return part_of(DATA, head)
        where = f"/api/resolve-cache/datasets/ada/d/{COMMIT}/a.bin?etag=x"
        return answer(b"", status="307 Temporary Redirect", Location=where, X_Repo_Commit=COMMIT)

    with origin(resolve) as hub, source_at(hub.url) as source:
        assert [read(source), read(source, 5, 9)] == [DATA, DATA[5:9]]
        assert len(hub.heads) == 4
        assert hub.connections == 1
        assert all(f"Authorization: Bearer {TOKEN}\r\n" in head for head in hub.heads)


def test_hub_is_asked_once_and_the_storage_for_each_range_without_a_token() -> None:
    with pair() as servers, source_at(servers.hub.url) as source:  # type: ignore[union-attr]
        assert read(source, 0, 1000) == DATA[:1000]
        assert read(source, 1000, 5000) == DATA[1000:5000]
        assert read(source, 5000) == DATA[5000:]
        assert read(source) == DATA
        assert servers.hub is not None
        assert len(servers.hub.heads) == 1
        assert len(servers.storage.heads) == 4
        assert servers.storage.connections == 1
        assert not any("authorization" in head.lower() for head in servers.storage.heads)
        assert "secret" not in repr(vars(source))


def test_each_file_has_an_address_of_its_own() -> None:
    with pair() as servers, source_at(servers.hub.url) as source:  # type: ignore[union-attr]
        for path in ("a.bin", "b.bin", "a.bin"):
            read(source, 0, 10, path)
        assert servers.hub is not None
        assert len(servers.hub.heads) == 2


def test_address_that_has_expired_is_renewed_by_one_request() -> None:
    with pair() as servers, source_at(servers.hub.url) as source:  # type: ignore[union-attr]
        read(source, 0, 1000)
        servers.key, servers.good = 2, {2}
        assert read(source, 1000, 5000) == DATA[1000:5000]
        assert read(source, 5000, 6000) == DATA[5000:6000]
        assert servers.hub is not None
        assert len(servers.hub.heads) == 2


def test_address_that_is_dead_on_arrival_is_an_expired_lease() -> None:
    with pair() as servers, source_at(servers.hub.url) as source:  # type: ignore[union-attr]
        servers.good = set()
        with pytest.raises(LeaseExpired) as error:
            read(source)
        assert "secret" not in str(error.value.finding)
        servers.good = {1}
        assert read(source) == DATA


def test_of_many_threads_that_want_an_address_one_asks() -> None:
    with pair() as servers, source_at(servers.hub.url) as source, ThreadPoolExecutor(8) as threads:  # type: ignore[union-attr]
        assert servers.hub is not None
        for count, (key, good) in enumerate(((1, {1}), (2, {2})), start=1):
            servers.key, servers.good, servers.wait = key, good, threading.Event()
            ranges = [(at * 1000, at * 1000 + 1000) for at in range(8)]
            reads = [threads.submit(read, source, *one) for one in ranges]
            servers.wait.set()
            assert [one.result(20) for one in reads] == [DATA[start:stop] for start, stop in ranges]
            assert len(servers.hub.heads) == count


def test_storage_that_is_gone_is_forgotten() -> None:
    with pair() as servers, source_at(servers.hub.url) as source:  # type: ignore[union-attr]
        with origin(lambda head: servers.store(head)) as other:
            stays, servers.storage = servers.storage, other
            read(source, 0, 10)
        servers.storage = stays
        with pytest.raises(Unavailable):
            read(source, 10, 20)
        assert read(source, 10, 20) == DATA[10:20]


@pytest.mark.parametrize(
    "more",
    [{"X_Linked_ETag": f'"{"f" * 64}"'}, {"X_Linked_Size": "3"}],
    ids=["digest", "size"],
)
def test_redirect_that_speaks_of_another_file_is_unfit(more: dict[str, str]) -> None:
    with pair() as servers, source_at(servers.hub.url) as source:  # type: ignore[union-attr]
        servers.more = more
        with pytest.raises(AnswerUnfit):
            read(source)
        servers.more = {"X_Linked_ETag": f'"{CONTENT.id}"', "X_Linked_Size": str(CONTENT.size)}
        assert read(source) == DATA


def test_object_that_has_changed_is_noticed_and_the_hub_asked_what_it_thinks_of_that() -> None:
    with pair() as servers, source_at(servers.hub.url) as source:  # type: ignore[union-attr]
        read(source, 0, 10)
        servers.etag = '"e2"'
        servers.more = {"X_Linked_ETag": f'"{"f" * 64}"'}
        with pytest.raises(AnswerUnfit):
            read(source, 10, 20)


def test_storage_whose_machines_disagree_on_the_etag_is_asked_without_it() -> None:
    with pair() as servers, source_at(servers.hub.url) as source:  # type: ignore[union-attr]
        for number in range(6):
            servers.etag = f'"e{number}"'
            assert read(source, number * 10, number * 10 + 10) == DATA[number * 10 : number * 10 + 10]
        assert servers.hub is not None
        assert len(servers.hub.heads) == 2
        assert sum("If-Range" in head for head in servers.storage.heads) == 1


def test_storage_that_knows_ranges_but_not_if_range_gives_ranges() -> None:
    with pair() as servers, source_at(servers.hub.url) as source:  # type: ignore[union-attr]
        servers.knows_if_range = False
        for at in (0, 10, 20, 30):
            assert read(source, at, at + 10) == DATA[at : at + 10]
        assert servers.hub is not None
        assert len(servers.hub.heads) == 1


def test_failure_of_the_hub_fails_all_who_wait_for_its_answer() -> None:
    release = threading.Event()

    def busy(head: str) -> list[bytes]:
        release.wait(10)
        return answer(b"busy", status="503 Service Unavailable")

    with origin(busy) as hub, source_at(hub.url) as source, ThreadPoolExecutor(4) as threads:
        reads = [threads.submit(read, source, at, at + 1) for at in range(4)]
        while not hub.heads:
            pass
        release.set()
        for one in reads:
            with pytest.raises(Unavailable):
                one.result(20)
