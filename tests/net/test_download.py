"""The body of a GET against an origin that answers with whatever bytes a test wants."""

from __future__ import annotations

import gzip
import ssl
import subprocess
import threading
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.origin import Origin, answer, chunked, origin

from hfpush.endpoints import Endpoint
from hfpush.errors import Damaged, LeaseExpired, Unavailable
from hfpush.net.download import AnswerUnfit, Download, LeastRate, RangeUnusable, Wanted, open_download
from hfpush.net.http import Http
from hfpush.net.limit import Limit
from hfpush.net.lines import Lines
from hfpush.net.network import Network
from hfpush.net.patience import Patience

BODY = bytes(range(256)) * 1200  # 307,200 bytes: more than one hand-over


class Sink:
    """Takes what arrives, and checks that it arrives in order."""

    def __init__(self, start: int = 0) -> None:
        self.start, self.data = start, bytearray()

    def __call__(self, at: int, data: memoryview) -> None:
        assert at == self.start + len(self.data)
        self.data += data


def hub(server: Origin, *, idle: float = 5.0, token: str | None = None) -> Http:
    return Http(Endpoint("test", server.url), token, network=Network(Patience(5, idle, 5)))


def opened(http: Http) -> Download:
    return open_download(http, f"{http.endpoint.url}/file", Wanted(len(BODY)))


def fetched(url: str, wanted: Wanted) -> tuple[int, bytes]:
    with Http(Endpoint("test", url), network=Network(Patience(5, 5, 5))) as http:
        return received(http, f"{url}/file", wanted)


def received(http: Http, url: str, wanted: Wanted) -> tuple[int, bytes]:
    with open_download(http, url, wanted) as download:
        sink = Sink(download.start)
        download.receive(sink)
        return download.start, bytes(sink.data)


def test_body_with_a_length_arrives_and_the_connection_is_used_again() -> None:
    with origin(lambda head: answer(BODY)) as server, Http(Endpoint("test", server.url)) as http:
        for _ in range(3):
            assert received(http, f"{server.url}/file", Wanted(len(BODY))) == (0, BODY)
        assert server.connections == 1


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(chunked(BODY), id="chunked"),
        pytest.param(answer(BODY, Connection="close"), id="will close"),
        pytest.param(answer(gzip.compress(BODY), Content_Encoding="gzip"), id="gzip"),
        pytest.param(answer(zlib.compress(BODY), Content_Encoding="deflate"), id="deflate"),
        pytest.param(answer(BODY, Content_Encoding="identity"), id="identity"),
        pytest.param([*answer(BODY, length=None), b""], id="until a connection ends that nobody ends"),
    ],
)
def test_other_kinds_of_bodies_arrive(pieces: list[bytes]) -> None:
    with origin(lambda head: pieces) as server:
        assert fetched(server.url, Wanted(len(BODY))) == (0, BODY)


def test_body_that_ends_with_the_connection_arrives() -> None:
    with origin(lambda head: answer(BODY, length=None), hang_up=True) as server:
        assert fetched(server.url, Wanted(len(BODY))) == (0, BODY)


