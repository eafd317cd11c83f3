"""Small segments: who gets them, and the proof; at the end with a real black hole in a network of its own."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stage import Stage, why_not

from hfpush.localhub import LocalHub
from hfpush.net.acked import Handle
from hfpush.net.black_hole import Evidence
from hfpush.net.counts import Counts
from hfpush.net.segments import Segments, shut

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says what was acknowledged")
PEER = "s3.example:443"
SMALL = [(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1200)]
STALL = Evidence("s3.example", 10.0, Counts(1200, 3000, retransmits=5, unacked=10, all_retransmits=5, segment=1448))


@pytest.fixture
def segments() -> Iterator[Segments]:
    made = Segments()
    yield made
    made.close()


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, socket.socket, Handle, socket.socket]]:
    """A connection: this end, the other, its handle, and who listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here = socket.create_connection(listener.getsockname(), timeout=20)
        there, _ = listener.accept()
        there.settimeout(20)
        handle = Handle.of(here)
        assert handle is not None
        with here, there:
            yield here, there, handle, listener


Line = tuple[socket.socket, socket.socket, Handle, socket.socket]


def test_a_suspicious_connection_is_ended_and_the_next_goes_in_small_segments(segments: Segments, line: Line) -> None:
    here, _, handle, _ = line
    assert segments.options(PEER) == []
    cut = segments.reason(PEER, handle, False, STALL)
    assert cut is not None
    assert not cut.final
    assert segments.options(PEER) == SMALL
    assert segments.options("other:443") == []
    shut(handle)
    assert here.recv(1) == b""


def test_as_long_as_no_large_segment_fails_once_more_nothing_is_proven(segments: Segments, line: Line) -> None:
    segments.reason(PEER, line[2], False, STALL)
    assert not segments.on_trial
    segments.passed(PEER, 100_000)
    assert segments.on_trial
    assert segments.settled() == []
    assert segments.options(PEER) == SMALL


def test_when_large_segments_pass_as_well_it_was_an_outage_and_nothing_is_said(segments: Segments, line: Line) -> None:
    here, there, handle, _ = line
    segments.reason(PEER, handle, False, STALL)
    segments.passed(PEER, 100_000)
    here.sendall(b"x" * 5000)
    there.recv(5000, socket.MSG_WAITALL)
    there.sendall(b"y")
    here.recv(1)
    assert segments.settled() == []
    assert segments.options(PEER) == []
    assert not segments.on_trial


def test_small_segments_that_fail_end_it_while_new_connections_come_about(segments: Segments, line: Line) -> None:
    cut = segments.reason(PEER, line[2], True, STALL)
    assert cut is not None
    assert cut.final
    assert (cut.finding.reference, cut.finding.severity) == ("mtu-black-hole", "error")


def test_where_nothing_comes_through_at_all_it_is_an_outage(segments: Segments, line: Line) -> None:
    line[3].close()
    assert segments.reason(PEER, line[2], True, STALL) is None


def test_a_connection_that_is_closed_meanwhile_is_left_alone(segments: Segments, line: Line) -> None:
    line[0].close()
    assert segments.reason(PEER, line[2], False, STALL) is None
    shut(line[2])


def test_a_handshake_that_ended_in_silence_is_tried_in_small_segments_without_a_claim(segments: Segments) -> None:
    segments.try_small(PEER)
    assert segments.is_small(PEER)
    segments.passed(PEER, 1_000_000)
    assert segments.settled() == []


# ------------------------------------------------------------------ a real one


def published(place: Path, *, largest: int) -> tuple[int | None, str, float, LocalHub]:
    """A publish where packets to the storage host that are larger than so many bytes vanish: code, text, seconds."""
    why = why_not()
    if why is not None:
        pytest.skip(why)
    with Stage(place) as stage:
        for run, device in ((stage.on_client, "c0"), (stage.world, "w0")):
            run("ethtool", "-K", device, "tso", "off", "gso", "off", "gro", "off")
        stage.filter(f"ip daddr 10.77.0.3 ip length > {largest} drop")
        hub = stage.hub(part_size=1_000_000, multipart_threshold=1_500_000)
        folder, home = place / "model", place / "home"
        for one in (folder, home / ".config" / "hfpush"):
            one.mkdir(parents=True)
        (folder / "a.bin").write_bytes(os.urandom(6_000_000))
        (folder / "README.md").write_text("# A model\n")
        (home / ".gitconfig").write_text("[user]\nname = ada\nemail = ada@example.com\n")
        book = "endpoints:\n  stage:\n    url: https://hf.test\n    trusted: true\n"
        (home / ".config" / "hfpush" / "endpoints.yaml").write_text(book)
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "HF_TOKEN": hub.token, "LANG": "C.UTF-8"}
        ended = stage.run(
            [sys.executable, "-m", "hfpush", "publish", str(folder), "--to", "ada/model", "--endpoint", "stage"],
            cwd=place,
            seconds=90,
            environment=environment,
        )
        return ended.code, ended.text, ended.seconds, hub


@pytest.mark.slow
@pytest.mark.needs("unshare", "nft", "ip", "ethtool")
def test_large_packets_that_vanish_are_found_at_the_first_stall_and_the_publish_succeeds(tmp_path: Path) -> None:
    code, text, seconds, _ = published(tmp_path, largest=1300)
    assert code == 0, text
    assert seconds < 40
    assert re.search(r"connections? to storage host s3\.hf\.test: sending, nothing acknowledged for 1\d s", text)
    assert text.count("note: mtu-black-hole") == 1
    assert "Large packets to s3.hf.test get lost on the way" in text
    assert "try    ip link set dev c0 mtu 1280 " in text


@pytest.mark.slow
@pytest.mark.needs("unshare", "nft", "ip", "ethtool")
def test_where_small_segments_vanish_too_the_publish_ends_with_the_finding(tmp_path: Path) -> None:
    code, text, seconds, _ = published(tmp_path, largest=900)
    assert code == 1, text
    assert seconds < 60
    assert "error: mtu-black-hole" in text
    assert "segments of up to 1448 bytes sent again in vain" in text
    assert "segments of up to 1188 bytes sent again in vain" in text
