"""`exchange` keeps the promises of `send`: each of these holds for both."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from hfpush.endpoints import Endpoint
from hfpush.errors import HfpushError, LeaseExpired, Refused, Unavailable
from hfpush.net.body import SliceBody
from hfpush.net.http import Call, Http
from hfpush.net.network import Network
from hfpush.net.patience import Patience

TOKEN = "hf_" + "s" * 30
Way = Callable[[Http, Call], Any]


def send(http: Http, call: Call) -> bytes:
    return http.send(call).content


def exchange(http: Http, call: Call) -> bytes:
    return http.exchange(call).body


pytestmark = pytest.mark.parametrize("way", [send, exchange])


def http_for(url: str, **patience: float) -> Http:
    limits = Patience(**{"connect": 2, "idle": 1, "answer": 1, **patience})
    return Http(Endpoint("test", url), TOKEN, network=Network(limits))


def failure_of(way: Way, url: str, call: Call, **patience: float) -> HfpushError:
    with http_for(url, **patience) as http, pytest.raises(HfpushError) as caught:
        way(http, call)
    assert TOKEN not in str(caught.value)
    assert "secret" not in f"{caught.value.finding}"
    return caught.value


def test_the_token_goes_where_it_is_owned_and_nowhere_else(way: Way, serve_raw: Any) -> None:
    def talk(conversation: Any, peer: Any) -> None:
        while request := conversation.head():
            peer.requests.append(request)
            conversation.answer()

    ours, other = serve_raw(talk), serve_raw(talk)
    with http_for(ours.url) as http:
        way(http, Call("GET", f"{ours.url}/a"))
        way(http, Call("GET", f"{ours.url}/a", signed=True))
        way(http, Call("GET", f"{other.url}/a"))
    assert [request.headers.get("authorization") for request in ours.requests] == [f"Bearer {TOKEN}", None]
    assert [request.headers.get("authorization") for request in other.requests] == [None]


def test_a_body_arrives_whole_over_one_connection(way: Way, serve_raw: Any) -> None:
    def talk(conversation: Any, peer: Any) -> None:
        while request := conversation.head():
            request.body = conversation.body(request)
            peer.requests.append(request)
            conversation.answer(body=b"ok")

    content = bytes(range(256)) * 4000
    peer = serve_raw(talk)
    with http_for(peer.url) as http:
        for _ in range(3):
            call = Call("PUT", f"{peer.url}/p?secret=1", body=lambda: SliceBody(io.BytesIO(content), len(content)))
            assert way(http, call) == b"ok"
        way(http, Call("POST", f"{peer.url}/j", json={"a": 1}, headers={"Content-Type": "application/x"}))
    assert [request.body for request in peer.requests[:3]] == [content] * 3
    assert peer.requests[0].path == "/p?secret=1"
    assert json.loads(peer.requests[3].body) == {"a": 1}
    assert peer.requests[3].headers["content-type"] == "application/x"
    assert peer.connections == 1


def test_a_redirect_is_followed_with_the_body_from_its_first_byte(way: Way, serve_raw: Any) -> None:
    def talk(conversation: Any, peer: Any) -> None:
        while request := conversation.head():
            request.body = conversation.body(request)
            peer.requests.append(request)
            if request.path == "/there":
                conversation.answer(body=b"arrived")
            else:
                conversation.answer(307, headers={"Location": "/there"})

    peer = serve_raw(talk)
    with http_for(peer.url) as http:
        call = Call("PUT", f"{peer.url}/here", body=lambda: SliceBody(io.BytesIO(b"12345"), 5), signed=True)
        assert way(http, call) == b"arrived"
    assert [request.body for request in peer.requests if request.path == "/there"] == [b"12345"]


@pytest.mark.parametrize(
    ("status", "signed", "kind"), [(503, True, Unavailable), (403, True, LeaseExpired), (403, False, Refused)]
)
def test_a_refusal_is_the_same_error(status: int, signed: bool, kind: type, way: Way, serve_raw: Any) -> None:
    def talk(conversation: Any, peer: Any) -> None:
        while conversation.head():
            conversation.answer(status, b'{"error": "no"}', {"Content-Type": "application/json"})

    peer = serve_raw(talk)
    error = failure_of(way, peer.url, Call("GET", f"{peer.url}/x?secret=1", signed=signed))
    assert type(error) is kind
    assert error.status == status


def test_a_server_that_never_answers_is_not_waited_for(way: Way, serve_raw: Any) -> None:
    def talk(conversation: Any, peer: Any) -> None:
        conversation.head()
        peer.over.wait(10)

    peer = serve_raw(talk)
    error = failure_of(way, peer.url, Call("GET", f"{peer.url}/x?secret=1"), answer=0.3)
    assert error.finding.reference == "stalled"


def test_an_answer_that_drips_is_not_waited_for(way: Way, serve_raw: Any) -> None:
    def talk(conversation: Any, peer: Any) -> None:
        conversation.head()
        conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not peer.over.wait(0.05):
            conversation.send(b"x")

    peer = serve_raw(talk)
    error = failure_of(way, peer.url, Call("GET", f"{peer.url}/x?secret=1"), whole=0.4)
    assert error.finding.reference == "stalled"


def test_a_connection_that_is_cut_may_be_tried_again(way: Way, serve_raw: Any) -> None:
    def talk(conversation: Any, peer: Any) -> None:
        conversation.head()
        conversation.cut()

    peer = serve_raw(talk)
    error = failure_of(way, peer.url, Call("GET", f"{peer.url}/x?secret=1"))
    assert (type(error), error.finding.reference) == (Unavailable, "connection-cut")


def test_plain_http_goes_through_the_proxy_of_the_environment(
    way: Way, serve_raw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def talk(conversation: Any, peer: Any) -> None:
        while request := conversation.head():
            peer.requests.append(request)
            conversation.answer(body=b"by proxy")

    proxy = serve_raw(talk)
    monkeypatch.setenv("http_proxy", proxy.url)
    with http_for("http://hub.test") as http:
        assert way(http, Call("GET", "http://hub.test/a")) == b"by proxy"
    assert proxy.requests[0].path == "http://hub.test/a"
