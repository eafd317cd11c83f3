"""Connections that tell their layers, over real HTTP."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from hfpush.endpoints import Endpoint
from hfpush.errors import Unavailable
from hfpush.net import news
from hfpush.net.black_hole import Evidence, LineCut, cut_finding
from hfpush.net.counts import Counts
from hfpush.net.http import Call, Http
from hfpush.net.lines import Lines
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.net.segments import shut
from hfpush.net.trace import Trace

NETWORK = Network(Patience(5, 5, 5))


@contextmanager
def traced() -> Iterator[tuple[Lines, Any]]:
    """Lines with a trace, and how to read what was written so far."""
    with tempfile.TemporaryFile() as file:
        trace = Trace(os.dup(file.fileno()), clock=lambda: 0.0)

        def read() -> list[str]:
            file.seek(0)
            return [line[10:] for line in file.read().decode().splitlines()]

        yield Lines(trace=trace), read
        trace.close()


def test_a_request_is_a_line_from_its_connection_to_the_end_of_its_answer(serve: Any) -> None:
    lines = Lines()
    peer = serve(lambda request: (200, {}, b"x" * 100_000))
    with Http(Endpoint("hub", peer.url), network=replace(NETWORK, lines=lines)) as http:
        response = http.send(Call("GET", f"{peer.url}/a", stream=True))
        (line,) = lines.busy()
        assert (line.layer, line.host, line.size) == (news.RECEIVING, "127.0.0.1", 0)
        assert line.handle is not None
        assert len(response.content) == 100_000
        assert lines.busy() == []
        assert line.handle.alive, "it is kept for the next request"
        http.exchange(Call("PUT", f"{peer.url}/b", data=b"y" * 5))
        assert line.size == 5
    assert lines.homes == {"127.0.0.1"}


def test_an_answer_that_ends_with_its_connection_is_watched_to_its_end(serve_raw: Any) -> None:
    lines = Lines()

    def talk(conversation: Any, peer: Any) -> None:
        conversation.head()
        conversation.answer(200, b"x" * 1000, {"Connection": "close"})

    peer = serve_raw(talk)
    with Http(Endpoint("hub", peer.url), network=replace(NETWORK, lines=lines)) as http:
        response = http.send(Call("GET", f"{peer.url}/a", stream=True))
        assert [line.layer for line in lines.busy()] == [news.RECEIVING]
        assert len(response.content) == 1000
        assert lines.busy() == []


def test_a_request_that_fails_is_no_line_any_more(serve_raw: Any) -> None:
    lines = Lines()
    peer = serve_raw(lambda conversation, peer: conversation.cut())
    with Http(Endpoint("hub", peer.url), network=replace(NETWORK, lines=lines)) as http:
        for url in (peer.url, "http://127.0.0.1:1"):
            with pytest.raises(Unavailable):
                http.send(Call("GET", f"{url}/a"))
    assert lines.busy() == []


def test_a_connection_that_we_cut_tells_our_reason(serve_raw: Any) -> None:
    lines = Lines()

    def talk(conversation: Any, peer: Any) -> None:
        conversation.head()
        (line,) = lines.busy()
        line.cut = LineCut(cut_finding(Evidence("127.0.0.1", 10.0, Counts(7, 0, segment=1448))), final=True)
        shut(line.handle)
        peer.over.wait(20)

    peer = serve_raw(talk)
    with (
        Http(Endpoint("hub", peer.url), network=replace(NETWORK, lines=lines)) as http,
        pytest.raises(Unavailable) as caught,
    ):
        http.exchange(Call("GET", f"{peer.url}/a"))
    assert caught.value.tries == 1
    assert caught.value.finding.evidence[0] == "127.0.0.1: 7 B acknowledged, then nothing for 10 s"


def test_the_trace_tells_of_connection_request_answer_and_failure(serve: Any) -> None:
    peer = serve(lambda request: (200, {"Server": "x", "Set-Cookie": "secret=1"}, b""))
    with traced() as (lines, read):
        network = replace(NETWORK, lines=lines)
        with Http(Endpoint("mine", peer.url), "t" * 20, network=network) as http:
            http.exchange(Call("PUT", f"{peer.url}/a?X-Amz-Signature=abc", data=b"12", signed=True))
            with pytest.raises(Unavailable):
                http.send(Call("GET", "http://127.0.0.1:1/b"))
        said = read()
    port = peer.url.rpartition(":")[2]
    number = said[2].split()[0]
    assert said[0] == f"endpoint mine: {peer.url}, hub, trusted"
    assert said[1] == f"{number} PUT 127.0.0.1/a, 2 B, signed"
    assert said[2] == f"{number} a connection to 127.0.0.1, straight (this machine itself)"
    assert said[3].startswith(f"{number} connected to 127.0.0.1 port {port} in 0.")
    assert said[4].startswith(f"{number} 200 after 0.")
    assert said[4].endswith(" s; content-length: 0; server: x")
    assert "connecting failed after" in said[-2] or "connecting failed after" in said[-1]
