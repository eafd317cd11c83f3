"""The one rule for the way to a URL, row by row."""

from __future__ import annotations

import pytest

from hfpush.endpoints import Endpoint
from hfpush.errors import Misuse
from hfpush.net.git_settings import GitNetwork, GitSetting
from hfpush.net.routes import RULE, Route, Routes, is_loopback

HUB, STORAGE, PLAIN = "https://hub.test/a", "https://s3.test/b?sig=1", "http://hub.test/a"
P, Q, R = "http://p:1", "http://q:2", "http://r:3"


def git(**values: str) -> GitNetwork:
    """`all` for every URL, `hub` for the Hub's alone."""
    scopes = {"all": None, "hub": "https://hub.test"}
    return GitNetwork(tuple(GitSetting("proxy", value, scopes[key], "/f", 7) for key, value in values.items()))


def ways(environment: dict[str, str], own: str | None = None, git: GitNetwork | None = None) -> list[str | None]:
    """The proxies for the Hub, its storage, and plain http to the Hub."""
    routes = Routes.of(environment, endpoint=Endpoint("hub", "https://hub.test", proxy=own), git=git)
    return [routes.route(url).proxy for url in (HUB, STORAGE, PLAIN)]


@pytest.mark.parametrize(
    ("environment", "proxies"),
    [
        ({}, [None, None, None]),
        ({"HTTPS_PROXY": P}, [P, P, None]),
        ({"https_proxy": P}, [P, P, None]),
        ({"https_proxy": P, "HTTPS_PROXY": Q}, [P, P, None]),
        ({"https_proxy": "", "HTTPS_PROXY": Q}, [Q, Q, None]),  # empty is as good as unset
        ({"http_proxy": P}, [None, None, P]),  # git-lfs would take it for https as well
        ({"HTTP_PROXY": P}, [None, None, P]),
        ({"HTTP_PROXY": P, "REQUEST_METHOD": "GET"}, [None, None, None]),
        ({"http_proxy": P, "REQUEST_METHOD": "GET"}, [None, None, P]),
        ({"ALL_PROXY": P}, [P, P, P]),
        ({"all_proxy": P}, [P, P, P]),
        ({"ALL_PROXY": P, "HTTPS_PROXY": Q}, [Q, Q, P]),
        ({"ALL_PROXY": "socks5://p:1"}, ["socks5h://p:1"] * 3),
        ({"ALL_PROXY": "socks5h://p:1"}, ["socks5h://p:1"] * 3),
        ({"ALL_PROXY": "socks4://p:1"}, ["socks4a://p:1"] * 3),
        ({"ALL_PROXY": "socks://p:1"}, ["socks5h://p:1"] * 3),
        ({"ALL_PROXY": "p:1"}, [P, P, P]),
        ({"HTTPS_PROXY": "http://u:p@ss@p:1"}, ["http://u:p%40ss@p:1"] * 2 + [None]),
        ({"HTTPS_PROXY": P, "NO_PROXY": "hub.test"}, [None, P, None]),
        ({"HTTPS_PROXY": P, "NO_PROXY": "hub.test", "no_proxy": "s3.test"}, [None, None, None]),
        ({"HTTPS_PROXY": P, "NO_PROXY": "hub.test:443", "http_proxy": Q}, [None, P, Q]),
        ({"HTTPS_PROXY": P, "NO_PROXY": "*"}, [None, None, None]),
        ({"https.proxy": P, "HTTPS_PROXYS": P}, [None, None, None]),
    ],
)
def test_the_environment(environment: dict[str, str], proxies: list[str | None]) -> None:
    assert ways(environment) == proxies


