"""The ways of all clients side by side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hfpush.diagnose.clients.around import Surroundings
from hfpush.diagnose.facts.machine import Client, Program, Wrapper
from hfpush.diagnose.route import lines, ways
from hfpush.net.git_settings import GitSetting
from hfpush.net.routes import Routes

HUB, STORAGE = "https://hf.test/me/m", "https://s3.hf.test/x?X-Amz-Signature=abc"
PROGRAMS = (
    Program("git", version="2.39.5"),
    Program("git-lfs", version="3.3.0", is_go=True),
    Program("huggingface_hub", version="2.4.0", http="httpx2 2.16.2"),
    Program("hf_xet"),
    Program("curl", version="7.88.1"),
)


def around(environment: dict[str, str], *settings: GitSetting, wrapper: Wrapper | None = None) -> Surroundings:
    return Surroundings(environment, settings, PROGRAMS, wrapper, routes=Routes.of(environment))


def vias(made: Surroundings, url: str = HUB) -> dict[Client, str]:
    return {way.client: way.via for way in ways(made, {"hub": url})}


def test_there_is_a_way_for_each_client_that_is_there_and_each_target() -> None:
    found = ways(around({}), {"hub": HUB, "storage": STORAGE})
    there = ["git", "git-lfs", "hfpush", "huggingface_hub", "curl"]
    assert [(way.client, way.target) for way in found] == [
        (client, target) for target in ("hub", "storage") for client in there
    ]
    assert {way.line for way in found} == {"hf.test:443 straight", "s3.hf.test:443 straight"}


def test_all_proxy_leads_all_but_git_lfs() -> None:
    found = vias(around({"ALL_PROXY": "http://a:1"}))
    assert found.pop("git-lfs") == ""
    assert set(found.values()) == {"http://a:1"}


def test_a_proxy_for_the_hub_alone_leaves_git_lfs_straight_at_the_storage() -> None:
    made = around({}, GitSetting("proxy", "http://a:1", "https://hf.test"))
    found = {(way.client, way.target): way.via for way in ways(made, {"hub": HUB, "storage": STORAGE})}
    assert found["git", "hub"] == found["git-lfs", "hub"] == "http://a:1"
    assert found["git-lfs", "storage"] == ""


def test_a_wrapper_leads_those_who_would_go_straight_but_git_lfs() -> None:
    loaded = Wrapper("proxychains", "libproxychains.so.4", "/etc/proxychains.conf", ("socks5h://s:1080",))
    found = {way.client: way for way in ways(around({}, wrapper=loaded), {"hub": HUB})}
    assert found["git-lfs"].via == ""
    assert found["git"].via == found["curl"].via == found["hfpush"].via == "proxychains"
    assert found["git"].names == "proxy"
    assert found["git"].line == "hf.test:443 through proxychains"
    assert set(lines(around({}, wrapper=loaded), found.values())) == {way.line for way in found.values()}


def test_a_wrapper_that_is_only_configured_leads_nobody() -> None:
    there = Wrapper("proxychains", "", "/etc/proxychains.conf", ("socks5h://s:1080",))
    assert set(vias(around({}, wrapper=there)).values()) == {""}


def test_lines_have_the_login_and_ways_have_not() -> None:
    made = around({"HTTPS_PROXY": "http://u:secret@a:1"})
    found = ways(made, {"hub": HUB})
    assert "secret" not in repr(found)
    made_lines = lines(made, found)
    line = made_lines["hf.test:443 through http://a:1"]
    assert line.route.proxy == "http://u:secret@a:1"
    assert line.name == "hf.test:443 through http://a:1"
    assert "secret" not in repr(made_lines)


def test_a_way_that_ends_in_an_error_has_no_line() -> None:
    made = around({"HTTPS_PROXY": "socks4://s:1"})
    found = {way.client: way for way in ways(made, {"hub": HUB})}
    assert found["git-lfs"].error
    assert found["huggingface_hub"].error
    assert set(lines(made, found.values())) == {"hf.test:443 through socks4://s:1", "hf.test:443 through socks4a://s:1"}


def test_no_signature_of_a_url_is_kept() -> None:
    assert "abc" not in repr(ways(around({}), {"storage": STORAGE}))


def test_who_needs_which_host() -> None:
    found = ways(around({}), {"hub": HUB, "storage": STORAGE})
    assert [way.client for way in found if way.needed and way.target == "storage"] == [
        "git-lfs",
        "hfpush",
        "huggingface_hub",
    ]
    assert not any(way.needed for way in found if way.client == "curl")


def test_a_plain_http_url_is_reached_without_tls() -> None:
    made = around({"HTTPS_PROXY": "http://a:1"})
    found = ways(made, {"hub": "http://hf.test:8080/me/m"})
    assert {way.line for way in found} == {"hf.test:8080 straight"}
    assert not any(line.secure for line in lines(made, found).values())


PROXIES = ("HTTPS_PROXY", "https_proxy", "http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy")
OTHERS = ("NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE", "REQUEST_METHOD")
TEXT = st.text().filter(lambda text: "s3cr3t" not in text)
ADDRESS = st.from_regex(r"(socks[45][ah]?|https?|ftp)?(://)?(u:s3cr3t@)?[a-z:@\[\]./%0-9]{0,12}", fullmatch=True)
URLS = (HUB, "https://[::1]:8443/x", "http://10.0.0.1", "https://[", "", "https://hf.test:99999/")


@given(
    st.dictionaries(st.sampled_from(PROXIES), TEXT | ADDRESS),
    st.dictionaries(st.sampled_from(OTHERS), TEXT),
    st.sampled_from(["proxy", "sslcainfo", "sslverify", "sslbackend", "sslcapath"]),
    TEXT,
    st.sampled_from(URLS),
)
def test_any_surroundings_have_ways_and_lines(
    proxies: dict[str, str], others: dict[str, str], name: str, value: str, url: str
) -> None:
    made = around({**proxies, **others}, GitSetting(name, value), GitSetting(name, value, value))
    found = ways(made, {"hub": url})
    assert len(found) == 5
    assert set(lines(made, found)) == {way.line for way in found if not way.error}
    assert not any("s3cr3t" in repr(way) for way in found)