@pytest.mark.needs("openssl")
def test_body_over_tls_arrives_and_is_cut_and_resumed_as_well(tmp_path: Path) -> None:
    key, cert = str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")
    make = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x -keyout {key} -out {cert}".split()
    subprocess.run([*make, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True, timeout=60)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    rest = answer(BODY[9:], status="206 Partial Content", Content_Range=f"bytes 9-{len(BODY) - 1}/{len(BODY)}")
    with origin(lambda head: rest if "Range" in head else answer(BODY), tls=tls) as server:
        with Http(Endpoint("test", server.url), network=Network(ca_bundle=cert)) as http:
            assert received(http, f"{server.url}/file", Wanted(len(BODY))) == (0, BODY)
            assert received(http, f"{server.url}/file", Wanted(len(BODY), 9)) == (9, BODY[9:])
        assert server.connections == 1
    half = answer(BODY[:150_000], length=len(BODY))
    with (
        origin(lambda head: half, tls=tls, hang_up=True) as server,
        Http(Endpoint("x", server.url), network=Network(ca_bundle=cert)) as http,
    ):
        sink = Sink()
        with open_download(http, f"{server.url}/file", Wanted(len(BODY))) as download, pytest.raises(Unavailable):
            download.receive(sink)
    assert bytes(sink.data) == BODY[:150_000]


def test_empty_file_arrives() -> None:
    with origin(lambda head: answer(b"")) as server:
        assert fetched(server.url, Wanted(0)) == (0, b"")


def test_identity_is_asked_for_and_a_range_is_sent_only_when_needed() -> None:
    with origin(lambda head: answer(BODY)) as server:
        fetched(server.url, Wanted(len(BODY)))
    assert "Accept-Encoding: identity" in server.heads[0]
    assert "Range:" not in server.heads[0]


def test_a_request_says_who_we_are_once_and_nothing_of_the_machine() -> None:
    with origin(lambda head: answer(BODY)) as server:
        fetched(server.url, Wanted(len(BODY)))
    names = sorted(line.partition(":")[0].lower() for line in server.heads[0].splitlines()[1:] if line)
    assert names == ["accept", "accept-encoding", "host", "user-agent"]
    assert "User-Agent: hfpush\r\n" in server.heads[0]


def test_a_signed_address_gets_its_own_headers_and_no_token_and_a_403_is_its_end() -> None:
    with origin(lambda head: answer(b"", status="403 Forbidden") if "/dead" in head else answer(BODY)) as server:
        with hub(server, token="hf_" + "x" * 30) as http:
            wanted = Wanted(len(BODY))
            given = {"X-Key": "1", "Content-Length": "5", "host": "evil.test", "Transfer-Encoding": "chunked"}
            with open_download(http, f"{server.url}/file", wanted, headers=given, signed=True) as download:
                download.receive(Sink())
            with pytest.raises(LeaseExpired):
                open_download(http, f"{server.url}/dead", wanted, signed=True)
        assert "x-key: 1" in server.heads[0].lower()
        assert not any(name in server.heads[0].lower() for name in ("content-length", "evil.test", "transfer-encoding"))
        assert "authorization" not in "".join(server.heads).lower()


@pytest.mark.parametrize(("start", "stop"), [(1, None), (300_000, None), (len(BODY) - 1, None), (0, 10), (5, 100_000)])
def test_range_arrives(start: int, stop: int | None) -> None:
    end = len(BODY) if stop is None else stop
    header = f"bytes {start}-{end - 1}/{len(BODY)}"
    part = answer(BODY[start:end], status="206 Partial Content", Content_Range=header)
    with origin(lambda head: part) as server:
        assert fetched(server.url, Wanted(len(BODY), start, stop)) == (start, BODY[start:end])
    assert f"Range: bytes={start}-{'' if stop is None else stop - 1}\r\n" in server.heads[0]


def test_whole_file_in_place_of_a_range_begins_at_zero() -> None:
    with origin(lambda head: answer(BODY)) as server:
        assert fetched(server.url, Wanted(len(BODY), 1000)) == (0, BODY)


@pytest.mark.parametrize(
    "content_range",
    [
        "",
        "bytes 0-307199/307200",
        "bytes 1001-307199/307200",
        "bytes 1000-307199/999999",
        "bytes 1000-2000/307200",
        "bytes */307200",
        "items 1000-307199/307200",
        "bytes 1000-99/307200",
    ],
)
def test_range_that_was_not_asked_for_is_not_trusted(content_range: str) -> None:
    part = answer(BODY[1000:], status="206 Partial Content", Content_Range=content_range)
    with origin(lambda head: part) as server, pytest.raises(RangeUnusable):
        fetched(server.url, Wanted(len(BODY), 1000))


def test_encoded_range_is_not_trusted() -> None:
    header = f"bytes 1000-{len(BODY) - 1}/{len(BODY)}"
    part = answer(BODY[1000:], status="206 Partial Content", Content_Range=header, Content_Encoding="gzip")
    with origin(lambda head: part) as server, pytest.raises(RangeUnusable):
        fetched(server.url, Wanted(len(BODY), 1000))


def test_several_ranges_in_one_are_not_trusted() -> None:
    kind, one = "multipart/byteranges; boundary=x", f"bytes 1000-{len(BODY) - 1}/{len(BODY)}"
    part = answer(BODY[1000:], status="206 Partial Content", Content_Type=kind, Content_Range=one)
    with origin(lambda head: part) as server, pytest.raises(RangeUnusable):
        fetched(server.url, Wanted(len(BODY), 1000))


def test_body_that_is_packed_badly_is_unavailable() -> None:
    with (
        origin(lambda head: answer(b"no gzip at all", Content_Encoding="gzip"), hang_up=True) as server,
        pytest.raises(Unavailable),
    ):
        fetched(server.url, Wanted(len(BODY)))


def test_what_came_along_with_an_answer_is_not_the_next_one() -> None:
    short = BODY[:1000]
    more = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + bytes(1000)
    whole = [b"".join(answer(short)) + more]
    with origin(lambda head: whole) as server, Http(Endpoint("test", server.url)) as http:
        for _ in range(3):
            assert received(http, f"{server.url}/file", Wanted(len(short))) == (0, short)


def test_whole_file_for_a_range_from_its_beginning_ends_where_the_range_does() -> None:
    with origin(lambda head: answer(BODY)) as server, Http(Endpoint("test", server.url)) as http:
        for _ in range(2):
            sink = Sink()
            with open_download(http, f"{server.url}/file", Wanted(len(BODY), 0, 1000)) as download:
                assert download.whole
                download.receive(sink)
            assert bytes(sink.data) == BODY[:1000]
        assert server.connections == 2  # each with the rest of a file in it


@pytest.mark.parametrize("block", [1, 1000, 8192, 1 << 20])
@pytest.mark.parametrize("rate", [None, 2_000_000])
def test_body_arrives_whatever_the_block_and_the_limit(block: int, rate: int | None) -> None:
    short = BODY[:20_000]  # a part of it comes with the head
    with origin(lambda head: [b"".join(answer(short))]) as server, hub(server) as http:
        sink, limit = Sink(), None if rate is None else Limit(rate, sleep=lambda _: True)
        for _ in range(2):
            with open_download(http, f"{server.url}/file", Wanted(len(short))) as download:
                sink = Sink()
                download.receive(sink, block=block, limit=limit)
            assert bytes(sink.data) == short
        assert server.connections == 1


def test_a_limit_is_kept_to_in_small_pieces_and_is_no_drip() -> None:
    largest = 0

    def write(at: int, data: memoryview) -> None:
        nonlocal largest
        largest = max(largest, len(data))

    with origin(lambda head: answer(BODY)) as server, hub(server) as http, opened(http) as download:
        limit, began = Limit(400_000), time.monotonic()
        download.receive(write, limit=limit, least=LeastRate(seconds=0.3, bytes=250_000))
        assert time.monotonic() - began > len(BODY) / 400_000 * 0.9
    assert largest <= 4 * limit.piece < len(BODY) / 2


def test_a_connection_that_waits_for_our_limit_is_no_stall() -> None:
    lines = Lines(clock=map(float, range(10_000)).__next__)
    since: list[float] = []
    with (
        origin(lambda head: answer(BODY)) as server,
        Http(Endpoint("test", server.url), network=Network(lines=lines)) as http,
        opened(http) as download,
    ):
        download.receive(lambda at, data: since.extend(line.since for line in lines.busy()), limit=Limit(1_000_000))
    assert len(since) > 2
    assert since == sorted(set(since))  # each time it begins anew to stand still


def test_an_abort_ends_a_wait_for_a_limit() -> None:
    with origin(lambda head: answer(BODY)) as server, hub(server) as http, opened(http) as download:
        timer = threading.Timer(0.2, download.abort)
        timer.start()
        with pytest.raises(Unavailable):
            download.receive(lambda at, data: None, limit=Limit(10))
        timer.join()


def test_a_receive_that_is_shortened_ends_there_and_its_connection_with_it() -> None:
    with origin(lambda head: answer(BODY)) as server, hub(server) as http:
        for ask in (150_000, 10, len(BODY) + 5):
            sink = Sink()
            with opened(http) as download:
                ends: list[int] = []

                def write(at: int, data: memoryview) -> None:
                    sink(at, data)  # noqa: B023  (used up before the next)
                    if not ends:  # noqa: B023
                        ends.append(download.shorten(ask))  # noqa: B023

                download.receive(write, block=100_000)
            assert bytes(sink.data) == BODY[: ends[0]]
            assert ends[0] == min(max(ask, 100_000), len(BODY))
        assert server.connections == 3


def test_a_download_that_is_shortened_before_it_begins_brings_no_more() -> None:
    with origin(lambda head: answer(BODY)) as server, hub(server) as http, opened(http) as download:
        assert (download.shorten(0), download.shorten(5000)) == (0, 0)
        sink = Sink()
        download.receive(sink)
        assert not sink.data


def test_one_that_is_shortened_at_its_end_leaves_its_connection() -> None:
    with origin(lambda head: answer(BODY)) as server, hub(server) as http:
        for _ in range(2):
            with opened(http) as download:
                download.shorten(len(BODY))
                download.receive(Sink())
        assert server.connections == 1


def test_range_beyond_the_servers_file_is_unusable() -> None:
    with origin(lambda head: answer(b"", status="416 Range Not Satisfiable")) as server, pytest.raises(RangeUnusable):
        fetched(server.url, Wanted(len(BODY), 1000))


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(answer(b"<html>log in</html>", Content_Type="text/html"), id="a page"),
        pytest.param(answer(b'{"error": "no"}', Content_Type="application/json"), id="an error as 200"),
        pytest.param(answer(BODY + b"x"), id="too long"),
        pytest.param(answer(BODY, X_Repo_Commit="b" * 40), id="another commit"),
        pytest.param(answer(b"", status="204 No Content", length=None), id="nothing"),
        pytest.param(chunked(BODY + b"x"), id="chunked and too long"),
        pytest.param(answer(gzip.compress(BODY + b"x"), Content_Encoding="gzip"), id="gzip and too long"),
        pytest.param(answer(BODY, Content_Encoding="br"), id="packed as nobody asked"),
    ],
)
def test_answer_that_cannot_be_the_file_is_unfit(pieces: list[bytes]) -> None:
    with origin(lambda head: pieces) as server, pytest.raises(AnswerUnfit) as error:
        fetched(server.url, Wanted(len(BODY), commit="a" * 40))
    assert error.value.finding.reference == "content-mismatch"


