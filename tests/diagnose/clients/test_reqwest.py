"""hf_xet's rules, as tables."""

from __future__ import annotations

import pytest

from hfpush.diagnose.clients.around import Stores, Surroundings
from hfpush.diagnose.clients.reqwest import bypassing, xet_proxy, xet_trust
from hfpush.diagnose.facts.machine import Program

A, B = "http://a:1", "http://b:2"
CAS = "https://cas.test/x"


@pytest.mark.parametrize(
    ("environment", "via"),
    [
        ({}, ""),
        ({"HTTPS_PROXY": A, "https_proxy": B}, A),
        ({"HTTPS_PROXY": "", "https_proxy": B}, ""),
        ({"HTTPS_PROXY": "", "ALL_PROXY": B}, B),
        ({"HTTPS_PROXY": "ftp://a:1", "ALL_PROXY": B}, B),
        ({"https_proxy": B}, B),
        ({"http_proxy": A}, ""),
        ({"all_proxy": A}, A),
        ({"HTTPS_PROXY": A, "REQUEST_METHOD": "GET"}, ""),
        ({"HTTPS_PROXY": "socks5://s:1"}, "socks5://s:1"),
        ({"HTTPS_PROXY": A, "NO_PROXY": "cas.test", "no_proxy": "x"}, ""),
        ({"HTTPS_PROXY": A, "NO_PROXY": "", "no_proxy": "cas.test"}, A),
    ],
)
def test_variables(environment: dict[str, str], via: str) -> None:
    assert xet_proxy(Surroundings(environment), CAS).via == via


def test_a_build_without_socks_says_so() -> None:
    around = Surroundings(
        {"ALL_PROXY": "socks5h://s:1"}, programs=(Program("hf_xet", version="1", lacking=("socks",)),)
    )
    assert xet_proxy(around, CAS).error == "unsupported scheme socks5h"


def test_socks4a_does_not_work_with_it() -> None:
    assert "without a name" in xet_proxy(Surroundings({"ALL_PROXY": "socks4a://s:1"}), CAS).error


def test_a_raw_at_gives_another_login() -> None:
    assert xet_proxy(Surroundings({"HTTPS_PROXY": "http://u:p@s@a:1"}), CAS).misread


@pytest.mark.parametrize(
    ("text", "host", "entry"),
    [
        ("cas.test", "cas.test", "cas.test"),
        (".cas.test", "cas.test", ".cas.test"),
        ("test", "cas.test", "test"),
        ("as.test", "cas.test", None),
        ("*.test", "cas.test", None),
        ("cas.test:443", "cas.test", None),
        ("x, *", "cas.test", "*"),
        ("*", "10.1.2.3", None),
        ("10.0.0.0/8", "10.1.2.3", "10.0.0.0/8"),
        ("10.1.2.3", "cas.test", None),
        ("", "cas.test", None),
    ],
)
def test_no_proxy(text: str, host: str, entry: str | None) -> None:
    assert bypassing(text, host) == entry


def test_named_files_take_the_place_of_the_system_s() -> None:
    stores = Stores("/f", "/d")
    assert xet_trust(Surroundings(stores=stores), CAS).files == ("/f", "/d")
    assert xet_trust(Surroundings({"SSL_CERT_FILE": "/s"}, stores=stores), CAS).files == ("/s",)
    assert xet_trust(Surroundings({"SSL_CERT_DIR": "/a:/b"}, stores=stores), CAS).files == ("/a", "/b")
