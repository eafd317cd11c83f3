"""Several handshakes on a line, and what they say together."""

from __future__ import annotations

import socket
import ssl
import time

import pytest
import trustme
from support.tls_doors import Manner, TlsDoor, closes, for_name, in_turns, is_silent, resets, speaks

from hfpush.diagnose.facts.tls import Handshake
from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.handshake import OTHER_NAME, dialled, shake

AUTHORITY = trustme.CA()


def server() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("localhost").configure_cert(context)
    return context


def shaken(manner: Manner, seconds: float = 2.0) -> Handshake:
    with TlsDoor(manner) as door:
        return shake(Line("localhost", door.port), seconds)


def test_a_line_that_is_well_is_tried_a_few_times_and_no_further() -> None:
    with TlsDoor(speaks(server())) as door:
        found = shake(Line("localhost", door.port), 2.0)
        assert len(door.hellos) == 3
    assert (found.outcome, found.tries, found.failed) == ("ok", 3, 0)
    assert (found.small, found.other_name, found.fails_with) == ("not-tried", "not-tried", "not-tried")
    assert found.certificate is not None
    assert found.certificate.names == ("localhost",)


@pytest.mark.parametrize(("manner", "outcome"), [(resets, "reset"), (closes, "closed")])
def test_what_fails_is_tried_again_in_other_ways(manner: Manner, outcome: str) -> None:
    found = shaken(manner)
    assert (found.outcome, found.fails_with, found.tries, found.failed) == (outcome, outcome, 5, 5)
    assert (found.small, found.other_name) == (outcome, outcome)


def test_every_second_one_is_counted() -> None:
    found = shaken(in_turns(resets, speaks(server())))
    assert found.outcome == "ok"
    assert found.fails_with == "reset"
    assert 0 < found.failed < found.tries
    assert found.certificate is not None


def test_silence_takes_no_longer_than_it_may() -> None:
    began = time.monotonic()
    found = shaken(is_silent, 1.0)
    assert time.monotonic() - began < 2.5
    assert (found.outcome, found.failed, found.small, found.other_name) == ("silent", 5, "silent", "silent")


@pytest.mark.parametrize("manner", [resets, is_silent])
def test_a_filter_for_one_name_is_seen_by_another(manner: Manner) -> None:
    found = shaken(for_name("localhost", manner, speaks(server())), 1.0)
    assert found.failed == found.tries
    assert (found.other_name, found.other) == ("ok", OTHER_NAME)


def test_small_segments_are_asked_for_before_the_connection() -> None:
    with TlsDoor(is_silent) as door:
        line = Line("localhost", door.port)
        with dialled(line, 1.0, small=True) as small, dialled(line, 1.0) as usual:
            sizes = [one.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) for one in (small, usual)]
    assert sizes[0] <= 536 < sizes[1]


def test_a_line_without_connections_was_not_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = shake(Line("localhost", port), 1.0)
    assert (found.outcome, found.tries, found.failed) == ("not-tried", 0, 0)
    assert found.said


def test_a_line_without_tls_is_not_tried() -> None:
    assert shake(Line("localhost", 1, secure=False), 1.0).outcome == "not-tried"


def test_a_line_that_lets_few_pass_is_no_filter() -> None:
    """The other name happens to be the first that stands; our own does later."""
    seen: list[bytes] = []

    def few(connection: socket.socket, hello: bytes, number: int) -> None:
        own = b"localhost" in hello
        seen.append(hello)
        fine = not own or sum(b"localhost" in one for one in seen) > 6
        (speaks(server()) if fine else resets)(connection, hello, number)

    found = shaken(few)
    assert found.outcome == "ok"
    assert found.failed >= 5


def test_a_name_that_cannot_be_said_is_not_tried() -> None:
    assert shake(Line("x" * 70 + ".test", 443), 0.5).outcome == "not-tried"
