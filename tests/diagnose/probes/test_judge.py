"""Who believes a certificate, with real servers that show all sorts."""

from __future__ import annotations

import datetime
import ssl
import time
from email.utils import formatdate
from pathlib import Path

import pytest
import trustme
from support.tls_doors import Manner, TlsDoor, in_turns, resets, speaks

from hfpush.diagnose.facts.machine import Client
from hfpush.diagnose.facts.tls import Judged
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.judge import judge

KNOWN, OTHER = trustme.CA(), trustme.CA()
NOW = datetime.datetime.now(datetime.timezone.utc)
DAY = datetime.timedelta(days=1)


def server(ca: trustme.CA = KNOWN, name: str = "localhost", **times: datetime.datetime) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name, **times).configure_cert(context)
    return context


def dated(ahead: float) -> bytes:
    date = formatdate(time.time() + ahead, usegmt=True)
    return f"HTTP/1.1 401 No\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    KNOWN.cert_pem.write_to_path(str(file))
    return file


def judged(manner: Manner, *trusts: tuple[Client, tuple[Path, ...]]) -> tuple[Judged, ...]:
    with TlsDoor(manner) as door:
        line = Line("localhost", door.port)
        ways = [Way(client, "hub", "localhost", door.port, trust=tuple(map(str, trust))) for client, trust in trusts]
        return judge(line, ways, 3.0)


@pytest.mark.parametrize(
    ("context", "outcome"),
    [
        pytest.param(server(), "ok", id="well"),
        pytest.param(server(OTHER), "unknown-issuer", id="another authority"),
        pytest.param(server(name="other.example"), "other-name", id="another host"),
        pytest.param(server(not_before=NOW - 9 * DAY, not_after=NOW - DAY), "expired", id="expired"),
        pytest.param(server(not_before=NOW + DAY, not_after=NOW + 9 * DAY), "not-yet", id="not yet valid"),
    ],
)
@pytest.mark.parametrize("client", ["git", "git-lfs", "hfpush", "huggingface_hub", "curl"])
def test_each_says_what_is_wrong(context: ssl.SSLContext, outcome: str, client: Client, ca: Path) -> None:
    (found,) = judged(speaks(context), (client, (ca,)))
    assert (found.client, found.outcome) == (client, outcome), found


def test_each_goes_by_its_own_store(ca: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    OTHER.cert_pem.write_to_path(str(other))
    found = judged(speaks(server()), ("git", (ca,)), ("git-lfs", (other,)), ("curl", (tmp_path / "none",)))
    assert [one.outcome for one in found] == ["ok", "unknown-issuer", "unusable-store"]
    assert found[1].trust == (str(other),)


def test_equal_stores_are_asked_once(ca: Path) -> None:
    with TlsDoor(speaks(server())) as door:
        ways = [Way(one, "hub", "localhost", door.port, trust=(str(ca),)) for one in ("git", "git-lfs", "curl")]
        assert len(judge(Line("localhost", door.port), ways, 3.0)) == 3
        assert len(door.hellos) == 1


def test_who_does_not_check_is_not_asked(ca: Path) -> None:
    with TlsDoor(speaks(server(OTHER))) as door:
        way = Way("git", "hub", "localhost", door.port, verifies=False)
        assert judge(Line("localhost", door.port), [way], 3.0) == ()
        assert door.hellos == []


def test_a_handshake_that_fails_is_tried_again(ca: Path) -> None:
    (found,) = judged(in_turns(resets, speaks(server())), ("git", (ca,)))
    assert found.outcome == "ok"


def test_one_that_always_fails_is_no_opinion(ca: Path) -> None:
    assert judged(resets, ("git", (ca,))) == ()


def test_the_servers_clock_is_asked_where_a_certificate_is_out_of_its_time(ca: Path) -> None:
    early = server(not_before=NOW + DAY, not_after=NOW + 9 * DAY)
    (found,) = judged(speaks(early, dated(2 * 86400)), ("git", (ca,)))
    assert found.outcome == "not-yet"
    assert found.ahead == pytest.approx(2 * 86400, abs=5)


def test_nobody_unknown_is_asked_for_the_time() -> None:
    early = server(OTHER, not_before=NOW + DAY, not_after=NOW + 9 * DAY)
    with TlsDoor(speaks(early, dated(2 * 86400))) as door:
        way = Way("git", "hub", "localhost", door.port, store="system")
        (found,) = judge(Line("localhost", door.port), [way], 3.0)
    assert (found.outcome, found.ahead) == ("unknown-issuer", None)
