from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.bridge.request_head import END, Asked, Unreadable, answer_head, read_head


def head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


@pytest.mark.parametrize(
    ("target", "host", "port", "url"),
    [
        ("hf.test:443", "hf.test", 443, "https://hf.test/"),
        ("hf.test:8443", "hf.test", 8443, "https://hf.test:8443/"),
        ("10.0.0.1:1", "10.0.0.1", 1, "https://10.0.0.1:1/"),
        ("[fd77::2]:443", "fd77::2", 443, "https://[fd77::2]/"),
        ("a_b-c.xn--e1a.test:65535", "a_b-c.xn--e1a.test", 65535, "https://a_b-c.xn--e1a.test:65535/"),
    ],
)
def test_connect_names_host_and_port(target: str, host: str, port: int, url: str) -> None:
    asked = read_head(head(f"CONNECT {target} HTTP/1.1", f"Host: {target}", "User-Agent: git/2.39.5 (x)"))
    assert (asked.host, asked.port, asked.url, asked.agent) == (host, port, url, "git/2.39.5")
    assert asked.is_tunnel


@pytest.mark.parametrize(
    "lines",
    [
        ["CONNECT hf.test HTTP/1.1"],
        ["CONNECT hf.test:0 HTTP/1.1"],
        ["CONNECT hf.test:65536 HTTP/1.1"],
        ["CONNECT hf.test:443x HTTP/1.1"],
        ["CONNECT :443 HTTP/1.1"],
        ["CONNECT -o:443 HTTP/1.1"],
        ["CONNECT a@b:443 HTTP/1.1"],
        ["CONNECT [hf.test]:443 HTTP/1.1"],
        ["CONNECT [::1:443 HTTP/1.1"],
        ["CONNECT h\xf6st:443 HTTP/1.1"],
        ["CONNECT hf.test:443 HTTP/2"],
        ["CONNECT  hf.test:443 HTTP/1.1"],
        ["CONNECT hf.test:443"],
        ["CONNECT hf.test:443 HTTP/1.1", " folded: x"],
        ["CONNECT hf.test:443 HTTP/1.1", "no colon"],
        ["CONNECT hf.test:443 HTTP/1.1", "space : x"],
        ["CONNECT hf.test:443 HTTP/1.1", "x: a\nb"],
        ["GET / HTTP/1.1", "Host: hf.test"],
        ["GET https://hf.test/ HTTP/1.1"],
        ["GET ftp://hf.test/ HTTP/1.1"],
        ["GET http://u:p@hf.test/ HTTP/1.1"],
        ["GET http://hf.test/#x HTTP/1.1"],
        ["GET http:///x HTTP/1.1"],
        ["GET http://[::1/x HTTP/1.1"],
        ["POST http://hf.test/ HTTP/1.1", "Content-Length: 1", "Content-Length: 2"],
        ["POST http://hf.test/ HTTP/1.1", "Content-Length: -1"],
        ["POST http://hf.test/ HTTP/1.1", "Content-Length: 1", "Transfer-Encoding: chunked"],
        [""],
    ],
)
def test_what_could_be_read_in_two_ways_is_not_read(lines: list[str]) -> None:
    with pytest.raises(Unreadable):
        read_head(head(*lines))


def test_a_head_without_its_end_or_with_more_behind_it_is_not_read() -> None:
    whole = head("CONNECT hf.test:443 HTTP/1.1")
    for wrong in (whole[:-1], whole + b"x", whole + whole, b""):
        with pytest.raises(Unreadable):
            read_head(wrong)


def test_a_plain_request_loses_what_is_the_proxy_s_and_is_used_once() -> None:
    asked = read_head(
        head(
            "POST http://hf.test:8080/a%20b?c=d HTTP/1.1",
            "Host: hf.test:8080",
            "Proxy-Authorization: Basic YTpi",
            "Proxy-Connection: keep-alive",
            "Connection: keep-alive, X-Mine",
            "X-Mine: 1",
            "Keep-Alive: 5",
            "Upgrade: h2c",
            "Authorization: Bearer x",
            "Content-Length: 5",
        )
    )
    kept = "Host: hf.test:8080", "Authorization: Bearer x", "Content-Length: 5", "Connection: close"
    assert asked.onward == head("POST /a%20b?c=d HTTP/1.1", *kept)
    assert asked.through == head("POST http://hf.test:8080/a%20b?c=d HTTP/1.1", *kept)
    assert (asked.host, asked.port, asked.body, asked.login) == ("hf.test", 8080, 5, b"a:b")


