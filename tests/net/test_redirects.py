"""Where a redirect leads, and what goes along."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.endpoints import Endpoint
from hfpush.errors import Refused
from hfpush.net.body import SliceBody
from hfpush.net.call import Call
from hfpush.net.mirrored import Mirrored
from hfpush.net.redirects import STATUSES, circles, redirected

HUB = Endpoint("hub", "https://hub.example")
MIRROR = Endpoint("mirror", "https://mirror.example/hf", "mirror")
HERE = "https://hub.example/a/b?q=SECRET"
ELSEWHERE = "https://cdn.example/x?sig=SECRET"


def get(**more: object) -> Call:
    return Call("GET", HERE, {"Accept": "*/*", "authorization": "SECRET", "Cookie": "SECRET"}, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/c", "https://hub.example/c"),
        ("c", "https://hub.example/a/c"),
        ("//cdn.example/x", "https://cdn.example/x"),
        (ELSEWHERE, ELSEWHERE),
        ("?page=2", "https://hub.example/a/b?page=2"),
        (" /c ", "https://hub.example/c"),
        ("/caf\xc3\xa9", "https://hub.example/caf%C3%A9"),  # UTF-8, as header bytes reach us
        ("/50%25", "https://hub.example/50%25"),
    ],
)
def test_a_location_is_read_from_where_it_was_said(location: str, target: str) -> None:
    assert redirected(get(), 302, location, Mirrored(HUB)).url == target


@pytest.mark.parametrize(
    "location",
    [
        "http://hub.example/c",  # no longer TLS
        "file:///etc/passwd",
        "ftp://hub.example/",
        "javascript:alert(1)",
        "https://[::1/",
        "https://ada:pw@hub.example/",
        "https://hub.example\\@evil.example/",
        "https://hub.example:99999/",
        "https://hüb.example/",
        "https://hub.example\x01/",
        "https://hub%01.example/",
        "https://hub example/",
    ],
)
@pytest.mark.parametrize("signed", [True, False])
def test_an_address_that_must_not_be_followed_is_refused(location: str, signed: bool) -> None:
    with pytest.raises(Refused) as caught:
        redirected(get(signed=signed), 302, location, Mirrored(HUB))
    assert caught.value.finding.reference == "redirect-refused"
    assert caught.value.status == 302
    assert "SECRET" not in repr(caught.value.finding)


def test_plain_http_may_lead_to_tls_and_to_plain_http() -> None:
    plain = Endpoint("plain", "http://hub.example")
    call = Call("GET", "http://hub.example/")
    assert redirected(call, 301, "https://hub.example/", Mirrored(plain)).url == "https://hub.example/"
    assert redirected(call, 301, "http://cdn.example/", Mirrored(plain)).url == "http://cdn.example/"


def test_credentials_stay_behind_when_the_host_changes_and_only_then() -> None:
    assert set(redirected(get(), 302, "/c", Mirrored(HUB)).headers) == {"Accept", "authorization", "Cookie"}
    for elsewhere in (ELSEWHERE, "https://hub.example:8443/", "https://www.hub.example/"):
        assert set(redirected(get(), 302, elsewhere, Mirrored(HUB)).headers) == {"Accept"}


def test_parameters_are_not_said_twice() -> None:
    assert redirected(get(params={"recursive": "true"}), 302, "/c?recursive=true", Mirrored(HUB)).params is None


@pytest.mark.parametrize("status", STATUSES)
def test_a_write_to_the_endpoint_is_not_handed_over_to_another_host(status: int) -> None:
    call = Call("POST", HERE, json={"name": "m"})
    with pytest.raises(Refused) as caught:
        redirected(call, status, ELSEWHERE, Mirrored(HUB))
    evidence = " ".join(caught.value.finding.evidence)
    assert "https://hub.example/a/b" in evidence
    assert "https://cdn.example/x" in evidence
    assert "SECRET" not in evidence


@pytest.mark.parametrize("status", [307, 308])
def test_what_a_mirror_does_not_carry_is_named_and_where_it_would_have_gone(status: int) -> None:
    call = Call("POST", "https://mirror.example/hf/api/repos/create", json={"name": "m"})
    with pytest.raises(Refused) as caught:
        redirected(call, status, "https://elsewhere.example/api/repos/create", Mirrored(MIRROR, (HUB,)))
    finding = caught.value.finding
    assert (finding.reference, caught.value.status) == ("mirror-half", status)
    assert "creating a repository" in finding.message
    assert "elsewhere.example" in finding.message


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_mirror_may_hand_a_write_over_to_the_hub_it_stands_for(status: int) -> None:
    call = Call("POST", "https://mirror.example/hf/a/b.git/info/lfs/objects/batch", {"Accept": "x"}, json={"x": 1})
    following = redirected(call, status, "https://hub.example/a/b.git/info/lfs/objects/batch", Mirrored(MIRROR, (HUB,)))
    assert (following.method, following.json, dict(following.headers)) == ("POST", {"x": 1}, {"Accept": "x"})


@pytest.mark.parametrize(
    "mirrored",
    [
        Mirrored(Endpoint("mirror", "https://mirror.example/hf", "mirror", trusted=False), (HUB,)),
        Mirrored(Endpoint("mirror", "https://mirror.example/hf", "hub"), (HUB,)),
    ],
)
def test_who_is_no_trusted_mirror_hands_nothing_over(mirrored: Mirrored) -> None:
    call = Call("POST", "https://mirror.example/hf/api/repos/create", json={})
    with pytest.raises(Refused) as caught:
        redirected(call, 308, "https://hub.example/api/repos/create", mirrored)
    assert caught.value.finding.reference == "mirror-half"
    assert "the same command with --endpoint hub" in caught.value.finding.remedy


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_write_keeps_its_method_and_its_body(status: int) -> None:
    call = Call("PUT", ELSEWHERE, signed=True, body=lambda: SliceBody(io.BytesIO(b"x"), 1))
    following = redirected(call, status, "https://region.cdn.example/x", Mirrored(HUB))
    assert (following.method, following.signed) == ("PUT", True)
    assert following.body is call.body


def test_see_other_asks_for_a_get_without_a_body() -> None:
    following = redirected(Call("POST", HERE, json={"name": "m"}), 303, "/c", Mirrored(HUB))
    assert (following.method, following.json, following.data, following.body) == ("GET", None, None, None)
    assert redirected(Call("HEAD", HERE), 303, "/c", Mirrored(HUB)).method == "HEAD"


def test_what_another_host_sends_back_to_the_endpoint_goes_without_the_token() -> None:
    away = redirected(get(), 302, ELSEWHERE, Mirrored(HUB))
    assert not away.bare
    back = redirected(away, 302, "https://hub.example/api/whoami-v2", Mirrored(HUB))
    assert back.bare
    assert redirected(back, 302, "/again", Mirrored(HUB)).bare
    posted = redirected(Call("POST", ELSEWHERE, json={}), 307, "https://hub.example/api/repos/delete", Mirrored(HUB))
    assert (posted.method, posted.bare) == ("POST", True)


def test_circles_name_where_they_begin_and_end() -> None:
    error = circles(Call("GET", HERE), ELSEWHERE, 6)
    assert error.finding.evidence == (
        "GET https://hub.example/a/b was redirected 6 times, last to https://cdn.example/x",
    )


@given(st.text())
def test_no_location_breaks_the_reader(location: str) -> None:
    for text in (location, "https://" + location, "//" + location):
        try:
            following = redirected(get(), 302, text, Mirrored(HUB))
        except Refused:
            continue
        assert following.url.startswith("https://")
