"""The session against real servers: who sees the token, where redirects end, what bounds an answer."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hfpush.endpoints import Endpoint
from hfpush.errors import Damaged, HfpushError, LeaseExpired, Misuse, Refused, Unavailable
from hfpush.net.body import SliceBody
from hfpush.net.http import NOT_A_HUB_TRIES, Call, Http
from hfpush.net.network import Network
from hfpush.net.patience import Patience

TOKEN = "hf_SecretSecretSecretSecretSecretSecret"
QUICK = Patience(connect=5, idle=0.3, answer=0.3, whole=5)


def open_http(peer: Any, token: str | None = TOKEN, **more: Any) -> Http:
    return Http(Endpoint("here", peer.url), token, **more)


def told(caught: pytest.ExceptionInfo[HfpushError]) -> str:
    """All that a user, a log or a traceback may show of an error."""
    return repr(caught.value.finding) + str(caught.value)


def ok(_: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, b'{"fine": true}'


# ------------------------------------------------------------------ the token


def test_the_token_goes_to_the_endpoint(serve: Any) -> None:
    peer = serve(ok)
    with open_http(peer) as http:
        assert http.json(Call("GET", f"{peer.url}/api")) == {"fine": True}
    assert peer.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("signed", [True, False])
def test_the_token_goes_to_no_other_host(serve: Any, signed: bool) -> None:
    here, elsewhere = serve(ok), serve(ok)
    with open_http(here) as http:
        http.send(Call("GET", f"{elsewhere.url}/x?sig=1", signed=signed))
    assert "authorization" not in elsewhere.requests[0].headers


def test_a_signed_url_of_the_endpoint_gets_no_token_either(serve: Any) -> None:
    peer = serve(ok)
    with open_http(peer) as http:
        http.send(Call("POST", f"{peer.url}/complete?sig=1", signed=True, json={}))
    assert "authorization" not in peer.requests[0].headers


def test_a_redirect_to_another_host_takes_no_credentials_along(serve: Any) -> None:
    elsewhere = serve(ok)
    here = serve(lambda _: (302, {"Location": f"{elsewhere.url}/x?sig=1"}, b""))
    with open_http(here) as http:
        http.send(Call("GET", f"{here.url}/a"))
        http.send(Call("GET", f"{here.url}/b", {"authorization": "Basic lease"}))
    assert [r.headers["authorization"] for r in here.requests] == [f"Bearer {TOKEN}", "Basic lease"]
    assert not any("authorization" in r.headers for r in elsewhere.requests)


def test_headers_of_a_call_may_bring_their_own_authorization(serve: Any) -> None:
    peer = serve(ok)
    with open_http(peer) as http:
        http.send(Call("GET", f"{peer.url}/a", {"authorization": "Basic lease"}))
    assert peer.requests[0].headers["authorization"] == "Basic lease"


@pytest.mark.parametrize("signed", [True, False])
def test_no_password_of_a_netrc_file_is_sent(serve: Any, home: Path, signed: bool) -> None:
    (home / ".netrc").write_text("machine 127.0.0.1 login ada password secret\n")
    (home / ".netrc").chmod(0o600)
    peer = serve(ok)
    with open_http(peer, token=None) as http:
        http.send(Call("PUT", f"{peer.url}/x?sig=1", data=b"x", signed=signed))
    assert "authorization" not in peer.requests[0].headers


def test_cookies_are_not_kept(serve: Any) -> None:
    peer = serve(lambda _: (200, {"Set-Cookie": "who=me"}, b""))
    with open_http(peer) as http:
        http.send(Call("GET", f"{peer.url}/1"))
        http.send(Call("GET", f"{peer.url}/2"))
    assert "cookie" not in peer.requests[1].headers


@pytest.mark.parametrize("token", ["hf_a\nX-Evil: 1", "hf_a b", "hf_ä", "hf_a\r"])
def test_a_token_that_would_break_a_header_is_a_misuse_that_does_not_show_it(token: str) -> None:
    with pytest.raises(Misuse) as caught:
        Http(Endpoint("here", "http://127.0.0.1"), token)
    assert caught.value.finding.reference == "token-malformed"
    assert token not in told(caught)


def test_a_token_that_the_server_repeats_is_not_shown(serve: Any) -> None:
    peer = serve(lambda r: (401, {"X-Error-Message": f"unknown {r.headers['authorization']}"}, b""))
    with open_http(peer, token="mirror-pass-1") as http, pytest.raises(Refused) as caught:
        http.send(Call("GET", f"{peer.url}/api"))
    assert caught.value.finding.reference == "token-refused"
    assert "mirror-pass-1" not in told(caught)


# ------------------------------------------------------------------ redirects


def test_circles_of_redirects_end(serve: Any) -> None:
    peer = serve(lambda _: (302, {"Location": "/again?sig=SECRET"}, b"moved"))
    with open_http(peer) as http, pytest.raises(Refused) as caught:
        http.send(Call("GET", f"{peer.url}/a"))
    assert caught.value.finding.reference == "redirect-refused"
    assert "SECRET" not in told(caught)
    assert len(peer.requests) == 6
    assert peer.connections == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_post_to_the_endpoint_is_not_repeated_at_another_host(serve: Any, status: int) -> None:
    elsewhere = serve(ok)
    here = serve(lambda _: (status, {"Location": f"{elsewhere.url}/login?next=SECRET"}, b""))
    with open_http(here) as http, pytest.raises(Refused) as caught:
        http.send(Call("POST", f"{here.url}/api/repos/create", json={"name": "m"}))
    assert caught.value.finding.reference == ("mirror-half" if status in (307, 308) else "redirect-refused")
    assert caught.value.status == status
    assert elsewhere.requests == []
    assert here.url in told(caught)
    assert elsewhere.url in told(caught)
    assert "SECRET" not in told(caught)


def test_a_body_is_sent_again_from_its_first_byte(serve: Any) -> None:
    region = serve(ok)
    storage = serve(lambda _: (307, {"Location": f"{region.url}/key?sig=2"}, b""))
    content = bytes(range(256)) * 1000
    call = Call(
        "PUT", f"{storage.url}/key?sig=1", body=lambda: SliceBody(io.BytesIO(content), len(content)), signed=True
    )
    with Http(Endpoint("hub", "http://hub.example")) as http:
        http.send(call)
    assert [r.body for r in (storage.requests[0], region.requests[0])] == [content, content]


def test_parameters_are_sent_once_and_a_see_other_is_a_get(serve: Any) -> None:
    def answer(request: Any) -> Any:
        return (303, {"Location": "/there?page=1"}, b"") if request.method == "POST" else ok(request)

    peer = serve(answer)
    with open_http(peer) as http:
        http.send(Call("POST", f"{peer.url}/here", params={"page": "1"}, json={"a": 1}))
    assert [(r.method, r.path, r.body) for r in peer.requests] == [
        ("POST", "/here?page=1", b'{"a": 1}'),
        ("GET", "/there?page=1", b""),
    ]


def test_an_answer_after_a_redirect_is_judged_by_where_it_came_from(serve: Any) -> None:
    cdn = serve(lambda _: (403, {}, b"<Error><Code>AccessDenied</Code><Message>expired</Message></Error>"))
    here = serve(lambda _: (302, {"Location": f"{cdn.url}/x?sig=SECRET"}, b""))
    with open_http(here) as http, pytest.raises(LeaseExpired) as caught:
        http.send(Call("GET", f"{here.url}/a", stream=True))
    assert "AccessDenied" in told(caught)
    assert "SECRET" not in told(caught)


# ------------------------------------------------------------------ answers


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<html>Please log in</html>"),
        ("application/json", b""),
        ("application/json", b'{"cut": '),
        ("application/json", b"\xff\xfe\x00"),
        ("application/json", b"[" * 100_000),
        ("application/json", b"9" * 10_000),
        ("\x1b[31m", b"x"),
    ],
)
def test_what_is_no_json_is_no_hub(serve: Any, kind: str, body: bytes) -> None:
    peer = serve(lambda _: (200, {"Content-Type": kind}, body))
    with open_http(peer) as http, pytest.raises(Unavailable) as caught:
        http.json(Call("GET", f"{peer.url}/api?x=SECRET"))
    assert (caught.value.finding.reference, caught.value.tries) == ("not-a-hub", NOT_A_HUB_TRIES)
    assert "SECRET" not in told(caught)
    assert "\x1b" not in told(caught)


def test_an_answer_may_come_in_chunks_and_compressed(serve_raw: Any) -> None:
    packed = gzip.compress(json.dumps({"names": ["ü"] * 1000}).encode())

    def talk(conversation: Any, _: Any) -> None:
        conversation.head()
        conversation.send(b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n")
        for piece in (packed[:10], packed[10:]):
            conversation.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        conversation.send(b"0\r\n\r\n")

    peer = serve_raw(talk)
    with open_http(peer) as http:
        assert len(http.json(Call("GET", f"{peer.url}/api"))["names"]) == 1000


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        b"HTTP/1.1 500 x\r\nContent-Length: 100\r\n\r\noops",
        b"HTTP/1.1 302 x\r\nLocation: /y\r\nContent-Length: 100\r\n\r\noops",
        b"HTTP/1",
        b"",
    ],
)
def test_an_answer_that_is_cut_may_be_asked_for_again(serve_raw: Any, answer: bytes) -> None:
    def talk(conversation: Any, _: Any) -> None:
        conversation.head()
        conversation.send(answer)

    peer = serve_raw(talk)
    with open_http(peer) as http, pytest.raises(Unavailable) as caught:
        http.send(Call("GET", f"{peer.url}/api?x=SECRET"))
    assert caught.value.finding.reference == "connection-cut"
    assert "SECRET" not in told(caught)


def test_an_answer_without_end_is_not_read_to_its_end(serve: Any) -> None:
    bomb = gzip.compress(b" " * (65 << 20))
    peer = serve(lambda _: (200, {"Content-Encoding": "gzip"}, bomb))
    with open_http(peer) as http, pytest.raises(Damaged) as caught:
        http.send(Call("GET", f"{peer.url}/api"))
    assert caught.value.finding.reference == "answer-too-large"


def test_of_a_long_refusal_only_the_beginning_is_read(serve: Any) -> None:
    peer = serve(lambda _: (400, {"Content-Type": "text/html"}, b"x" * (8 << 20)))
    with open_http(peer) as http, pytest.raises(Refused) as caught:
        http.send(Call("GET", f"{peer.url}/api"))
    assert "an HTML page" in told(caught)


def test_a_refusal_of_a_streamed_call_is_told_too(serve: Any) -> None:
    peer = serve(lambda _: (404, {"X-Error-Code": "EntryNotFound"}, b"no"))
    with open_http(peer) as http, pytest.raises(HfpushError) as caught:
        http.send(Call("GET", f"{peer.url}/a", stream=True))
    assert caught.value.finding.reference == "file-not-found"
    assert caught.value.status == 404


def test_one_connection_serves_many_calls(serve: Any) -> None:
    def answer(request: Any) -> Any:
        if request.path == "/moved":
            return 302, {"Location": "/api"}, b"go there"
        return (404, {}, b"no") if request.path == "/no" else ok(request)

    peer = serve(answer)
    with open_http(peer) as http:
        http.send(Call("GET", f"{peer.url}/api"))
        http.send(Call("GET", f"{peer.url}/moved"))
        with pytest.raises(HfpushError):
            http.send(Call("GET", f"{peer.url}/no"))
        http.send(Call("GET", f"{peer.url}/api"))
    assert peer.connections == 1


# ------------------------------------------------------------------ patience


def test_a_server_that_never_answers_is_not_waited_for(serve_raw: Any) -> None:
    peer = serve_raw(lambda conversation, peer: (conversation.head(), peer.over.wait(20)))
    with open_http(peer, network=Network(patience=QUICK)) as http, pytest.raises(Unavailable) as caught:
        http.send(Call("GET", f"{peer.url}/api?x=SECRET"))
    assert caught.value.finding.reference == "stalled"
    assert "SECRET" not in told(caught)


def test_a_call_may_bring_its_own_patience_for_the_answer(serve_raw: Any) -> None:
    def talk(conversation: Any, peer: Any) -> None:
        conversation.head()
        peer.over.wait(0.6)
        conversation.answer(200, b"{}")

    peer = serve_raw(talk)
    with open_http(peer, network=Network(patience=QUICK)) as http:
        assert http.json(Call("POST", f"{peer.url}/complete", answer_seconds=10)) == {}


def test_an_answer_that_drips_is_not_waited_for(serve_raw: Any) -> None:
    def talk(conversation: Any, peer: Any) -> None:
        conversation.head()
        conversation.send(b"HTTP/1.1 200 x\r\nContent-Length: 100000\r\n\r\n")
        while not peer.over.wait(0.05):
            conversation.send(b" ")

    peer = serve_raw(talk)
    patience = Patience(connect=5, idle=5, answer=5, whole=0.4)
    with open_http(peer, network=Network(patience=patience)) as http, pytest.raises(Unavailable) as caught:
        http.send(Call("GET", f"{peer.url}/api"))
    assert caught.value.finding.reference == "stalled"


# ------------------------------------------------------------------ proxies and certificates


def test_a_proxy_of_the_environment_is_used_and_the_names_it_must_not_see_are_not(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, here = serve(ok), serve(ok)
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Http(Endpoint("hub", "http://hub.example"), TOKEN) as http:
        http.send(Call("GET", "http://hub.example/api"))
        http.send(Call("GET", f"{here.url}/x"))
    assert [r.path for r in proxy.requests] == ["http://hub.example/api"]
    assert [r.path for r in here.requests] == ["/x"]


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    ("status", "kind", "reference"),
    [(407, Refused, "proxy-login"), (403, Refused, "proxy-refused"), (502, Unavailable, "proxy-failed")],
)
def test_a_proxys_no_to_a_tunnel_says_what_to_do(
    serve: Any, monkeypatch: pytest.MonkeyPatch, name: str, status: int, kind: type[HfpushError], reference: str
) -> None:
    proxy = serve(lambda _: (status, {}, b""))
    monkeypatch.setenv(name, proxy.url.replace("://", "://ada:proxysecret@"))
    with Http(Endpoint("hub", "https://hub.example"), TOKEN) as http, pytest.raises(kind) as caught:
        http.send(Call("GET", "https://hub.example/x?sig=SECRET"))
    assert caught.value.finding.reference == reference
    assert not any(secret in told(caught) for secret in ("SECRET", "proxysecret", TOKEN))
    assert [(r.method, r.path) for r in proxy.requests] == [("CONNECT", "hub.example:443")]
    assert "authorization" not in proxy.requests[0].headers


def test_a_proxy_that_wants_a_login_for_plain_http_says_so_too(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(lambda _: (407, {}, b""))
    monkeypatch.setenv("http_proxy", proxy.url)
    with Http(Endpoint("hub", "http://hub.example")) as http, pytest.raises(Refused) as caught:
        http.send(Call("GET", "http://hub.example/x"))
    assert caught.value.finding.reference == "proxy-login"


@pytest.mark.needs("openssl")
def test_a_certificate_is_trusted_by_its_file_and_only_then(
    serve: Any, certificate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = certificate()
    peer = serve(ok, tls=own.context)
    call = Call("GET", f"{peer.url}/x")
    with open_http(peer) as http, pytest.raises(Refused) as caught:
        http.send(call)
    assert caught.value.finding.reference == "tls-untrusted"
    assert peer.requests == []
    with open_http(peer, network=Network(ca_bundle=str(own.file))) as http:
        assert http.json(call) == {"fine": True}
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(own.file))
    with open_http(peer) as http:
        assert http.json(call) == {"fine": True}
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
    with open_http(
        peer, network=Network(ca_bundle=str(own.file))
    ) as http:  # what was named for us beats the environment
        assert http.json(call) == {"fine": True}


# ------------------------------------------------------------------ what a server may not do to us


@pytest.mark.parametrize("value", ["SECRET\r\nX-Evil: 1", "SECRET\u20ac", " SECRET", "SECRET\n"])
def test_a_header_of_a_lease_that_cannot_be_sent_is_refused_and_not_shown(serve: Any, value: str) -> None:
    peer = serve(ok)
    with open_http(peer) as http, pytest.raises(Refused) as caught:
        http.send(Call("PUT", f"{peer.url}/x", {"X-Lease": value}, data=b"x", signed=True))
    assert caught.value.finding.reference == "url-unusable"
    assert "SECRET" not in told(caught)
    assert peer.requests == []


@pytest.mark.parametrize(
    "url", ["", "nonsense", "file:///etc/passwd", "http://", "http://[::1/?SECRET", "http://a..b/?SECRET"]
)
def test_an_address_that_cannot_be_used_is_refused(url: str) -> None:
    with Http(Endpoint("hub", "http://hub.example")) as http, pytest.raises(Refused) as caught:
        http.send(Call("GET", url, signed=True))
    assert caught.value.finding.reference == "url-unusable"
    assert "SECRET" not in told(caught)


@pytest.mark.parametrize("exchange", [True, False])
def test_a_refusal_that_comes_before_the_whole_body_was_taken_is_understood(serve_raw: Any, exchange: bool) -> None:
    body = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"

    def talk(conversation: Any, peer: Any) -> None:
        conversation.head()
        conversation.answer(403, body, {"Content-Type": "application/xml", "Connection": "close"})
        conversation.close()

    size = 8_000_000
    peer = serve_raw(talk)
    call = Call("PUT", f"{peer.url}/o?sig=SECRET", body=lambda: SliceBody(io.BytesIO(bytes(size)), size), signed=True)
    with open_http(peer, network=Network(patience=QUICK)) as http, pytest.raises(HfpushError) as caught:
        (http.exchange if exchange else http.send)(call)
    assert isinstance(caught.value, LeaseExpired), caught.value
    assert "Request has expired" in told(caught)


@pytest.mark.parametrize("exchange", [True, False])
def test_an_answer_that_ends_with_the_connection_is_whole(serve_raw: Any, exchange: bool) -> None:
    def talk(conversation: Any, peer: Any) -> None:
        conversation.body(conversation.head())
        conversation.send(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: x\r\n\r\n{"a": 1}')
        conversation.close()

    peer = serve_raw(talk)
    with open_http(peer, network=Network(patience=QUICK)) as http:
        if exchange:
            assert http.exchange(Call("PUT", f"{peer.url}/o", data=b"x", signed=True)).headers["ETag"] == "x"
        else:
            assert http.json(Call("POST", f"{peer.url}/o", json={})) == {"a": 1}


# ------------------------------------------------------------------ any answer


def test_a_redirect_to_what_is_no_address_is_refused(serve: Any) -> None:
    peer = serve(lambda _: (302, {"Location": "http://["}, b""))
    with open_http(peer) as http, pytest.raises(Refused) as caught:
        http.json(Call("GET", f"{peer.url}/api"))
    assert caught.value.finding.reference == "redirect-refused"


@pytest.mark.parametrize("status", [200, 302, 403, 429, 503])
def test_whatever_answers_can_be_looked_at(serve: Any, status: int) -> None:
    peer = serve(lambda _: (status, {"Location": "/x", "Retry-After": "9"}, b"said"))
    with open_http(peer) as http:
        reply = http.answered(Call("GET", f"{peer.url}/api"))
    assert (reply.status, reply.body, reply.headers["Retry-After"]) == (status, b"said", "9")
    assert len(peer.requests) == 1