def test_a_body_keeps_its_framing_and_the_host_is_the_one_that_is_asked() -> None:
    fields = "Host: a.test", "Host: b.test", "Connection: content-length, transfer-encoding", "Content-Length: 5"
    asked = read_head(head("POST http://hf.test/ HTTP/1.1", *fields))
    assert asked.onward == head("POST / HTTP/1.1", "Host: hf.test", "Content-Length: 5", "Connection: close")
    assert asked.body == 5


@pytest.mark.parametrize(
    ("target", "first"),
    [("http://hf.test", "/"), ("HTTP://hf.test?x=1", "/?x=1"), ("http://[fd77::2]:81/", "/")],
)
def test_a_plain_request_gets_a_path_and_a_host(target: str, first: str) -> None:
    asked = read_head(head(f"GET {target} HTTP/1.0"))
    assert asked.onward is not None
    assert asked.onward.startswith(f"GET {first} HTTP/1.0\r\nHost: ".encode())
    assert asked.body == 0


def test_the_end_of_a_chunked_body_is_not_known() -> None:
    assert read_head(head("PUT http://hf.test/ HTTP/1.1", "Transfer-Encoding: chunked")).body is None


@pytest.mark.parametrize(
    ("fields", "login"),
    [
        (["Proxy-Authorization: Basic YTpi"], b"a:b"),
        (["proxy-authorization: BASIC   YTpi  "], b"a:b"),
        (["Proxy-Authorization: Basic YTpi", "Proxy-Authorization: Basic YTpi"], None),
        (["Proxy-Authorization: Bearer YTpi"], None),
        (["Proxy-Authorization: Basic !"], None),
        (["Proxy-Authorization: Basic \xf6"], None),
        ([], None),
    ],
)
def test_a_login_is_given_once_and_as_basic(fields: list[str], login: bytes | None) -> None:
    assert read_head(head("CONNECT hf.test:443 HTTP/1.1", *fields)).login == login


def test_no_login_is_shown() -> None:
    asked = read_head(head("GET http://hf.test/ HTTP/1.1", "Proxy-Authorization: Basic c2VjcmV0OnNlY3JldA=="))
    assert "secret" not in repr(asked)
    assert "c2Vj" not in repr(asked)


_WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
_LINES = st.one_of(
    st.binary(max_size=60),
    st.builds(lambda n, v: f"{n}: {v}".encode(), _WORDS, _WORDS),
    st.builds(lambda h, p: f"CONNECT {h}:{p} HTTP/1.1".encode(), _WORDS, st.integers(-1, 70_000)),
    st.builds(lambda m, h: f"{m} http://{h} HTTP/1.1".encode(), _WORDS, _WORDS),
    st.builds(lambda v: b"Proxy-Authorization: Basic " + base64.b64encode(v), st.binary(max_size=20)),
)


@given(st.lists(_LINES, max_size=6))
def test_any_head_is_read_or_refused_and_what_goes_on_is_one_request(lines: list[bytes]) -> None:
    with suppress(Unreadable):
        asked = read_head(b"\r\n".join(lines) + END)
        assert isinstance(asked, Asked)
        assert 0 < asked.port < 65536
        for sent in (asked.onward, asked.through):
            if sent is not None:
                assert sent.count(END) == 1
                assert sent.endswith(b"\r\nConnection: close" + END)
                assert not any(line.lower().startswith(b"proxy-") for line in sent.split(b"\r\n")[1:])


def test_the_client_is_told_to_use_the_connection_once() -> None:
    status, changed = answer_head(head("HTTP/1.1 200 OK", "Connection: keep-alive", "Keep-Alive: 5", "ETag: x"))
    assert status == 200
    assert changed == head("HTTP/1.1 200 OK", "ETag: x", "Connection: close")


def test_an_interim_answer_is_left_alone() -> None:
    interim = head("HTTP/1.1 100 Continue")
    assert answer_head(interim) == (100, interim)


@pytest.mark.parametrize("wrong", [b"", b"HTTP/2 200" + END, b"hello" + END, b"HTTP/1.1 2000 x" + END])
def test_what_is_no_answer_is_told(wrong: bytes) -> None:
    with pytest.raises(Unreadable):
        answer_head(wrong)
