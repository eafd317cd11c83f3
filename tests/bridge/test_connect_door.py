from __future__ import annotations

import socket
import ssl
import threading
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import trustme
from support.connect_doors import answer_of, ask, door_to, head_of, reset, serving

from hfpush.bridge.connect_door import Door, Limits, connect_door
from hfpush.bridge.reach import Reach
from hfpush.net.routes import Routes

HELLO = b"\x16\x03\x01\x00\x05hello"
HUB = "CONNECT hub.test:443 HTTP/1.1"


def echo(client: socket.socket, number: int) -> None:
    while data := client.recv(65536):
        client.sendall(data)


def references(door: Door) -> list[str]:
    return [found.reference for found in door.met.findings]


def test_a_tunnel_carries_both_ways_and_each_end_by_itself() -> None:
    with serving(echo) as port, door_to(port) as (door, proxy), ask(door, HUB) as client:
        assert head_of(client).startswith(b"HTTP/1.1 200 ")
        payload = bytes(range(256)) * 8000
        sending = threading.Thread(target=lambda: (client.sendall(payload), client.shutdown(socket.SHUT_WR)))
        sending.start()
        assert answer_of(client) == payload
        sending.join()
        assert proxy.targets == ["hub.test:443"]
        assert references(door) == []


def test_who_does_not_know_the_secret_gets_nothing() -> None:
    with serving(echo) as port, door_to(port) as (door, proxy):
        for field in ("X: y", "Proxy-Authorization: Basic aGZwdXNoOngx", "Authorization: Basic aGZwdXNoOngx"):
            with ask(door, HUB, field, login=False) as client:
                answer = answer_of(client)
                assert answer.startswith(b"HTTP/1.1 407 ")
                assert b"\r\nProxy-Authenticate: Basic " in answer
        assert proxy.connections == 0


def test_the_secret_is_another_one_each_time_and_is_not_shown() -> None:
    with connect_door(Reach(Routes())) as one, connect_door(Reach(Routes())) as other:
        assert one.url.partition("@")[0] != other.url.partition("@")[0]
        assert "http://" not in repr(one)


@pytest.mark.parametrize("host", ["localhost:80", "127.0.0.1:443", "127.9.9.9:1", "[::1]:443", "x.localhost:443"])
def test_loopback_is_refused(host: str) -> None:
    with connect_door(Reach(Routes())) as door:
        with ask(door, f"CONNECT {host} HTTP/1.1", "User-Agent: curl/8") as client:
            assert answer_of(client).startswith(b"HTTP/1.1 403 ")
        assert references(door) == ["run-loopback"]
        assert "curl/8" in door.met.findings[0].evidence[0]


def test_a_request_that_cannot_be_read_is_told() -> None:
    with connect_door(Reach(Routes())) as door:
        with ask(door, "GET / HTTP/1.1", "Host: x") as client:
            assert answer_of(client).startswith(b"HTTP/1.1 400 hfpush cannot read this request")
        with ask(door, "CONNECT hub.test:443 HTTP/1.1", "X: " + "y" * 70_000) as client:
            assert answer_of(client).startswith(b"HTTP/1.1 400 ")


def test_a_client_that_never_ends_its_head_is_let_go() -> None:
    with connect_door(Reach(Routes()), Limits(head_seconds=0.1)) as door:
        place, _, port = door.place.partition(":")
        with socket.create_connection((place, int(port)), timeout=20) as client:
            client.sendall(b"CONNECT hub")
            assert client.recv(100) == b""


def test_beyond_its_limit_the_door_takes_no_connection() -> None:
    with serving(echo) as port, door_to(port, Limits(connections=1)) as (door, _), ask(door, HUB) as first:
        assert head_of(first).startswith(b"HTTP/1.1 200 ")
        with ask(door, HUB) as second:
            assert answer_of(second).startswith(b"HTTP/1.1 503 ")
        assert references(door) == ["run-crowded"]


def test_a_crowd_that_has_no_login_does_not_keep_the_command_out() -> None:
    with (
        serving(echo) as port,
        door_to(port, Limits(connections=3)) as (door, _),
        ExitStack() as crowd,
        ask(door, HUB) as friend,
    ):
        assert head_of(friend).startswith(b"HTTP/1.1 200 ")
        place, _, number = door.place.partition(":")
        silent = [crowd.enter_context(socket.create_connection((place, int(number)), timeout=20)) for _ in range(20)]
        assert silent[0].recv(10) == b""
        with ask(door, HUB) as late:
            assert head_of(late).startswith(b"HTTP/1.1 200 ")
        friend.sendall(b"still here")
        assert friend.recv(100) == b"still here"


