"""A proxy's address as people write it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.errors import Misuse
from hfpush.net.proxies import Proxy, masked, parse_proxy, password_in


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("proxy.test:3128", Proxy("http", "proxy.test", 3128)),
        ("http://proxy.test:3128", Proxy("http", "proxy.test", 3128)),
        ("HTTP://proxy.test:3128/", Proxy("http", "proxy.test", 3128)),
        ("  http://proxy.test:3128\n", Proxy("http", "proxy.test", 3128)),
        ("http://proxy.test", Proxy("http", "proxy.test", 80)),
        ("http://proxy.test:", None),
        ("https://proxy.test", Proxy("https", "proxy.test", 443)),
        ("socks5://proxy.test", Proxy("socks5h", "proxy.test", 1080)),
        ("socks5h://10.0.0.1:1", Proxy("socks5h", "10.0.0.1", 1)),
        ("socks://proxy.test", Proxy("socks5h", "proxy.test", 1080)),
        ("socks4://proxy.test", Proxy("socks4a", "proxy.test", 1080)),
        ("socks4a://proxy.test", Proxy("socks4a", "proxy.test", 1080)),
        ("http://[fd00::1]:3128", Proxy("http", "fd00::1", 3128)),
        ("[::1]:3128", Proxy("http", "::1", 3128)),
        ("http://u:p@proxy.test:1", Proxy("http", "proxy.test", 1, "u", "p")),
        ("u:p@proxy.test:1", Proxy("http", "proxy.test", 1, "u", "p")),
        ("http://u:p@ss@proxy.test:1", Proxy("http", "proxy.test", 1, "u", "p@ss")),
        ("http://u:p%40%3A%2f@proxy.test:1", Proxy("http", "proxy.test", 1, "u", "p@:/")),
        ("http://u:p/q?r#s@proxy.test:1", Proxy("http", "proxy.test", 1, "u", "p/q?r#s")),
        ("http://u:a://b@proxy.test:1", Proxy("http", "proxy.test", 1, "u", "a://b")),
        ("http://u@proxy.test:1", Proxy("http", "proxy.test", 1, "u")),
        ("http://proxy.test:3128/path?x#y", Proxy("http", "proxy.test", 3128)),
    ],
)
def test_an_address_is_understood(text: str, proxy: Proxy | None) -> None:
    if proxy is None:
        with pytest.raises(Misuse):
            parse_proxy(text, "https_proxy")
    else:
        assert parse_proxy(text, "https_proxy") == proxy


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("socks9://proxy.test:1", "'socks9' is no kind of proxy"),
        ("htpp://u:SECRET@proxy.test:1", "'htpp' is no kind of proxy"),
        ("http://proxy.test:port", "its port"),
        ("http://proxy.test:0", "its port"),
        ("http://proxy.test:70000", "its port"),
        ("http://proxy.test:٣", "its port"),
        ("http://u:SECRET@proxy.test:31 28", "a space"),
        ("http://proxy .test:1", "a space"),
        ("u:SEC RET@proxy.test", "a space"),
        ("http://", "no host"),
        ("http://u:SECRET@", "no host"),
        ("http:/proxy.test:1", "its port"),
        ("http://proxy_test\x00:1", "control character"),
        ("http://pro<xy:1", "its host"),
    ],
)
def test_a_typo_names_the_variable_and_hides_the_password(text: str, words: str) -> None:
    with pytest.raises(Misuse) as caught:
        parse_proxy(text, "ALL_PROXY", "unset ALL_PROXY")
    finding = caught.value.finding
    assert finding.reference == "proxy-unusable"
    assert words in finding.message
    assert "ALL_PROXY" in finding.message
    assert "unset ALL_PROXY" in finding.remedy
    assert "SEC" not in repr(finding)


@given(
    st.sampled_from(["http", "https", "socks5h", "socks4a"]),
    st.sampled_from(["proxy.test", "10.0.0.1", "fd00::1"]),
    st.integers(1, 65535),
    st.none() | st.text(st.characters(codec="utf-8"), max_size=9),
    st.none() | st.text(st.characters(codec="utf-8"), max_size=9),
)
def test_the_one_spelling_is_read_as_what_it_was_made_of(
    scheme: str, host: str, port: int, user: str | None, password: str | None
) -> None:
    proxy = Proxy(scheme, host, port, user or None, password if user else None)
    assert parse_proxy(proxy.url, "x") == proxy


@given(st.text())
def test_whatever_is_written_it_is_a_proxy_or_a_finding(text: str) -> None:
    with suppress(Misuse):
        assert parse_proxy(text, "x").url


@given(st.from_regex(r"(http://|foo://|)[a-z]{1,5}:SECRET[ :/?#@a-z]{0,9}@[a-z :]{0,9}", fullmatch=True))
def test_no_password_is_shown(text: str) -> None:
    assert "SECRET" not in masked(text)
    assert "SECRET" not in repr(Proxy("http", "h", 1, "u", "SECRET"))


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("http://u:p%40ss@proxy.test:1", "p@ss"),
        ("u:p@ss@proxy.test", "p@ss"),
        ("http://u@proxy.test", None),
        ("proxy.test:1", None),
        ("http://u:p@[", "http://u:p@["),
        ("", ""),
    ],
)
def test_its_password_is_found_and_all_of_it_is_one_where_it_cannot_be_read(text: str, password: str | None) -> None:
    assert password_in(text) == password
