"""Bytes to a storage that takes them, and to some that do not; by a line straight there and by one through a proxy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.proxies import ProxyServer, running

from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.lfs import Put
from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.batch import Offer, ask_batch
from hfpush.diagnose.probes.put import LARGE, SMALL, UNENDED, ladder
from hfpush.endpoints import Endpoint
from hfpush.localhub import Fault, LocalHub, delay, drop_after, expired_lease, no_answer, slow, stall, status
from hfpush.net.network import Network
from hfpush.net.routes import Route

pytestmark = pytest.mark.skipif("sys.platform != 'linux'", reason="only Linux says what was acknowledged")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub") as made:
        made.create("local/model")
        yield made


def offered(hub: LocalHub) -> Offer:
    question = Question(repo_id="local/model", real=False)
    offer = ask_batch(Endpoint("here", hub.url), Network(known=()), hub.token, question, 5.0)[1]
    assert offer is not None
    return offer


def straight(hub: LocalHub) -> Line:
    door = urlsplit(hub.doors[1])
    return Line(door.hostname or "", door.port or 0, secure=False)


def climbed(hub: LocalHub, sizes: tuple[int, ...] = (*SMALL, *LARGE), seconds: float = 5.0, **more: Any) -> list[Put]:
    return list(ladder(more.pop("line", straight(hub)), offered(hub), sizes, seconds, **more))


def test_all_sizes_are_taken_on_one_connection(hub: LocalHub) -> None:
    puts = climbed(hub)
    assert [(one.size, one.outcome, one.acked) for one in puts] == [(size, "ok", size) for size in (*SMALL, *LARGE)]
    assert hub.seen.count("put") == len(puts)
    assert hub.seen.count("verify") == 0


@pytest.mark.parametrize(
    ("fault", "size", "outcome", "code"),
    [
        (lambda: status(413, on="put", times=None), SMALL[0], "status", "413"),
        (lambda: drop_after(bytes=100_000, times=None), LARGE[0], "cut", ""),
        (lambda: no_answer(on="put", how="reset"), SMALL[0], "cut", ""),
    ],
)
def test_the_first_size_that_fails_is_the_last_that_is_sent(
    hub: LocalHub, fault: Callable[[], Fault], size: int, outcome: str, code: str
) -> None:
    hub.faults.add(fault())
    last = climbed(hub)[-1]
    assert (last.size, last.outcome) == (size, outcome)
    assert str(last.status or "") == code


def test_a_cut_that_happens_once_is_tried_again(hub: LocalHub) -> None:
    hub.faults.add(drop_after(bytes=100_000, times=1))
    assert [one.outcome for one in climbed(hub)] == ["ok"] * 5


def test_the_code_of_s3_is_read(hub: LocalHub) -> None:
    hub.faults.add(expired_lease(times=None))
    (put,) = climbed(hub)
    assert (put.outcome, put.status, put.code, put.said) == ("status", 403, "AccessDenied", "Request has expired")


def test_a_storage_that_stops_reading_is_left_in_time(hub: LocalHub) -> None:
    hub.faults.add(stall(60, bytes=100_000, times=None))
    last = climbed(hub, seconds=1.0)[-1]
    assert (last.size, last.outcome) == (LARGE[0], "late")
    assert last.seconds < 2


def test_an_answer_that_is_late_is_measured_from_the_last_byte(hub: LocalHub) -> None:
    hub.faults.add(delay(0.3, on="put"))
    (put,) = climbed(hub, (LARGE[0],))
    assert put.outcome == "ok"
    assert put.answer_seconds >= 0.25
    assert put.send_seconds < 0.25


@pytest.mark.slow
def test_a_slow_storage_does_not_swallow_what_it_has_not_got_room_for(hub: LocalHub) -> None:
    hub.faults.add(slow(rate=1_500_000))
    puts = climbed(hub, (*SMALL, LARGE[1], UNENDED))
    assert puts[-1].abandoned
    assert puts[-1].acked < puts[-1].size / 2


def test_nothing_larger_is_sent_than_was_allowed(hub: LocalHub) -> None:
    hub.faults.add(delay(1.1, on="put"))
    assert [one.size for one in climbed(hub, (LARGE[1],))] == [LARGE[1]]
    assert hub.seen.bytes_in("put") == LARGE[1]


def test_nobody_there_is_a_fact(hub: LocalHub) -> None:
    (put,) = climbed(hub, line=Line("127.0.0.1", 9, secure=False))
    assert put.outcome == "refused"


@pytest.mark.parametrize("kind", ["socks5", "http"])
def test_bytes_go_by_the_line_that_is_asked_about(hub: LocalHub, kind: str) -> None:
    with running(ProxyServer(kind, login=("ada", "secret"))) as proxy:
        route = Route(proxy.url_with_login, "HTTPS_PROXY")
        line = Line(straight(hub).host, straight(hub).port, proxy.url, secure=False, route=route)
        puts = climbed(hub, line=line)
    assert [one.outcome for one in puts] == ["ok"] * 5
    assert all("secret" not in repr(one) for one in puts)
