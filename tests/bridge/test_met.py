from __future__ import annotations

import pytest

from hfpush.bridge.met import Met
from hfpush.bridge.request_head import Asked, read_head
from hfpush.bridge.tunnel import Carried
from hfpush.findings import Finding


def asked(agent: str = "git/2") -> Asked:
    return read_head(f"CONNECT hub.test:443 HTTP/1.1\r\nUser-Agent: {agent}\r\n\r\n".encode())


def test_a_finding_is_told_once_with_all_who_asked() -> None:
    met = Met()
    for agent in ("git/2", "Go-http-client/1.1", "git/2", ""):
        met.add(Finding("proxy-login", "x", ("seen",)), agent)
    assert met.findings == (Finding("proxy-login", "x", ("seen", "asked for by git/2, Go-http-client/1.1")),)


@pytest.mark.parametrize(
    ("carried", "reference"),
    [
        (Carried(answered=True, asked=True, seconds=60.0), None),
        (Carried(answered=True, cuts=2, asked=True), "handshake-repeated"),
        (Carried(cuts=8, given_up=True, asked=True), "handshake-cut"),
        (Carried(cuts=3, asked=True), None),
        (Carried(answered=True, idle=True, asked=True), "tunnel-idle"),
        (Carried(asked=True, seconds=11.0), "handshake-silent"),
        (Carried(asked=True, seconds=1.0), None),
        (Carried(seconds=60.0), None),
    ],
)
def test_what_a_tunnel_s_end_means(carried: Carried, reference: str | None) -> None:
    met = Met()
    met.tunnelled(1, asked(), carried)
    assert [found.reference for found in met.findings] == ([reference] if reference else [])


def test_the_way_is_told_on_which_connections_are_cut() -> None:
    met = Met()
    number = met.asked(asked(), "through http://proxy:3128 (https_proxy)")
    met.tunnelled(number, asked(), Carried(cuts=8, given_up=True, asked=True))
    assert "reached through http://proxy:3128 (https_proxy)" in met.findings[0].evidence


def test_cuts_of_one_host_are_one_finding() -> None:
    met = Met()
    for cuts in (1, 2, 4):
        met.tunnelled(1, asked(), Carried(answered=True, cuts=cuts, asked=True))
    assert [found.evidence for found in met.findings] == [("7 cut, 3 came about", "asked for by git/2")]
    met.tunnelled(1, asked(), Carried(cuts=8, given_up=True, asked=True))
    assert [found.reference for found in met.findings] == ["handshake-cut"]


def test_what_is_not_reached_for_long_is_told_with_its_way() -> None:
    told: list[str] = []
    met = Met(tell=told.append)
    met.waits(met.asked(asked(), "straight (no proxy is set)"), asked(), 10.0)
    assert told == ["hub.test:443: not connected after 10 s, straight (no proxy is set)"]