@pytest.mark.parametrize(
    ("environment", "settings", "proxies"),
    [
        ({}, {"all": P}, [P, P, P]),
        ({"HTTPS_PROXY": Q}, {"all": P}, [P, P, P]),
        ({}, {"hub": P}, [P, P, P]),  # the storage host is reached the same way
        ({"HTTPS_PROXY": Q}, {"hub": P}, [P, Q, P]),
        ({"ALL_PROXY": Q}, {"hub": P}, [P, Q, Q]),
        ({}, {"all": P, "hub": ""}, [None, P, P]),
        ({"HTTPS_PROXY": Q}, {"all": ""}, [None, None, None]),  # off is off: git-lfs would take the environment
        ({"HTTPS_PROXY": Q}, {"hub": ""}, [None, Q, None]),
        ({"NO_PROXY": "hub.test"}, {"all": P}, [None, P, None]),
    ],
)
def test_git_goes_before_the_environment(
    environment: dict[str, str], settings: dict[str, str], proxies: list[str | None]
) -> None:
    assert ways(environment, git=git(**settings)) == proxies


@pytest.mark.parametrize(
    ("own", "environment", "proxies"),
    [
        (R, {"HTTPS_PROXY": Q}, [R, R, R]),
        ("", {"HTTPS_PROXY": Q}, [None, None, None]),
        (R, {"NO_PROXY": "s3.test"}, [R, None, R]),
    ],
)
def test_the_endpoints_own_proxy_goes_before_all(
    own: str, environment: dict[str, str], proxies: list[str | None]
) -> None:
    assert ways(environment, own=own, git=git(all=P)) == proxies


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "localhost", "LOCALHOST.", "hub.localhost", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_never_reached_through_a_proxy(host: str) -> None:
    routes = Routes.of({"ALL_PROXY": P}, endpoint=Endpoint("x", f"http://{host}", proxy=Q), git=git(all=R))
    assert [routes.route(f"{scheme}://{host}:8080/a").proxy for scheme in ("http", "https")] == [None, None]
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["hub.test", "localhost.test", "128.0.0.1", "::2", "", "1270.0.0.1"])
def test_other_machines_are_not_this_one(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("routes", "shown"),
    [
        (Routes.of({}), "straight (no proxy is set)"),
        (Routes.of({"https_proxy": "u:secret@p:1"}), "through http://p:1 (https_proxy)"),
        (Routes.of({"https_proxy": P, "NO_PROXY": ".test"}), "straight (NO_PROXY names .test)"),
        (Routes.of({}, git=git(all=P)), "through http://p:1 (http.proxy (/f, line 7))"),
        (Routes.of({}, git=git(all="")), "straight (http.proxy (/f, line 7) is empty: no proxy)"),
        (
            Routes.of({}, endpoint=Endpoint("mine", "https://x", proxy=P)),
            "through http://p:1 (the settings of the endpoint mine)",
        ),
    ],
)
def test_a_route_says_why(routes: Routes, shown: str) -> None:
    assert routes.route(HUB).shown == shown
    assert "secret" not in repr(routes) + repr(routes.route(HUB))


def test_a_typo_is_told_when_it_would_be_used_and_not_before() -> None:
    routes = Routes.of({"HTTPS_PROXY": "socks9://u:SECRET@p:1"}, git=git(hub="ht!tp://x"))
    assert routes.route("https://127.0.0.1/").proxy is None
    assert routes.route("http://s3.test/").proxy is None
    with pytest.raises(Misuse) as caught:
        routes.route(STORAGE)
    assert "HTTPS_PROXY" in caught.value.finding.message
    assert "set HTTPS_PROXY to the right address, or unset it" in caught.value.finding.remedy
    assert "SECRET" not in repr(caught.value.finding)
    with pytest.raises(Misuse) as caught:
        routes.route(HUB)
    assert "correct http.https://hub.test.proxy in line 7 of /f" in caught.value.finding.remedy


@pytest.mark.parametrize("url", ["", "https://[", "https://hub:port/", "hub.test", "https:///x"])
def test_what_is_no_url_goes_straight_to_whoever_says_so(url: str) -> None:
    assert Routes.of({"https_proxy": P}).route(url).proxy in (None, P)


def test_the_rule_can_be_printed() -> None:
    assert len(RULE) == 8
    assert Route().proxy is None
