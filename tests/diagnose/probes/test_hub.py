"""The first questions of a publish and a fetch, put to a real Hub: what they find out, and what they leave alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.answering import Answering, page

from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.probes.hub import ask_hub
from hfpush.endpoints import Endpoint
from hfpush.localhub import LocalHub, no_answer
from hfpush.localhub.auth import User
from hfpush.net.network import Network

STRANGER = "hf_aStrangersTokenWithoutAnyRights"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    users = (
        User("local", "hf_writeWriteWriteWriteWrite", "write", ("*",)),
        User("local", "hf_readReadReadReadReadRead", "read", ("*",)),
        User("stranger", STRANGER, "write"),
    )
    with LocalHub(root=tmp_path_factory.mktemp("hub"), users=users) as made:
        made.create("local/open", empty=True)
        made.create("local/closed", private=True, empty=True)
        made.create("local/table", "datasets", empty=True)
        made.repos.update(made.create("local/gated", empty=True).key, lambda record: replace(record, gated="manual"))
        yield made


def asked(
    hub: LocalHub, token: str | None, repo: str = "", *, trusted: bool = True, **more: object
) -> tuple[tuple[Exchange, ...], Account]:
    question = Question(repo_id=repo, endpoint=hub.url, **more)  # type: ignore[arg-type]
    return ask_hub(Endpoint("here", hub.url, trusted=trusted), Network(), token, question, 5.0)


def test_who_may_write_is_told_so_and_nothing_has_changed(hub: LocalHub) -> None:
    exchanges, account = asked(hub, hub.token, "local/open")
    assert (account.name, account.role, account.may_read, account.may_write) == ("local", "write", True, True)
    assert all(one.status == 200 for one in exchanges)
    assert {one.what for one in exchanges} == {"api", "repo", "access", "refs", "push", "locks"}


def test_who_may_only_read_is_told_so(hub: LocalHub) -> None:
    _, account = asked(hub, hub.read_token, "local/open")
    assert (account.role, account.may_read, account.may_write, account.push_status) == ("read", True, False, 403)


def test_nobody_is_asked_who_they_are_and_reads_what_is_public(hub: LocalHub) -> None:
    exchanges, account = asked(hub, None, "local/open")
    assert (account.status, account.may_read, account.may_write) == (0, True, None)
    assert not any(one.with_token for one in exchanges)


@pytest.mark.parametrize(
    ("token", "status", "alone"), [(STRANGER, 404, 401), (None, 401, 401), ("hf_writeWriteWriteWriteWrite", 200, 401)]
)
def test_a_private_repository_is_hidden_from_strangers(
    hub: LocalHub, token: str | None, status: int, alone: int
) -> None:
    _, account = asked(hub, token, "local/closed")
    assert (account.repo_status, account.anonymous_status) == (status, alone)


def test_a_repository_of_another_type_is_found(hub: LocalHub) -> None:
    assert asked(hub, hub.token, "local/table")[1].other_types == ("dataset",)
    assert asked(hub, hub.token, "local/open", repo_type="space")[1].other_types == ("model",)
    assert asked(hub, hub.token, "local/none")[1].other_types == ()


@pytest.mark.parametrize(("token", "status"), [(STRANGER, 403), (None, 401), ("hf_writeWriteWriteWriteWrite", 200)])
def test_a_gate_closes_the_files_and_not_the_repository(hub: LocalHub, token: str | None, status: int) -> None:
    _, account = asked(hub, token, "local/gated")
    assert (account.repo_status, account.access_status, account.may_read) == (200, status, status == 200)
    assert account.access_code == ("" if status == 200 else "GatedRepo")


def test_a_token_that_is_refused_is_not_used_for_further_questions(hub: LocalHub) -> None:
    exchanges, account = asked(hub, "hf_" + "x" * 34, "local/table")
    assert (account.status, account.other_types) == (401, ())
    assert "other-type" not in {one.what for one in exchanges}


def test_without_trust_the_token_stays_here(hub: LocalHub) -> None:
    exchanges, account = asked(hub, hub.token, "local/open", trusted=False)
    assert not any(one.with_token for one in exchanges)
    assert account.status == 0


def test_a_token_that_no_header_can_hold_is_not_sent(hub: LocalHub) -> None:
    exchanges, account = asked(hub, "my secret\nword", "local/open")
    assert (account.malformed, account.looks_like) == (True, "other")
    assert not any(one.with_token for one in exchanges)


@pytest.mark.parametrize(("password", "status"), [("hf_writeWriteWriteWriteWrite", 200), ("hunter2", 401)])
def test_what_git_has_is_tried_as_git_sends_it(hub: LocalHub, password: str, status: int) -> None:
    question = Question(repo_id="local/open", endpoint=hub.url)
    _, account = ask_hub(
        Endpoint("here", hub.url), Network(), None, question, 5.0, git_login=("me", password), known=Account(source="x")
    )
    assert (account.git_status, account.source, account.status) == (status, "x", 0)
    assert password not in repr(account)


def test_a_registry_that_serves_no_git_is_not_asked_for_it(hub: LocalHub) -> None:
    endpoint = Endpoint("here", hub.url, "nexus")
    exchanges, _ = ask_hub(endpoint, Network(), hub.token, Question(repo_id="local/open"), 5.0)
    assert {"refs", "push", "locks"}.isdisjoint(one.what for one in exchanges)


def test_a_fetch_asks_nothing_about_writing(hub: LocalHub) -> None:
    exchanges, _ = asked(hub, hub.token, "local/open", purpose="fetch")
    assert {"push", "locks"}.isdisjoint(one.what for one in exchanges)


def test_a_repository_id_that_cannot_be_is_not_asked_for(hub: LocalHub) -> None:
    assert {one.what for one in asked(hub, hub.token, "a/b/c")[0]} == {"api"}


def test_one_silent_answer_does_not_hold_up_the_others(tmp_path: Path) -> None:
    with LocalHub(no_answer(on="git-refs"), root=tmp_path) as hub:
        hub.create("local/open", empty=True)
        began = time.monotonic()
        exchanges, account = ask_hub(
            Endpoint("here", hub.url), Network(), hub.token, Question(repo_id="local/open"), 1.0
        )
    assert time.monotonic() - began < 2.5
    assert account.name == "local"
    assert {one.what for one in exchanges if one.failure == "stalled"} <= {"refs", "push"}


def test_a_page_is_an_answer_of_nobody() -> None:
    with Answering(lambda method, path, headers: page("It works!")) as server:
        exchanges, account = ask_hub(
            Endpoint("here", server.url), Network(), "hf_" + "x" * 34, Question(repo_id="me/one"), 3.0
        )
    assert all(one.html for one in exchanges)
    assert (account.name, account.may_write) == ("", None)
