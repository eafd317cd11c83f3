"""git's rules and curl's, as tables. tests/diagnose/test_route_contract.py holds them against the programs."""

from __future__ import annotations

import pytest

from hfpush.diagnose.clients.around import Stores, Surroundings
from hfpush.diagnose.clients.libcurl import bypassing, curl_proxy, curl_trust, git_proxy, git_trust
from hfpush.diagnose.facts.machine import Program
from hfpush.net.git_settings import GitSetting

A, B = "http://a:1", "http://b:2"
HUB, STORAGE = "https://hf.test/me/m", "https://s3.hf.test/x"


@pytest.mark.parametrize(
    ("environment", "via"),
    [
        ({}, ""),
        ({"HTTPS_PROXY": A}, A),
        ({"https_proxy": A, "HTTPS_PROXY": B}, A),
        ({"http_proxy": A, "HTTP_PROXY": B}, ""),
        ({"ALL_PROXY": A}, A),
        ({"all_proxy": A, "ALL_PROXY": B}, A),
        ({"HTTPS_PROXY": A, "ALL_PROXY": B}, A),
        ({"HTTPS_PROXY": A, "NO_PROXY": "hf.test"}, ""),
        ({"HTTPS_PROXY": A, "NO_PROXY": "hf.test", "no_proxy": "x"}, A),
        ({"HTTPS_PROXY": "socks4a://s:1"}, "socks4a://s:1"),
    ],
)
def test_variables_lead_git_and_curl_alike(environment: dict[str, str], via: str) -> None:
    around = Surroundings(environment)
    assert git_proxy(around, HUB).via == via
    assert curl_proxy(around, HUB).via == via


def test_an_empty_variable_is_unset_to_curl_and_none_to_git() -> None:
    around = Surroundings({"HTTPS_PROXY": A, "https_proxy": ""})
    assert (git_proxy(around, HUB).via, curl_proxy(around, HUB).via) == ("", A)
    around = Surroundings({"HTTPS_PROXY": A, "NO_PROXY": "hf.test", "no_proxy": ""})
    assert (git_proxy(around, HUB).via, curl_proxy(around, HUB).via) == (A, "")


@pytest.mark.parametrize(
    ("settings", "url", "via"),
    [
        ((GitSetting("proxy", A),), HUB, A),
        ((GitSetting("proxy", ""),), HUB, ""),
        ((GitSetting("proxy", A), GitSetting("proxy", "", "https://hf.test")), HUB, ""),
        ((GitSetting("proxy", A), GitSetting("proxy", "", "https://hf.test")), STORAGE, A),
        ((GitSetting("proxy", A, "https://hf.test"),), STORAGE, B),
        ((GitSetting("proxy", A, "https://hf.test/me/m", written="remote.o.proxy"), GitSetting("proxy", B)), HUB, A),
    ],
)
def test_git_s_settings_go_before_variables(settings: tuple[GitSetting, ...], url: str, via: str) -> None:
    around = Surroundings({"HTTPS_PROXY": B}, settings)
    assert git_proxy(around, url).via == via
    assert curl_proxy(around, url).via == B


def test_why_names_the_file_and_the_line() -> None:
    around = Surroundings(settings=(GitSetting("proxy", A, None, "/etc/gitconfig", 3),))
    found = git_proxy(around, HUB)
    assert (found.why, found.by) == ("http.proxy (/etc/gitconfig, line 3)", "http.proxy")


def test_curlrc_goes_before_variables() -> None:
    around = Surroundings({"HTTPS_PROXY": B}, curlrc=(("proxy", A),))
    assert curl_proxy(around, HUB).via == A
    around = Surroundings({"HTTPS_PROXY": B}, curlrc=(("noproxy", "hf.test"),))
    assert curl_proxy(around, HUB).bypassed == "hf.test"


def test_a_raw_at_is_an_error_to_curl_and_a_wrong_login_to_git() -> None:
    around = Surroundings({"HTTPS_PROXY": "http://u:p@s@a:1"})
    assert curl_proxy(around, HUB).error == "Unsupported proxy syntax"
    assert git_proxy(around, HUB).misread
    assert git_proxy(around, HUB).via == A


def test_an_unknown_scheme_is_an_error_to_curl_and_http_to_git() -> None:
    around = Surroundings({"HTTPS_PROXY": "ftp://a:1"})
    assert "Unsupported proxy scheme" in curl_proxy(around, HUB).error
    assert git_proxy(around, HUB).via == A


