"""NO_PROXY: each row is what curl, Go or requests does with it; one that bypasses is enough."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.net.no_proxy import NoProxy, address_of

HUB, STORAGE = "hf.test", "s3.hf.test"


@pytest.mark.parametrize(
    ("text", "host", "bypassed"),
    [
        ("hf.test", HUB, True),
        ("hf.test", STORAGE, True),
        ("HF.TEST", HUB, True),
        (" hf.test , x", HUB, True),
        ("x hf.test", STORAGE, True),
        ("hf.test.", HUB, True),
        ("hf.test", "hf.test.", True),
        ("hf.test", "HF.test", True),
        (".test", HUB, True),
        ("test", HUB, True),
        (".hf.test", HUB, True),  # curl and requests; Go proxies the host itself
        (".hf.test", STORAGE, True),
        ("*.test", HUB, True),  # Go alone
        ("*.hf.test", STORAGE, True),
        ("*.hf.test", HUB, False),
        ("hf.test:443", HUB, True),  # Go alone
        ("hf.test:443", STORAGE, True),
        ("hf.test:80", HUB, False),
        (".hf.test:443", STORAGE, True),
        (".hf.test:443", HUB, False),
        ("*", HUB, True),
        ("10.77.0.0/24", HUB, False),  # no name is resolved for this
        ("10.77.0.2", HUB, False),
        ("", HUB, False),
        (",, ,", HUB, False),
        (".", HUB, False),
        ("*.", HUB, False),
        (":443", HUB, False),
        ("/", HUB, False),
        ("f.test", HUB, False),  # requests alone, by accident
        ("other.test", HUB, False),
        ("s3.hf.test", HUB, False),
        ("10.77.0.2", "10.77.0.2", True),
        ("10.77.0.2:443", "10.77.0.2", True),
        ("10.77.0.2:80", "10.77.0.2", False),
        ("10.77.0.0/24", "10.77.0.2", True),
        ("10.77.0.9/24", "10.77.0.2", True),
        ("10.77.1.0/24", "10.77.0.2", False),
        ("10.77.0.0/99", "10.77.0.2", False),
        ("7.0.2", "10.77.0.2", False),
        ("fd00::1", "fd00::1", True),
        ("[fd00::1]", "fd00::1", True),
        ("[fd00::1]:443", "fd00::1", True),
        ("[fd00::1]:80", "fd00::1", False),
        ("fd00:0:0::1", "[fd00::1]", True),
        ("fd00::/8", "fd00::1", True),
        ("[fd00::]/8", "fd00::1", True),
        ("fd00::/8", "10.77.0.2", False),
        ("10.77.0.2", "::ffff:10.77.0.2", True),
    ],
)
def test_a_host_is_bypassed_where_one_of_the_tools_bypasses_it(text: str, host: str, bypassed: bool) -> None:
    assert (NoProxy.of(text).bypasses(host, 443) is not None) == bypassed


def test_the_entry_that_decides_is_told_as_it_was_written() -> None:
    assert NoProxy.of("a.test,.HF.test", "b.test").bypasses("s3.hf.test", 443) == ".HF.test"


def test_entries_of_both_spellings_count() -> None:
    both = NoProxy.of("a.test", "b.test")
    assert [both.bypasses(host, None) for host in ("a.test", "b.test", "c.test")] == ["a.test", "b.test", None]


LABEL = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)
NAME = st.lists(LABEL, min_size=1, max_size=4).map(".".join)


@given(st.lists(st.text(max_size=30), max_size=4), st.text(max_size=30), st.none() | st.integers(0, 70000))
def test_nothing_in_it_is_an_error(texts: list[str], host: str, port: int | None) -> None:
    found = NoProxy.of(*texts).bypasses(host, port)
    assert found is None or any(found in text for text in texts)


@given(NAME, NAME)
def test_a_name_takes_itself_and_what_is_below_it_and_nothing_else(entry: str, host: str) -> None:
    below = host == entry or host.endswith(f".{entry}")
    assert (NoProxy.of(entry).bypasses(host, 443) is not None) == below
    assert (NoProxy.of(f".{entry}").bypasses(host.upper(), 443) is not None) == below
    assert (NoProxy.of(f"*.{entry}").bypasses(host, 443) is not None) == host.endswith(f".{entry}")


@given(st.ip_addresses(), st.integers(0, 128))
def test_a_network_takes_its_addresses(address: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int) -> None:
    bits = min(bits, address.max_prefixlen)
    network = ipaddress.ip_network(f"{address}/{bits}", strict=False)
    if address_of(str(address)) == address:  # and not one that is IPv4 in other clothes
        assert NoProxy.of(str(network)).bypasses(str(address), 443) == str(network)
