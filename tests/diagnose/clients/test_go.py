"""git-lfs's rules, as tables."""

from __future__ import annotations

import pytest

from hfpush.diagnose.clients.around import Stores, Surroundings
from hfpush.diagnose.clients.go import bypassing, lfs_proxy, lfs_trust
from hfpush.diagnose.facts.machine import Program
from hfpush.net.git_settings import GitSetting

A, B = "http://a:1", "http://b:2"
HUB, STORAGE = "https://hf.test/me/m", "https://s3.hf.test/x"
OLD, NEW = Program("git-lfs", version="3.3.0", is_go=True), Program("git-lfs", version="3.6.1", is_go=True)


@pytest.mark.parametrize(
    ("environment", "via"),
    [
        ({}, ""),
        ({"HTTPS_PROXY": A, "https_proxy": B}, A),
        ({"HTTPS_PROXY": "", "https_proxy": B}, B),
        ({"https_proxy": A}, A),
        ({"http_proxy": A}, A),
        ({"HTTP_PROXY": A, "http_proxy": B}, A),
        ({"ALL_PROXY": A}, ""),
        ({"all_proxy": A}, ""),
        ({"HTTPS_PROXY": "socks5://s:1"}, "socks5://s:1"),
        ({"HTTPS_PROXY": "socks5h://s:1"}, "socks5h://s:1"),
        ({"HTTPS_PROXY": "a:1"}, A),
        ({"HTTPS_PROXY": A, "NO_PROXY": "hf.test", "no_proxy": "x"}, ""),
        ({"HTTPS_PROXY": A, "NO_PROXY": "x", "no_proxy": "hf.test"}, A),
        ({"HTTPS_PROXY": A, "NO_PROXY": "", "no_proxy": "hf.test"}, ""),
    ],
)
def test_variables(environment: dict[str, str], via: str) -> None:
    assert lfs_proxy(Surroundings(environment), HUB).via == via


def test_names_are_left_to_a_socks_proxy_of_either_spelling() -> None:
    assert lfs_proxy(Surroundings({"HTTPS_PROXY": "socks5://s:1"}), HUB).names == "proxy"


@pytest.mark.parametrize("scheme", ["socks4", "socks4a", "socks"])
def test_other_kinds_are_errors_each_version_s_own(scheme: str) -> None:
    environment = {"HTTPS_PROXY": f"{scheme}://s:1"}
    assert f"lookup {scheme}" in lfs_proxy(Surroundings(environment, programs=(OLD,)), HUB).error
    assert "HTTP" in lfs_proxy(Surroundings(environment, programs=(NEW,)), HUB).error


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_this_machine_is_never_reached_through_a_proxy(host: str) -> None:
    assert lfs_proxy(Surroundings({"HTTPS_PROXY": A}), f"https://{host}/x").via == ""


@pytest.mark.parametrize(
    ("settings", "url", "via"),
    [
        ((GitSetting("proxy", A),), HUB, A),
        ((GitSetting("proxy", ""),), HUB, B),
        ((GitSetting("proxy", A, "https://hf.test"),), HUB, A),
        ((GitSetting("proxy", A, "https://hf.test"),), STORAGE, B),
        ((GitSetting("proxy", A), GitSetting("proxy", "", "https://hf.test")), HUB, B),
        ((GitSetting("proxy", A, "https://hf.test/me/m", written="remote.o.proxy"),), HUB, B),
    ],
)
def test_git_s_settings_go_before_variables_but_empty_ones(
    settings: tuple[GitSetting, ...], url: str, via: str
) -> None:
    assert lfs_proxy(Surroundings({"HTTPS_PROXY": B}, settings), url).via == via


@pytest.mark.parametrize(
    ("text", "host", "entry"),
    [
        ("hf.test", "hf.test", "hf.test"),
        ("hf.test", "s3.hf.test", "hf.test"),
        ("HF.TEST", "hf.test", "HF.TEST"),
        (" x , hf.test ", "hf.test", "hf.test"),
        ("x hf.test", "hf.test", None),
        (".hf.test", "hf.test", None),
        (".hf.test", "s3.hf.test", ".hf.test"),
        ("*.test", "hf.test", "*.test"),
        ("*.hf.test", "hf.test", None),
        ("hf.test:443", "hf.test", "hf.test:443"),
        (".test:443", "hf.test", ".test:443"),
        ("hf.test:80", "hf.test", None),
        ("f.test", "hf.test", None),
        ("10.0.0.0/8", "hf.test", None),
        ("10.0.0.0/8", "10.1.2.3", "10.0.0.0/8"),
        ("10.1.2.3:443", "10.1.2.3", "10.1.2.3:443"),
        ("10.1.2.3:80", "10.1.2.3", None),
        ("2.3", "10.1.2.3", "2.3"),
        ("x,*", "hf.test", "*"),
        ("*", "10.1.2.3", "*"),
        ("", "hf.test", None),
    ],
)
def test_no_proxy(text: str, host: str, entry: str | None) -> None:
    assert bypassing(text, host, 443) == entry


STORES = Stores("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs")
SYSTEM = ("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs", "/etc/pki/tls/certs")


@pytest.mark.parametrize(
    ("environment", "settings", "files"),
    [
        ({}, (), SYSTEM),
        ({"GIT_SSL_CAINFO": "/a"}, (GitSetting("sslcainfo", "/b"),), ("/a",)),
        ({}, (GitSetting("sslcainfo", "/b"), GitSetting("sslcapath", "/d")), ("/b",)),
        ({}, (GitSetting("sslcainfo", "/b", "https://hf.test"),), ("/b",)),
        ({}, (GitSetting("sslcainfo", "/b", "https://s3.hf.test"),), SYSTEM),
        ({}, (GitSetting("sslcainfo", "/b", "https://hf.test/me"),), SYSTEM),
        ({}, (GitSetting("sslcapath", "/d"),), ("/d",)),
        ({}, (GitSetting("sslcainfo", "~/b"),), SYSTEM),
        ({}, (GitSetting("sslcainfo", "/b"), GitSetting("sslbackend", "schannel")), SYSTEM),
        ({"SSL_CERT_FILE": "/s"}, (), ("/s", *SYSTEM)),
        ({"SSL_CERT_FILE": "/gone"}, (), SYSTEM),
        ({"SSL_CERT_FILE": "/s", "SSL_CERT_DIR": "/d:/e"}, (), ("/s", "/d", "/e")),
    ],
)
def test_what_it_trusts(environment: dict[str, str], settings: tuple[GitSetting, ...], files: tuple[str, ...]) -> None:
    around = Surroundings(environment, settings, stores=STORES, absent=frozenset({"~/b", "/gone"}))
    assert lfs_trust(around, HUB).files == files


@pytest.mark.parametrize(
    ("environment", "settings", "verifies"),
    [
        ({}, (), True),
        ({"GIT_SSL_NO_VERIFY": "1"}, (), False),
        ({"GIT_SSL_NO_VERIFY": "false"}, (), True),
        ({}, (GitSetting("sslverify", "0"),), False),
        ({}, (GitSetting("sslverify", "false", "https://hf.test"),), False),
        ({}, (GitSetting("sslverify", "no", "https://hf.test"),), True),
        ({}, (GitSetting("sslverify", "false"), GitSetting("sslverify", "true", "https://hf.test")), False),
    ],
)
def test_when_it_checks_certificates(
    environment: dict[str, str], settings: tuple[GitSetting, ...], verifies: bool
) -> None:
    assert lfs_trust(Surroundings(environment, settings), HUB).verifies is verifies
