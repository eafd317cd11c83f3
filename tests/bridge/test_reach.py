from __future__ import annotations

import base64
import socket

import pytest
from support.connect_doors import head_of, serving
from support.proxies import ProxyServer, running

from hfpush.bridge.reach import Reach
from hfpush.bridge.request_head import read_head
from hfpush.errors import HfpushError
from hfpush.net.routes import Routes

GET = read_head(b"GET http://hub.test/a HTTP/1.1\r\nHost: hub.test\r\n\r\n")


def echo(client: socket.socket, number: int) -> None:
    client.sendall(client.recv(1000))


def test_a_tunnel_goes_through_the_proxy_of_the_rule() -> None:
    asked = read_head(b"CONNECT hub.test:443 HTTP/1.1\r\n\r\n")
    with serving(echo) as port, running(ProxyServer("socks5", hosts={"hub.test": ("127.0.0.1", port)})) as proxy:
        with Reach(Routes.of({"all_proxy": proxy.url}), 5.0).tunnel(asked) as connection:
            connection.sendall(b"hello")
            assert connection.recv(5) == b"hello"
        assert proxy.targets == ["hub.test:443"]


def test_an_http_proxy_is_given_a_plain_request_as_it_is_with_its_login() -> None:
    with serving(echo) as port:
        routes = Routes.of({"http_proxy": f"http://ada:p%40ss@127.0.0.1:{port}"})
        connection, head = Reach(routes, 5.0).plain(GET)
        with connection:
            login = base64.b64encode(b"ada:p@ss")
            first = b"GET http://hub.test/a HTTP/1.1\r\nHost: hub.test\r\nConnection: close\r\n"
            assert head == first + b"Proxy-Authorization: Basic " + login + b"\r\n\r\n"
            assert connection.getpeername()[1] == port


def test_through_socks_a_plain_request_is_the_server_s() -> None:
    with serving(echo) as port, running(ProxyServer("socks5", hosts={"hub.test": ("127.0.0.1", port)})) as proxy:
        connection, head = Reach(Routes.of({"http_proxy": proxy.url}), 5.0).plain(GET)
        with connection:
            connection.sendall(head)
            assert head_of(connection) == head
            assert head.startswith(b"GET /a HTTP/1.1\r\n")


def test_a_proxy_that_is_not_there_is_a_finding() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(HfpushError) as caught:
        Reach(Routes.of({"http_proxy": f"http://127.0.0.1:{port}"}), 5.0).plain(GET)
    assert caught.value.finding.reference.startswith("proxy-")
