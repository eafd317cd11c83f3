"""One request: whatever comes of it is an answer, it ends in time, and the token goes to nobody else."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.answering import LOGIN_PAGE, Answering, Given, leads_to, page

from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.probes.ask import ask, http_for
from hfpush.endpoints import Endpoint
from hfpush.net.call import Call
from hfpush.net.network import Network
from hfpush.net.proxies import parse_proxy
from hfpush.net.routes import Routes

TOKEN = "hf_SecretSecretSecretSecretSecretSecret"
JSON = {"Content-Type": "application/json"}
FINE = Given(200, b"{}", JSON)


@contextmanager
def server(*answers: Given) -> Iterator[Answering]:
    """A server that gives these answers in turn, the last one for ever."""
    left = list(answers)
    with Answering(lambda method, path, headers: left.pop(0) if len(left) > 1 else left[0]) as made:
        yield made


def asked(url: str, *, trusted: bool = True, token: str | None = TOKEN, seconds: float = 3.0) -> Exchange:
    with http_for(Endpoint("here", url, trusted=trusted), Network(), token, seconds) as http:
        return ask("api", http, Call("GET", f"{url}/api/whoami-v2?x=1"), seconds)[0]


def test_an_answer_is_told_without_its_query_and_with_its_line() -> None:
    with server(FINE) as hub:
        found = asked(hub.url)
    port = hub.url.rpartition(":")[2]
    assert (found.status, found.url, found.failure) == (200, f"{hub.url}/api/whoami-v2", "")
    assert found.line == f"127.0.0.1:{port} straight"
    assert found.with_token


def test_the_body_comes_along() -> None:
    with (
        server(Given(200, b'{"name": "me"}', JSON)) as hub,
        http_for(Endpoint("h", hub.url), Network(), None, 3) as http,
    ):
        assert ask("api", http, Call("GET", hub.url), 3)[1] == b'{"name": "me"}'


def test_a_refusal_is_an_answer_with_the_servers_words() -> None:
    headers = {**JSON, "X-Error-Code": "GatedRepo", "X-Error-Message": "Access is restricted"}
    with server(Given(403, b"{}", headers)) as hub:
        found = asked(hub.url)
    assert (found.status, found.code, found.said, found.failure) == (403, "GatedRepo", "Access is restricted", "")


def test_what_the_server_echoes_of_the_token_is_not_kept() -> None:
    with server(Given(401, f'{{"error": "no such token: {TOKEN}"}}'.encode(), JSON)) as hub:
        assert TOKEN not in repr(asked(hub.url))


# ------------------------------------------------------------------ the token


@pytest.mark.parametrize("trusted", [True, False])
def test_the_token_goes_along_only_to_a_trusted_endpoint(trusted: bool) -> None:
    with server(FINE) as hub:
        found = asked(hub.url, trusted=trusted)
    assert found.with_token is trusted
    assert ("authorization" in hub.asked[0][2]) is trusted


def test_another_host_gets_no_token_and_its_redirect_back_brings_none() -> None:
    with (
        server(FINE) as hub,
        server(leads_to(f"{hub.url}/back")) as other,
        server(leads_to(f"{other.url}/away"), FINE) as first,
    ):
        found = asked(first.url)
    assert [place.rpartition("/")[2] for place in found.redirects] == ["away", "back"]
    assert "authorization" in first.asked[0][2]
    assert "authorization" not in other.asked[0][2]
    assert "authorization" not in hub.asked[0][2]


# ------------------------------------------------------------------ redirects


def test_a_loop_ends_after_five_redirects_and_is_called_one() -> None:
    with Answering(lambda method, path, headers: leads_to(path, 307)) as hub:
        found = asked(hub.url)
    assert found.loop
    assert found.status == 307
    assert len(hub.asked) == 6


def test_five_redirects_to_ever_new_places_are_not_followed_further() -> None:
    with Answering(lambda method, path, headers: leads_to(f"{path.partition('?')[0]}x")) as hub:
        found = asked(hub.url)
    assert found.loop
    assert len(found.redirects) == 6


def test_two_redirects_to_the_right_place_are_no_loop() -> None:
    with server(leads_to("/a"), leads_to("/b"), FINE) as hub:
        found = asked(hub.url)
    assert (found.status, found.loop, len(found.redirects)) == (200, False, 2)


@pytest.mark.parametrize("location", ["http://[", "ftp://x/y", "http://user:pw@evil.test/"])
def test_a_redirect_that_cannot_be_followed_is_told(location: str) -> None:
    with server(leads_to(location)) as hub:
        found = asked(hub.url)
    assert (found.status, found.failure) == (302, "redirect-refused")
    assert "pw" not in repr(found)


# ------------------------------------------------------------------ pages, waits, clocks


@pytest.mark.parametrize(
    ("given", "html", "login"),
    [
        (LOGIN_PAGE, True, True),
        (page("Forbidden", 403), True, False),
        (Given(200, b"  <!DOCTYPE HTML><p>x", {"Content-Type": "application/json"}), True, False),
        (Given(200, b"<html><meta http-equiv='refresh' content='0; url=/p'>", {}), True, True),
        (FINE, False, False),
        (Given(200, b'{"a": "<html>"}', JSON), False, False),
    ],
)
def test_a_page_is_known_by_its_type_or_its_beginning(given: Given, html: bool, login: bool) -> None:
    with server(given) as hub:
        found = asked(hub.url)
    assert (found.html, found.login) == (html, login)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "3600"}, 3600.0),
        ({"RateLimit": '"api";r=0;t=30'}, 31.0),
        ({}, None),
    ],
)
def test_how_long_a_server_asks_to_wait_is_told(headers: dict[str, str], wait: float | None) -> None:
    with server(Given(429, b"", headers)) as hub:
        assert asked(hub.url).retry_after == wait


@pytest.mark.parametrize("shift", [0.0, 3600.0, -3600.0])
def test_how_far_our_clock_is_ahead_of_the_servers_is_told(shift: float) -> None:
    with Answering(lambda method, path, headers: FINE, clock=lambda: time.time() - shift) as hub:
        found = asked(hub.url)
    assert found.ahead == pytest.approx(shift, abs=5)


def test_the_date_of_an_answer_that_was_kept_on_its_way_says_nothing() -> None:
    with server(Given(200, b"{}", {**JSON, "Age": "500"})) as hub:
        assert asked(hub.url).ahead is None


# ------------------------------------------------------------------ no answer


def test_nobody_there_is_an_answer_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = asked(f"http://127.0.0.1:{port}")
    assert (found.status, found.failure) == (0, "connection-refused")


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        found = asked(f"http://127.0.0.1:{silent.getsockname()[1]}", seconds=0.4)
    assert time.monotonic() - began < 1.5
    assert found.failure == "stalled"


def test_what_is_no_http_does_no_harm() -> None:
    with socket.create_server(("127.0.0.1", 0)) as odd:

        def serve() -> None:
            client, _ = odd.accept()
            with client:
                client.recv(1000)
                client.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        found = asked(f"http://127.0.0.1:{odd.getsockname()[1]}")
        thread.join(5)
    assert found.status == 0
    assert found.failure


def test_a_proxy_is_in_the_name_of_the_line_without_its_password() -> None:
    routes = Routes.of({"http_proxy": "http://me:hidden@127.0.0.1:9"})
    endpoint = Endpoint("here", "http://hf.test")
    with http_for(endpoint, Network(routes=routes), None, 1) as http:
        found, _ = ask("api", http, Call("GET", "http://hf.test/api"), 1)
    assert found.line == f"hf.test:80 through {parse_proxy('http://127.0.0.1:9', 'x').shown}"
    assert found.failure == "proxy-failed"
    assert "hidden" not in repr(found)
