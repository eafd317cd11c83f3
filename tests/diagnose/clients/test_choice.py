"""What a client makes of a proxy's address."""

from __future__ import annotations

import pytest

from hfpush.diagnose.clients.choice import Named, Spot, passed_by, raw_at, scheme_of, through

NOBODY: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("text", "scheme", "more"),
    [
        ("proxy:3128", "http", False),
        ("u:p@proxy:3128", "http", False),
        ("HTTP://proxy", "http", False),
        ("socks5h://u:p@s@proxy", "socks5h", True),
        ("u:p@s@proxy", "http", True),
        ("ftp://proxy", "ftp", False),
    ],
)
def test_scheme_and_login_of_an_address(text: str, scheme: str, more: bool) -> None:
    assert scheme_of(text) == scheme
    assert raw_at(text) is more


def test_a_proxy_is_shown_without_its_login_and_dialled_with_it() -> None:
    found = through(Named("http://u:secret@proxy.test:3128", "HTTPS_PROXY"), here=NOBODY)
    assert (found.via, found.url) == ("http://proxy.test:3128", "http://u:secret@proxy.test:3128")
    assert "secret" not in repr(found)


def test_who_resolves_names_is_told_by_the_scheme() -> None:
    here = through(Named("socks5://proxy.test", "A"), here=frozenset({"socks5"}))
    there = through(Named("socks5h://proxy.test", "A"), here=frozenset({"socks5"}))
    assert (here.via, here.names) == ("socks5://proxy.test:1080", "here")
    assert (there.via, there.names) == ("socks5h://proxy.test:1080", "proxy")


def test_a_port_of_the_client_s_own_is_for_addresses_without_one() -> None:
    assert through(Named("http://proxy.test/", "A"), here=NOBODY, port=1080).via == "http://proxy.test:1080"
    assert through(Named("http://proxy.test:80", "A"), here=NOBODY, port=1080).via == "http://proxy.test:80"


def test_what_is_no_address_is_an_error_without_its_password() -> None:
    found = through(Named("http://u:secret@", "HTTPS_PROXY"), here=NOBODY)
    assert found.error
    assert "secret" not in found.error


def test_a_host_that_is_passed_by_keeps_what_it_would_go_through() -> None:
    found = passed_by(Named("http://u:secret@proxy:1", "HTTPS_PROXY"), ".hf.test", "no_proxy")
    assert (found.via, found.bypassed, found.past, found.by) == ("", ".hf.test", "http://proxy:1", "no_proxy")
    assert "secret" not in str(found)


def test_a_spot_of_a_url() -> None:
    assert Spot.of("https://HF.test/x") == Spot(True, "hf.test", 443, False)
    assert Spot.of("http://hf.test:8080") == Spot(False, "hf.test", 8080, True)
    assert Spot.of("https://[").host == ""
