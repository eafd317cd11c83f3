"""huggingface_hub's rules, with httpx, httpx2 and requests, as tables."""

from __future__ import annotations

import pytest

from hfpush.diagnose.clients.around import Stores, Surroundings
from hfpush.diagnose.clients.choice import Spot
from hfpush.diagnose.clients.python import httpx_bypassing, hub_proxy, hub_trust, requests_bypassing
from hfpush.diagnose.facts.machine import Program

A, B, SOCKS = "http://a:1", "http://b:2", "socks5h://s:1"
HUB = "https://hf.test/me/m"


def program(http: str, *lacking: str) -> Program:
    return Program("huggingface_hub", version="2.4.0", http=http, lacking=lacking)


HTTPX2, HTTPX, REQUESTS = program("httpx2 2.16.2"), program("httpx 0.28.1"), program("requests 2.34.2")


@pytest.mark.parametrize("own", [HTTPX2, HTTPX, REQUESTS])
@pytest.mark.parametrize(
    ("environment", "via"),
    [
        ({}, ""),
        ({"HTTPS_PROXY": A}, A),
        ({"https_proxy": A, "HTTPS_PROXY": B}, A),
        ({"https_proxy": "", "HTTPS_PROXY": B}, ""),
        ({"http_proxy": A}, ""),
        ({"ALL_PROXY": A}, A),
        ({"HTTPS_PROXY": A, "ALL_PROXY": B}, A),
        ({"HTTPS_PROXY": "a:1"}, A),
        ({"HTTPS_PROXY": A, "NO_PROXY": "hf.test"}, ""),
        ({"HTTPS_PROXY": A, "NO_PROXY": "hf.test", "no_proxy": "x"}, A),
        ({"HTTPS_PROXY": A, "NO_PROXY": "*"}, ""),
        ({"NO_PROXY": "*"}, ""),
    ],
)
def test_variables(own: Program, environment: dict[str, str], via: str) -> None:
    assert hub_proxy(Surroundings(environment, programs=(own,)), HUB).via == via


@pytest.mark.parametrize(
    ("own", "environment", "said"),
    [
        (program("httpx2 2.16.2", "socksio"), {"HTTPS_PROXY": SOCKS}, "socksio"),
        (program("httpx2 2.16.2", "socksio"), {"HTTPS_PROXY": A, "ALL_PROXY": SOCKS}, "socksio"),
        (program("httpx2 2.16.2", "socksio"), {"HTTPS_PROXY": SOCKS, "NO_PROXY": "hf.test"}, "socksio"),
        (program("httpx2 2.16.2", "socksio"), {"HTTPS_PROXY": SOCKS, "NO_PROXY": "*"}, ""),
        (HTTPX2, {"HTTPS_PROXY": SOCKS}, ""),
        (HTTPX2, {"HTTPS_PROXY": "socks4://s:1"}, "Unknown scheme"),
        (HTTPX2, {"ALL_PROXY": "socks://s:1", "HTTPS_PROXY": A}, "Unknown scheme"),
        (REQUESTS, {"HTTPS_PROXY": "socks://s:1"}, "SOCKS version"),
        (REQUESTS, {"HTTPS_PROXY": "socks4://s:1"}, ""),
        (program("requests 2.34.2", "PySocks"), {"HTTPS_PROXY": SOCKS}, "Missing dependencies"),
        (REQUESTS, {"HTTPS_PROXY": "u:p@a:1"}, "malformed"),
        (REQUESTS, {"HTTPS_PROXY": "ftp://a:1"}, "unsupported scheme"),
    ],
)
def test_what_it_says_instead_of_going_anywhere(own: Program, environment: dict[str, str], said: str) -> None:
    error = hub_proxy(Surroundings(environment, programs=(own,)), HUB).error
    assert (said in error) if said else error == ""


def test_httpx_leaves_names_to_a_socks_proxy_and_requests_only_to_socks5h() -> None:
    environment = {"HTTPS_PROXY": "socks5://s:1"}
    assert hub_proxy(Surroundings(environment, programs=(HTTPX2,)), HUB).names == "proxy"
    assert hub_proxy(Surroundings(environment, programs=(REQUESTS,)), HUB).names == "here"


@pytest.mark.parametrize(
    ("text", "url", "new", "old", "requests"),
    [
        ("hf.test", HUB, True, True, True),
        ("HF.TEST", HUB, True, True, True),
        ("hf.test", "https://s3.hf.test", True, True, True),
        (".hf.test", HUB, False, False, True),
        (".hf.test", "https://s3.hf.test", True, True, True),
        ("*.test", HUB, True, False, False),
        ("f.test", HUB, False, False, False),
        ("hf.test:443", HUB, False, False, False),
        ("hf.test:443", "https://hf.test:443", False, False, True),
        ("hf.test:8443", "https://hf.test:8443", True, True, True),
        ("https://hf.test", HUB, True, True, False),
        ("10.0.0.0/8", HUB, False, False, False),
        ("10.0.0.0/8", "https://10.1.2.3", True, False, True),
        ("10.1.2.3", "https://10.1.2.3", True, True, True),
        ("localhost", "https://localhost", True, True, True),
        ("", HUB, False, False, False),
    ],
)
def test_no_proxy(text: str, url: str, new: bool, old: bool, requests: bool) -> None:
    spot = Spot.of(url)
    assert bool(httpx_bypassing([text], spot, new=True)) is new
    assert bool(httpx_bypassing([text], spot, new=False)) is old
    assert bool(requests_bypassing(text, spot)) is requests


def test_a_star_among_others_is_all_to_httpx_and_nothing_to_requests() -> None:
    environment = {"HTTPS_PROXY": A, "NO_PROXY": "x, *"}
    assert hub_proxy(Surroundings(environment, programs=(HTTPX2,)), HUB).bypassed == "*"
    assert hub_proxy(Surroundings(environment, programs=(REQUESTS,)), HUB).via == A


STORES = Stores("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs", ("/usr/lib/ssl/certs",), "/v/cacert.pem")


@pytest.mark.parametrize(
    ("own", "environment", "store", "files"),
    [
        (HTTPX2, {}, "system", ("/usr/lib/ssl/certs",)),
        (HTTPX, {}, "certifi", ("/v/cacert.pem",)),
        (REQUESTS, {}, "certifi", ("/v/cacert.pem",)),
        (HTTPX2, {"SSL_CERT_FILE": "/s", "SSL_CERT_DIR": "/d"}, "SSL_CERT_FILE", ("/s",)),
        (HTTPX, {"SSL_CERT_DIR": "/d:/e"}, "SSL_CERT_DIR", ("/d", "/e")),
        (HTTPX2, {"REQUESTS_CA_BUNDLE": "/r"}, "system", ("/usr/lib/ssl/certs",)),
        (REQUESTS, {"SSL_CERT_FILE": "/s"}, "certifi", ("/v/cacert.pem",)),
        (REQUESTS, {"REQUESTS_CA_BUNDLE": "/r", "CURL_CA_BUNDLE": "/c"}, "REQUESTS_CA_BUNDLE", ("/r",)),
        (REQUESTS, {"CURL_CA_BUNDLE": "/c"}, "CURL_CA_BUNDLE", ("/c",)),
    ],
)
def test_what_it_trusts(own: Program, environment: dict[str, str], store: str, files: tuple[str, ...]) -> None:
    found = hub_trust(Surroundings(environment, programs=(own,), stores=STORES), HUB)
    assert (found.store, found.files) == (store, files)
