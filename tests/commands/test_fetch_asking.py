"""Who is asked what a repository holds when the first one fails, and what is told of that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.tcp_door import closed_port

from hfpush.commands.fetch_asking import Answered, Asking
from hfpush.commands.fetch_disk import disk_of
from hfpush.commands.fetch_report import FetchRequest
from hfpush.commands.fetch_sources import Doors, Row
from hfpush.commands.outlet import Outlet
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import HfpushError, NotFound, Refused, Unavailable
from hfpush.localhub import LocalHub, html, status
from hfpush.net.retry import RetryPolicy


class Table:
    """Two Hubs, of which only `full` has the repository."""

    def __init__(self, folder: Path, full: LocalHub, empty: LocalHub) -> None:
        self._folder, self.full, self.empty = folder, full, empty
        self.told: list[str] = []

    def outlet(self, hub: LocalHub, name: str, *, trusted: bool = True) -> Outlet:
        return Outlet(Endpoint(name, hub.url, trusted=trusted), hub.token if trusted else None)

    def ask(self, *outlets: Outlet, revision: str = "main", attempts: int = 1) -> Answered:
        repo = RepoAddress.parse(outlets[0].endpoint, "ada/model")
        request = FetchRequest(repo, cache_dir=self._folder, token=outlets[0].token, others=outlets[1:])
        with Doors(repo, lambda item: None, connections=4) as doors:
            asking = Asking(request, Row.of(request), doors, disk_of(request), revision)
            return asking.ask(RetryPolicy(attempts=attempts, first_wait=0.01), lambda *_: None, self.told.append)


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    with ExitStack() as stack:
        full = stack.enter_context(LocalHub(root=tmp_path / "full"))
        empty = stack.enter_context(LocalHub(root=tmp_path / "empty", users=full.config.users))
        full.create("ada/model")
        yield Table(tmp_path / "cache", full, empty)


def nowhere(name: str, *, trusted: bool = True) -> Outlet:
    return Outlet(Endpoint(name, f"http://127.0.0.1:{closed_port()}", trusted=trusted))


def test_one_that_is_gone_is_replaced_and_that_is_told(table: Table) -> None:
    answered = table.ask(nowhere("a"), table.outlet(table.full, "b"))
    assert answered.outlet.endpoint.name == "b"
    assert table.told == ["a is gone (connection-refused); on through b"]
    assert [(note.reference, note.severity) for note in answered.notes] == [("endpoint-switched", "note")]


def test_a_page_in_place_of_an_answer_is_asked_elsewhere(table: Table) -> None:
    table.empty.create("ada/model")
    table.empty.faults.add(html(on="info", times=None))
    answered = table.ask(table.outlet(table.empty, "a"), table.outlet(table.full, "b"))
    assert (answered.outlet.endpoint.name, table.told) == ("b", ["a is gone (not-a-hub); on through b"])


def test_what_a_trusted_one_does_not_have_another_may_have_but_nobody_else(table: Table) -> None:
    answered = table.ask(table.outlet(table.empty, "a"), table.outlet(table.full, "b"))
    assert answered.outlet.endpoint.name == "b"
    with pytest.raises((NotFound, Refused), match=r"repo-not-found|token-missing"):
        table.ask(table.outlet(table.empty, "a"), table.outlet(table.full, "b", trusted=False))


def test_the_first_failure_is_raised_where_nobody_has_an_answer(table: Table) -> None:
    table.empty.create("ada/model")
    with pytest.raises(HfpushError, match="revision-not-found"):
        table.ask(table.outlet(table.empty, "a"), table.outlet(table.full, "b"), revision="nowhere")


@pytest.mark.parametrize(("others", "severity"), [(0, "note"), (1, "warning")])
def test_digests_of_one_without_trust_are_told(table: Table, others: int, severity: str) -> None:
    dead = [nowhere("b")] * others
    answered = table.ask(table.outlet(table.full, "a", trusted=False), *dead)
    found = {note.reference: note.severity for note in answered.notes}
    assert found["digests-untrusted"] == severity


def test_when_nobody_else_can_the_first_is_waited_for(table: Table) -> None:
    table.full.faults.add(status(503, on="info", times=2))
    answered = table.ask(table.outlet(table.full, "a"), nowhere("b"), attempts=2)
    assert answered.notes == ()
    assert table.told == ["no other endpoint can do it; waiting for a (hub-unavailable)"]
    with pytest.raises(Unavailable, match="connection-refused"):
        table.ask(nowhere("a"), nowhere("b"))
