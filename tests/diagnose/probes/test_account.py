"""What the Hub's answers say of an account: read from whatever they are."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.probes.account import looks_like, with_rights, with_whoami

FINE = {
    "name": "me",
    "orgs": [{"name": "acme"}, {"name": 7}, "odd"],
    "auth": {
        "accessToken": {
            "role": "fineGrained",
            "fineGrained": {
                "global": ["discussion.write"],
                "scoped": [
                    {"entity": {"type": "model", "name": "me/one"}, "permissions": ["repo.content.read", "repo.write"]},
                    {"entity": None, "permissions": None},
                ],
            },
        }
    },
}


NAMES = ["name", "auth", "accessToken", "fineGrained", "scoped", "global", "orgs", "role", "entity", "permissions"]
ANYTHING = st.recursive(
    st.none() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
)


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        ("hf_" + "a" * 34, "token"),
        ("api_org_" + "a" * 30, "token"),
        ("eyJhbGciOiJFZERTQSJ9.e30.x", "token"),
        ("hunter2", "other"),
        ("hf_me", "other"),
        ("correct horse battery staple", "other"),
    ],
)
def test_a_password_does_not_look_like_a_token(secret: str, kind: str) -> None:
    assert looks_like(secret) == kind


def test_a_fine_grained_token_is_told_with_what_it_lists() -> None:
    found = with_whoami(Account(), Exchange("api", status=200), json.dumps(FINE).encode())
    assert (found.name, found.role, found.owners) == ("me", "fineGrained", ("acme",))
    assert found.scopes[0] == "model me/one: repo.content.read, repo.write"
    assert found.scopes[-1] == "everywhere: discussion.write"


@given(st.binary(max_size=60) | ANYTHING.map(lambda data: json.dumps(data).encode()))
def test_an_answer_may_be_anything(body: bytes) -> None:
    found = with_whoami(Account(), Exchange("api", status=200), body)
    assert found.status == 200
    assert isinstance(found.name, str)


@pytest.mark.parametrize(
    ("repo", "access", "push", "may"),
    [
        (200, 200, 200, (True, True)),
        (200, 403, 403, (False, False)),
        (200, 200, 403, (True, False)),
        (404, 404, 404, (False, False)),
        (200, 502, 502, (None, None)),
        (502, 502, 200, (None, True)),
    ],
)
def test_rights_follow_from_the_answers(
    repo: int, access: int, push: int, may: tuple[bool | None, bool | None]
) -> None:
    answers = {
        ("repo", True): Exchange("repo", status=repo, with_token=True),
        ("access", True): Exchange("access", status=access, code="X", with_token=True),
        ("push", True): Exchange("push", status=push, with_token=True),
    }
    found = with_rights(Account(status=200), answers)
    assert (found.may_read, found.may_write) == may


def test_a_page_in_the_answers_place_gives_no_right() -> None:
    found = with_rights(Account(status=200), {("push", True): Exchange("push", status=200, html=True, with_token=True)})
    assert found.may_write is None
