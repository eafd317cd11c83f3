from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hfpush.endpoints import Endpoint, RepoAddress, endpoint_of
from hfpush.errors import Damaged, HfpushError, Refused, Unavailable
from hfpush.lfs.lease import Action, Lease
from hfpush.lfs.pointer import Pointer
from hfpush.localhub import LocalHub
from hfpush.net.http import Http
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.transfer.lfs_api import LfsApi
from hfpush.transfer.source import Source

TOKEN = "hf_notARealTokenButShapedLikeOne"
POINTER = Pointer("ab" * 32, 25)


@dataclass
class Listener:
    """A server that says yes to everything, and keeps what it was asked."""

    url: str
    kind: str = "application/json"
    redirects: int = 0
    asked: list[tuple[str, str, Message, bytes]] = field(default_factory=list)

    @property
    def last(self) -> tuple[str, str, Message, bytes]:
        return self.asked[-1]


@contextmanager
def listening() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            listener.asked.append((self.command, self.path, self.headers, body))
            redirects, listener.redirects = listener.redirects, max(0, listener.redirects - 1)
            self.send_response(307 if redirects else 200)
            if redirects:
                self.send_header("Location", self.path)
            self.send_header("Content-Type", listener.kind)
            self.send_header("ETag", '"tag"')
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_PUT = do_POST

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        listener = Listener(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield listener
        finally:
            server.shutdown()


@pytest.fixture
def hub() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def elsewhere() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "model.bin"
    path.write_bytes(bytes(range(25)))
    return Source(path, 25, path.stat().st_mtime_ns, "model.bin")


@contextmanager
def the_api(url: str) -> Iterator[LfsApi]:
    endpoint = Endpoint("here", url)
    with Http(endpoint, TOKEN, network=Network(Patience(connect=2, idle=2, answer=2))) as http:
        yield LfsApi(http, RepoAddress.parse(endpoint, "acme/m", "dataset"), "main")


def in_parts(storage: str, complete: str) -> Lease:
    return Lease("up", 25, 10, tuple(f"{storage}/o?partNumber={n}&sig=a%2Bb" for n in (1, 2, 3)), complete)


# ------------------------------------------------------------------ where the token goes


def test_the_batch_call_goes_to_the_repository_with_the_token(hub: Listener) -> None:
    with the_api(hub.url) as api, pytest.raises(Damaged, match="batch-unreadable"):
        api.ask_upload([POINTER])
    method, path, headers, body = hub.last
    assert (method, path) == ("POST", "/datasets/acme/m.git/info/lfs/objects/batch")
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Content-Type"] == headers["Accept"] == "application/vnd.git-lfs+json"
    assert json.loads(body)["ref"] == {"name": "refs/heads/main"}


def test_signed_requests_never_carry_the_token_not_even_at_the_endpoint(hub: Listener, source: Source) -> None:
    with the_api(hub.url) as api:
        api.send_part(in_parts(hub.url, hub.url), 1, source, lambda _: None)
        api.complete(in_parts(hub.url, f"{hub.url}/complete?sig=1"), POINTER.oid, ["a", "b", "c"])
    assert [headers["Authorization"] for _, _, headers, _ in hub.asked] == [None, None]


def test_verify_carries_the_token_only_where_the_endpoint_is(hub: Listener, elsewhere: Listener) -> None:
    with the_api(hub.url) as api:
        api.verify(Action(f"{hub.url}/verify"), POINTER)
        api.verify(Action(f"{elsewhere.url}/verify"), POINTER)
    assert hub.last[2]["Authorization"] == f"Bearer {TOKEN}"
    assert elsewhere.last[2]["Authorization"] is None
    assert json.loads(hub.last[3]) == {"oid": POINTER.oid, "size": 25}


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
def test_the_actions_own_authorization_takes_the_place_of_the_token(hub: Listener, name: str) -> None:
    with the_api(hub.url) as api:
        api.verify(Action(f"{hub.url}/verify", {name: "Basic ticket"}), POINTER)
    assert hub.last[2].get_all("Authorization") == ["Basic ticket"]


def test_no_token_is_in_what_a_journal_is_named_after(hub: Listener) -> None:
    with the_api(hub.url) as api:
        assert api.scope == f"{hub.url}/datasets/acme/m"


# ------------------------------------------------------------------ parts


def test_each_part_is_its_own_bytes_and_gives_its_etag(hub: Listener, source: Source) -> None:
    counted: list[int] = []
    with the_api(hub.url) as api:
        tags = [api.send_part(in_parts(hub.url, hub.url), number, source, counted.append) for number in (3, 1)]
    assert [body for _, _, _, body in hub.asked] == [bytes(range(20, 25)), bytes(range(10))]
    assert hub.last[1] == "/o?partNumber=1&sig=a%2Bb", "a signed query stays as it is"
    assert hub.last[2]["Content-Length"] == "10"
    assert (tags, sum(counted)) == (['"tag"', '"tag"'], 15)


def test_a_part_that_is_redirected_counts_once(hub: Listener, source: Source) -> None:
    hub.redirects = 2
    counted: list[int] = []
    with the_api(hub.url) as api:
        api.send_part(in_parts(hub.url, hub.url), 1, source, counted.append)
    assert len(hub.asked) >= 3
    assert {body for _, _, _, body in hub.asked} == {bytes(range(10))}
    assert sum(counted) == 10


def test_a_whole_object_goes_with_the_actions_headers_in_place_of_ours(hub: Listener, source: Source) -> None:
    headers = {
        "content-type": "model/x",
        "X-Key": "v",
        "Transfer-Encoding": "chunked",
        "content-length": "9",
        "Host": "h",
    }
    with the_api(hub.url) as api:
        api.send_part(Lease("whole", 25, 25, (f"{hub.url}/o",), headers=headers), 1, source, lambda _: None)
    sent = hub.last[2]
    assert (sent.get_all("Content-Type"), sent["X-Key"]) == (["model/x"], "v")
    assert (sent["Transfer-Encoding"], sent.get_all("Content-Length")) == (None, ["25"])
    assert sent.get_all("Host") == [hub.url.removeprefix("http://")]


# ------------------------------------------------------------------ completion and verification


def test_completion_names_the_parts_in_order_with_their_tags_as_they_are(hub: Listener) -> None:
    with the_api(hub.url) as api:
        api.complete(in_parts(hub.url, f"{hub.url}/complete?uploadId=u"), POINTER.oid, ['"1"', "2", '"3"'])
    assert json.loads(hub.last[3]) == {
        "oid": POINTER.oid,
        "parts": [{"partNumber": 1, "etag": '"1"'}, {"partNumber": 2, "etag": "2"}, {"partNumber": 3, "etag": '"3"'}],
    }


def test_behind_a_mirror_the_hubs_own_addresses_are_the_mirrors(hub: Listener) -> None:
    with the_api(f"{hub.url}/prefix") as api:
        api.complete(in_parts(hub.url, "https://huggingface.co/api/complete?sig=%2F&b=c"), POINTER.oid, [])
        api.verify(Action("https://huggingface.co/acme/m.git/info/lfs/verify"), POINTER)
    assert [path for _, path, _, _ in hub.asked] == [
        "/prefix/api/complete?sig=%2F&b=c",
        "/prefix/acme/m.git/info/lfs/verify",
    ]


@pytest.mark.parametrize("kind", ["text/html", "Text/HTML; charset=utf-8"])
def test_a_page_for_people_is_no_yes(hub: Listener, kind: str) -> None:
    hub.kind = kind
    with the_api(hub.url) as api:
        with pytest.raises(Unavailable, match="not-a-hub"):
            api.complete(in_parts(hub.url, f"{hub.url}/complete?sig=5ec7e7"), POINTER.oid, [])
        with pytest.raises(Unavailable, match="not-a-hub") as caught:
            api.verify(Action(f"{hub.url}/verify?sig=5ec7e7"), POINTER)
    assert "5ec7e7" not in repr(caught.value.finding)


def test_an_endpoint_with_tls_may_not_hand_the_files_to_storage_without(hub: Listener, source: Source) -> None:
    with the_api("https://hub.example") as api:
        lease = in_parts(hub.url, f"{hub.url}/complete")
        for step in (
            lambda: api.send_part(lease, 1, source, lambda _: None),
            lambda: api.complete(lease, POINTER.oid, []),
            lambda: api.verify(Action(f"{hub.url}/verify"), POINTER),
        ):
            with pytest.raises(Refused, match="storage-insecure"):
                step()
    assert hub.asked == []


# ------------------------------------------------------------------ against a Hub


def test_what_was_sent_can_be_downloaded_and_what_was_not_can_not(room: Any) -> None:
    there, missing = room.object(1000, 1), room.object(1000, 2)
    with room.hub() as hub, room.api(hub.url, hub.token) as api:
        room.give(hub, there)
        answers = api.ask_download([there.pointer, missing.pointer])
    assert type(answers[there.pointer.oid]).__name__ == "Present"
    assert answers[missing.pointer.oid].code == 404


def test_another_credential_is_tried_once_when_the_first_is_not_enough(tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    with LocalHub(root=tmp_path / "hub") as running:
        running.create("acme/m", private=True)
        repo = RepoAddress.parse(endpoint_of(running.url), "acme/m")
        for second, refused in ((running.token, False), (None, True)):
            with Http(repo.endpoint, "hf_wrong") as first, Http(repo.endpoint, second) as other:
                api = LfsApi(first, repo, "main", otherwise=lambda other=other: other)  # type: ignore[misc]
                if refused:
                    with pytest.raises(HfpushError):
                        api.ask_upload([POINTER])
                else:
                    assert isinstance(api.ask_upload([POINTER])[POINTER.oid], Lease)
        with Http(repo.endpoint, "hf_wrong") as first, pytest.raises(HfpushError):
            LfsApi(first, repo, "main").ask_upload([POINTER])
