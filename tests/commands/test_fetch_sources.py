"""Who takes part in a fetch, in which order, and over which connections."""

from __future__ import annotations

from dataclasses import replace

from hfpush.commands.fetch_report import FetchRequest
from hfpush.commands.fetch_sources import Doors, Row
from hfpush.commands.outlet import Outlet
from hfpush.endpoints import Endpoint, RepoAddress

A = Outlet(Endpoint("a", "http://127.0.0.1:1"), "hf_of_a", notes=())
B = Outlet(Endpoint("b", "http://b.example", "mirror", trusted=False))
C = Outlet(Endpoint("c", "http://c.example", "relay"), "hf_of_c")


def request(own: Outlet, *others: Outlet, reserves: tuple[Outlet, ...] = ()) -> FetchRequest:
    repo = RepoAddress.parse(own.endpoint, "ada/model")
    return FetchRequest(repo, token=own.token, network=own.network, others=others, reserves=reserves)


def names(outlets: tuple[Outlet, ...]) -> str:
    return "".join(outlet.endpoint.name for outlet in outlets)


def test_each_takes_part_once_and_the_own_one_first_unless_it_stands_by() -> None:
    row = Row.of(request(B, A, B, C, A))
    assert (names(row.first), names(row.reserves), row.own.endpoint.name) == ("bac", "", "b")
    row = Row.of(request(A, B, reserves=(A, C, B)))
    assert (names(row.first), names(row.reserves), row.own.endpoint.name) == ("b", "ac", "a")
    row = Row.of(request(A, reserves=(A, C)))
    assert (names(row.first), names(row.reserves)) == ("a", "c")


def test_who_is_trusted_is_believed_before_who_is_not() -> None:
    row = Row.of(request(B, A, reserves=(C,)))
    assert names(row.believed(own_first=False)) == "acb"
    assert names(row.believed(own_first=True)) == "bac"
    assert names(Row.of(request(C, A)).believed(own_first=False)) == "ca"


def test_each_connection_is_made_once_with_the_token_of_its_endpoint_alone() -> None:
    with Doors(request(A).repo, lambda item: None, connections=4) as doors:
        assert doors.http(A) is doors.http(replace(A))
        sources = doors.sources((A, B), "c" * 40)
        assert [source.name for source in sources] == ["a", "b"]
        assert doors.http(B)._token is None
        assert doors.http(A).network.lines is doors.http(B).network.lines
        assert doors.at(B).web_url == "http://b.example/ada/model"
