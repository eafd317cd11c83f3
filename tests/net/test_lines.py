"""The register of connections with a request under way."""

from __future__ import annotations

import socket
import sys
import threading

import pytest

from hfpush.net import news
from hfpush.net.lines import Lines, dials, enters, holds


def test_a_connection_counts_while_a_request_of_it_is_under_way() -> None:
    lines = Lines(clock=lambda: 7.0)
    line = lines.new("a.example", "a.example:443")
    assert lines.busy() == []
    lines.begins(line, news.SENDING)
    assert (lines.busy(), line.layer, line.began) == ([line], news.SENDING, 7.0)
    lines.rests(line)
    assert (lines.busy(), lines.moved) == ([], {"a.example": 7.0})
    lines.begins(line, news.SENDING)
    lines.ends(line)
    assert lines.busy() == []


def test_one_that_only_ended_has_moved_nothing() -> None:
    lines = Lines()
    line = lines.new("a.example", "a.example:443")
    lines.begins(line, news.CONNECTING)
    lines.ends(line)
    assert lines.moved == {}


def test_code_below_names_the_layer_of_the_connection_that_its_thread_makes() -> None:
    lines = Lines()
    line = lines.new("a.example", "a.example:443")
    enters("nowhere")
    lines.begins(line, news.CONNECTING)
    lines.makes(line)
    assert dials("proxy.example", 1080) == []
    assert (line.layer, line.peer) == (news.RESOLVING, "proxy.example:1080")
    thread = threading.Thread(target=enters, args=("of another thread",))
    thread.start()
    thread.join()
    enters(news.tunnel("proxy.example:1080"))
    lines.made(line)
    enters("too late")
    assert line.layer == "through proxy proxy.example:1080: CONNECT"


def test_a_peer_that_needs_small_segments_gets_them_before_it_connects() -> None:
    lines = Lines()
    lines.segments.try_small("a.example:443")
    line = lines.new("a.example", "a.example:443")
    lines.begins(line, news.CONNECTING)
    lines.makes(line)
    assert dials("a.example", 443) == [(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1200)]
    assert line.small
    assert dials("b.example", 443) == []
    assert not line.small


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says what was acknowledged")
def test_a_request_counts_from_what_its_connection_had_sent_before() -> None:
    lines = Lines()
    line = lines.new("a.example", "a.example:443")
    lines.makes(line)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here = socket.create_connection(listener.getsockname())
        there, _ = listener.accept()
    with here, there:
        holds(here)
        lines.made(line)
        here.sendall(b"x" * 1000)
        there.recv(1000)
        there.sendall(b"y")
        here.recv(1)
        lines.begins(line, news.SENDING)
        assert 1000 <= line.base <= 1001
        assert line.base_received == 1


def test_what_is_no_endpoint_is_a_storage_host() -> None:
    lines = Lines(homes={"hub.example"})
    assert (lines.role("hub.example"), lines.role("s3.example")) == ("", "storage host")