@pytest.mark.parametrize(
    ("text", "host", "entry"),
    [
        ("hf.test", "hf.test", "hf.test"),
        ("HF.TEST", "hf.test", "HF.TEST"),
        (" x , hf.test", "hf.test", "hf.test"),
        ("x hf.test", "hf.test", "hf.test"),
        (".hf.test", "hf.test", ".hf.test"),
        ("hf.test.", "hf.test", "hf.test."),
        ("test", "hf.test", "test"),
        ("f.test", "hf.test", None),
        ("*.test", "hf.test", None),
        ("hf.test:443", "hf.test", None),
        ("10.0.0.0/8", "hf.test", None),
        ("10.0.0.0/8", "10.1.2.3", "10.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3", "10.1.2.3"),
        ("10.1.2.3:443", "10.1.2.3", None),
        ("::1", "::1", "::1"),
        ("*", "hf.test", "*"),
        ("x,*", "hf.test", None),
        ("x,*", "10.1.2.3", None),
        ("", "hf.test", None),
    ],
)
def test_no_proxy(text: str, host: str, entry: str | None) -> None:
    assert bypassing(text, host) == entry


GNUTLS = Program("git", version="2.39.5", tls="gnutls", roots=("/etc/ssl/certs",))
OPENSSL = Program("git", version="2.43.0", tls="openssl", roots=("/etc/pki/tls/certs/ca-bundle.crt",))
STORES = Stores("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs")


@pytest.mark.parametrize(
    ("program", "files"),
    [
        (GNUTLS, ("/ca.pem", "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs")),
        (OPENSSL, ("/ca.pem",)),
    ],
)
def test_a_file_takes_the_place_of_git_s_own_file_and_not_of_its_folder(
    program: Program, files: tuple[str, ...]
) -> None:
    for around in (
        Surroundings({"GIT_SSL_CAINFO": "/ca.pem"}, programs=(program,), stores=STORES),
        Surroundings(settings=(GitSetting("sslcainfo", "/ca.pem"),), programs=(program,), stores=STORES),
    ):
        assert git_trust(around, HUB).files == files


def test_git_knows_the_home_folder_in_a_path() -> None:
    around = Surroundings({"HOME": "/etc/me"}, (GitSetting("sslcainfo", "~/ca.pem"),), programs=(OPENSSL,))
    assert git_trust(around, HUB).files == ("/etc/me/ca.pem",)


def test_an_empty_variable_is_a_file_without_a_name_to_git() -> None:
    assert "GIT_SSL_CAINFO is empty" in git_trust(Surroundings({"GIT_SSL_CAINFO": ""}), HUB).error


@pytest.mark.parametrize(
    ("environment", "settings", "verifies"),
    [
        ({}, (), True),
        ({"GIT_SSL_NO_VERIFY": ""}, (), False),
        ({}, (GitSetting("sslverify", "0"),), False),
        ({}, (GitSetting("sslverify", "false", "https://hf.test"),), False),
        ({}, (GitSetting("sslverify", "false", "https://s3.hf.test"),), True),
        ({}, (GitSetting("sslverify", "false"), GitSetting("sslverify", "true", "https://hf.test")), True),
    ],
)
def test_when_git_checks_certificates(
    environment: dict[str, str], settings: tuple[GitSetting, ...], verifies: bool
) -> None:
    assert git_trust(Surroundings(environment, settings), HUB).verifies is verifies


def test_a_tls_library_that_git_does_not_have_is_an_error_where_it_said_which_it_has() -> None:
    setting = (GitSetting("sslbackend", "OpenSSL"),)
    for backends, wrong in ((("gnutls",), True), (("gnutls", "openssl"), False), ((), False)):
        around = Surroundings(settings=setting, programs=(Program("git", version="2", backends=backends),))
        assert bool(git_trust(around, HUB).error) is wrong


@pytest.mark.parametrize(
    ("environment", "store", "files"),
    [
        ({}, "system", ("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs")),
        ({"CURL_CA_BUNDLE": "/c", "SSL_CERT_FILE": "/s"}, "CURL_CA_BUNDLE", ("/c", "/etc/ssl/certs")),
        ({"SSL_CERT_FILE": "/s"}, "SSL_CERT_FILE", ("/s", "/etc/ssl/certs")),
        ({"SSL_CERT_DIR": "/d"}, "SSL_CERT_DIR", ("/etc/ssl/certs/ca-certificates.crt", "/d")),
    ],
)
def test_what_curl_trusts(environment: dict[str, str], store: str, files: tuple[str, ...]) -> None:
    found = curl_trust(Surroundings(environment, stores=STORES), HUB)
    assert (found.store, found.files, found.verifies) == (store, files, True)


def test_curlrc_may_turn_the_check_off() -> None:
    assert not curl_trust(Surroundings(curlrc=(("insecure", ""),)), HUB).verifies