def test_commit_that_was_asked_for_is_fit() -> None:
    with origin(lambda head: answer(BODY, X_Repo_Commit="a" * 40)) as server:
        assert fetched(server.url, Wanted(len(BODY), commit="a" * 40)) == (0, BODY)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(answer(BODY[:200_000], length=len(BODY)), id="length"),
        pytest.param(chunked(BODY[:200_000], end=b""), id="chunked"),
        pytest.param(answer(BODY[:200_000], length=None), id="until closed"),
        pytest.param([p.replace(b"HTTP/1.1", b"HTTP/1.0") for p in answer(BODY[:200_000], length=None)], id="HTTP/1.0"),
    ],
)
def test_short_body_hands_over_what_came_and_is_unavailable(pieces: list[bytes]) -> None:
    with origin(lambda head: pieces, hang_up=True) as server, Http(Endpoint("test", server.url)) as http:
        sink = Sink()
        with open_download(http, f"{server.url}/file", Wanted(len(BODY))) as download, pytest.raises(Unavailable):
            download.receive(sink)
    assert bytes(sink.data) == BODY[: len(sink.data)]
    assert len(sink.data) > 130_000


def test_body_that_stands_still_ends_at_the_idle_limit() -> None:
    pieces = [*answer(BODY[:5000], length=len(BODY)), b"", b""]
    sink = Sink()
    with origin(lambda head: pieces) as server, hub(server, idle=0.2) as http, opened(http) as download:
        with pytest.raises(Unavailable) as error:
            download.receive(sink)
        assert error.value.finding.reference == "stalled"
    assert len(sink.data) == 5000