def test_a_handshake_that_is_reset_is_made_again_unseen() -> None:
    said = []

    def resets_twice(client: socket.socket, number: int) -> None:
        said.append(client.recv(100))
        if number < 2:
            reset(client)
        else:
            client.sendall(b"server hello")

    with serving(resets_twice) as port, door_to(port) as (door, _), ask(door, HUB) as client:
        assert head_of(client).startswith(b"HTTP/1.1 200 ")
        client.sendall(HELLO)
        assert answer_of(client) == b"server hello"
    assert said == [HELLO] * 3
    assert references(door) == ["handshake-repeated"]
    assert door.met.findings[0].evidence[0] == "2 cut, 1 came about"


def test_plain_text_is_never_said_again() -> None:
    said = []

    def closes(client: socket.socket, number: int) -> None:
        said.append(client.recv(100))
        reset(client)

    with serving(closes) as port, door_to(port) as (door, _), ask(door, HUB) as client:
        head_of(client)
        client.sendall(b"POST / HTTP/1.1\r\n\r\n")
        with suppress(ConnectionResetError):
            assert client.recv(100) == b""
        assert said == [b"POST / HTTP/1.1\r\n\r\n"]


def test_a_failed_dial_names_its_finding_to_the_client_and_to_us() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with connect_door(Reach(Routes.of({"https_proxy": f"http://127.0.0.1:{port}"}), 5.0)) as door:
        for _ in range(2):
            with ask(door, HUB, "User-Agent: git/2") as client:
                answer = answer_of(client)
                assert answer.startswith(b"HTTP/1.1 502 proxy-")
        assert len(door.met.findings) == 1
        assert door.met.findings[0].evidence[-1] == "asked for by git/2"


def test_what_takes_long_to_be_reached_is_told_while_it_does() -> None:
    told: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        way = Reach(Routes.of({"https_proxy": f"http://127.0.0.1:{silent.getsockname()[1]}"}), 0.6)
        with connect_door(way, Limits(slow_seconds=0.1), tell=told.append) as door, ask(door, HUB) as client:
            assert answer_of(client).startswith(b"HTTP/1.1 50")
    assert len(told) == 1
    assert told[0].startswith("hub.test:443: not connected after 0.1 s, through http://127.0.0.1:")


def test_a_proxy_s_wish_for_a_login_is_not_handed_on() -> None:
    with serving(echo) as port, door_to(port, login=("ada", "secret")) as (door, proxy), ask(door, HUB) as client:
        assert head_of(client).startswith(b"HTTP/1.1 200 ")
        wrong = Reach(Routes.of({"https_proxy": proxy.url}), 5.0)
        with connect_door(wrong) as other, ask(other, HUB) as refused:
            assert answer_of(refused).startswith(b"HTTP/1.1 502 proxy-login")


def test_a_plain_request_is_forwarded() -> None:
    heads = []

    def server(client: socket.socket, number: int) -> None:
        heads.append(head_of(client))
        assert client.recv(5) == b"hello"
        client.sendall(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok")

    with serving(server) as port, door_to(port, kind="socks5") as (door, _):
        fields = ("Host: hub.test", "Content-Length: 5")
        with ask(door, "POST http://hub.test/a?b HTTP/1.1", *fields, body=b"hello") as client:
            answer = answer_of(client)
        assert answer == b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
        assert heads[0].startswith(b"POST /a?b HTTP/1.1\r\nHost: hub.test\r\n")
        assert b"Proxy-" not in heads[0]


def test_real_tls_goes_through(tmp_path: Path) -> None:
    ca = trustme.CA()
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("hub.test").configure_cert(served)

    def server(client: socket.socket, number: int) -> None:
        if number == 0:
            client.recv(10)
            reset(client)
            return
        with served.wrap_socket(client, server_side=True) as secured:
            secured.sendall(secured.recv(100))

    trusting = ssl.create_default_context()
    ca.configure_trust(trusting)
    with serving(server) as port, door_to(port) as (door, _), ask(door, HUB) as client:
        head_of(client)
        with trusting.wrap_socket(client, server_hostname="hub.test", suppress_ragged_eofs=True) as secured:
            secured.sendall(b"hello")
            assert secured.recv(100) == b"hello"


def test_closing_the_door_cuts_what_it_carries_and_ends_its_thread() -> None:
    with serving(echo) as port:
        with door_to(port) as (door, _):
            client = ask(door, HUB)
            head_of(client)
            client.sendall(b"x")
            assert client.recv(1) == b"x"
        with client, suppress(ConnectionResetError):
            assert client.recv(1) == b""
    assert not [one for one in threading.enumerate() if one.name == "connect-door"]
