"""Connections that come about, and those that do not, each told by its kind and in time."""

from __future__ import annotations

import socket
import sys
import time

import pytest
from support.proxies import ProxyServer, running
from support.stage import NAMES, Stage, six
from support.tcp_door import closed_port

from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.connect import dial
from hfpush.net.routes import Route

DIAL = """\
import sys, dataclasses, json
from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.connect import dial
print(json.dumps([dataclasses.asdict(one) for one in dial(Line(sys.argv[1], 443), 2.0)]))
"""


def through(url: str, host: str = "hf.test", port: int = 443) -> Line:
    return Line(host, port, url.rpartition("@")[2], route=Route(url, "HTTPS_PROXY"), names="proxy")


def test_a_connection_and_a_refusal() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        (well,) = dial(Line("127.0.0.1", server.getsockname()[1]), 2.0)
    assert (well.outcome, well.address) == ("ok", "127.0.0.1")
    if sys.platform == "linux":
        assert well.interface == "lo"
        assert well.mtu > 1500
    (refused,) = dial(Line("127.0.0.1", closed_port()), 2.0)
    assert refused.outcome == "refused"


@pytest.mark.needs("ip", "nft")
def test_each_address_is_tried_by_itself(stage: Stage) -> None:
    four = NAMES["hf.test"]
    stage.call({"hf.test": (four, six(four), "10.88.0.1")})
    stage.front("hf.test", "127.0.0.1:1")
    stage.filter(f"ip6 daddr {six(four)} drop", "ip daddr 10.88.0.1 reject with icmpx type no-route")
    ended = stage.run([sys.executable, "-c", DIAL, "hf.test"], cwd=stage.place)
    found = {one["address"]: one["outcome"] for one in ended.document}
    assert found == {four: "ok", six(four): "silent", "10.88.0.1": "unreachable"} or found["10.88.0.1"] == "silent"
    assert ended.seconds < 5
    assert {one["interface"] for one in ended.document if one["outcome"] == "ok"} == {"c0"}


def test_a_proxy_that_carries_us() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        hosts = {"hf.test": server.getsockname()}
        for kind in ("http", "socks5"):
            with running(ProxyServer(kind, hosts=hosts)) as proxy:
                (well,) = dial(through(proxy.url, port=server.getsockname()[1]), 5.0)
            assert (well.outcome, well.address) == ("ok", "127.0.0.1"), well


def test_a_proxy_that_wants_a_login_says_so() -> None:
    with running(ProxyServer("http", login=("me", "secret"))) as proxy:
        (asked,) = dial(through(proxy.url), 5.0)
    assert (asked.outcome, asked.status) == ("proxy-login", 407)
    assert "secret" not in repr(asked)


def test_a_proxy_that_is_not_there_is_told_by_how() -> None:
    (none,) = dial(through(f"http://127.0.0.1:{closed_port()}"), 3.0)
    assert none.outcome == "proxy-unreached"
    (nameless,) = dial(through("http://a..b:3128".replace("a..b", "x" * 64 + ".test")), 3.0)
    assert nameless.outcome == "proxy-unresolved"


def test_a_proxy_that_says_nothing_is_given_up_in_time() -> None:
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server:
        (silent,) = dial(through(f"http://127.0.0.1:{server.getsockname()[1]}"), 0.5)
    assert silent.outcome == "proxy-silent"
    assert time.monotonic() - began < 3


def test_a_proxy_of_another_kind_is_told() -> None:
    with running(ProxyServer("socks5")) as proxy:
        (other,) = dial(through(proxy.url.replace("socks5h://", "http://")), 3.0)
    assert other.outcome in ("proxy-other-kind", "proxy-failed")


def test_a_name_that_is_to_be_found_here_is_looked_for_here() -> None:
    host = "x" * 64 + ".test"
    (lost,) = dial(Line(host, 443), 3.0)
    assert lost.outcome == "unresolved"
    with running(ProxyServer("socks5")) as proxy:
        line = Line(host, 443, proxy.url, route=Route(proxy.url, "ALL_PROXY"), names="here")
        assert dial(line, 3.0)[0].outcome == "unresolved"