def test_drip_ends_when_it_falls_below_the_pace() -> None:
    ticks = iter(range(0, 10_000, 30))
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
    pieces = [head, *([b"x"] * 20), b""]
    with origin(lambda _: pieces) as server, hub(server) as http, opened(http) as download:
        with pytest.raises(Unavailable) as error:
            download.receive(Sink(), least=LeastRate(seconds=20, bytes=100), clock=lambda: float(next(ticks)))
        assert error.value.finding.reference == "stalled"
        assert "fewer than 100 bytes in 20 s" in error.value.finding.evidence[0]


def test_abort_from_another_thread_ends_a_receive() -> None:
    pieces = [*answer(BODY[:5000], length=len(BODY)), b"", b""]
    with origin(lambda head: pieces) as server, hub(server) as http, opened(http) as download:
        timer = threading.Timer(0.2, download.abort)
        timer.start()
        with pytest.raises(Unavailable):
            download.receive(Sink())
        timer.join()


def test_refusal_after_a_redirect_to_storage_is_an_expired_lease() -> None:
    denied = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    refusal = answer(denied, status="403 Forbidden", Content_Type="application/xml")
    with origin(lambda head: refusal) as storage:
        target = f"{storage.url}/object?X-Amz-Signature=secret"
        sent_there = answer(b"", status="302 Found", Location=target)
        with origin(lambda head: sent_there) as server, hub(server, token="hf_secretsecret") as http:
            with pytest.raises(LeaseExpired) as error:
                open_download(http, f"{server.url}/file", Wanted(len(BODY), 7))
            assert "secret" not in str(error.value.finding)
        assert "Authorization" not in storage.heads[0]
        assert "Range: bytes=7-" in storage.heads[0]


def test_trouble_while_writing_reaches_the_caller_as_it_is() -> None:
    def full(at: int, data: memoryview) -> None:
        raise Damaged.of("disk-full", "full")

    with (
        origin(lambda head: answer(BODY)) as server,
        hub(server) as http,
        opened(http) as download,
        pytest.raises(Damaged),
    ):
        download.receive(full)


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_wanted_never_ends_beyond_the_file(size: int, stop: int) -> None:
    assert Wanted(size, 0, stop).end <= size
    assert Wanted(size).end == size
