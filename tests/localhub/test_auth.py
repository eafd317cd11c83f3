import base64
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.localhub.auth import ANONYMOUS, Auth, Identity, User, passes_gate, refuse_read, refuse_write, token_of
from hfpush.localhub.names import RepoKey
from hfpush.localhub.repos import Repo, RepoRecord

ADA = User("ada", "hf_ada", "write", ("acme",))
READER = User("ada", "hf_reader", "read", ("acme",))
BOB = User("bob", "hf_bob", "write")
ANYWHERE = User("local", "hf_local", "write", ("*",))
BAD = Identity(bad_token=True)


def repo(id="acme/model", **record):
    return Repo(RepoKey("models", id), Path("unused"), RepoRecord(uid="0" * 24, created_at=0.0, **record))


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("Bearer hf_x", "hf_x"),
        ("bearer   hf_x ", "hf_x"),
        (basic("anybody:hf_x"), "hf_x"),
        (basic(":hf_x"), "hf_x"),
        (basic("u:a:b"), "a:b"),
        (basic("hf_x"), None),
        (basic("hf_x:"), None),
        ("Basic !!!", None),
        ("Basic /w==", None),
        ("Bearer", None),
        ("Digest x", None),
        ("", None),
    ],
)
def test_token_is_bearer_or_password_of_basic(value, token):
    assert token_of(value) == token


@given(st.text())
def test_any_header_names_somebody_or_nobody(value):
    assert Auth([ADA]).identify({"Authorization": value}) in (Identity(ADA), BAD)


def test_no_header_is_anonymous_and_a_wrong_one_is_a_bad_token():
    auth = Auth([ADA, BOB])
    assert auth.identify({}) == ANONYMOUS
    assert auth.identify({"Authorization": "Bearer hf_bob"}) == Identity(BOB)
    assert auth.identify({"Authorization": "Bearer hf_bo"}) == BAD


def test_a_token_is_not_shown():
    assert "hf_ada" not in repr(ADA)


@pytest.mark.parametrize(
    ("identity", "facts", "status", "code"),
    [
        (ANONYMOUS, repo(), None, None),
        (BAD, repo(), 401, None),
        (ANONYMOUS, None, 401, "RepoNotFound"),
        (Identity(BOB), None, 404, "RepoNotFound"),
        (ANONYMOUS, repo(private=True), 401, "RepoNotFound"),
        (Identity(BOB), repo(private=True), 404, "RepoNotFound"),
        (Identity(READER), repo(private=True), None, None),
        (Identity(ANYWHERE), repo("x/y", private=True), None, None),
        (Identity(ADA), repo(disabled=True), 403, None),
        (ANONYMOUS, repo(gated="auto"), 401, "GatedRepo"),
        (Identity(BOB), repo(gated="manual"), 403, "GatedRepo"),
        (Identity(BOB), repo(gated="manual", allowed=("bob",)), None, None),
        (Identity(READER), repo(gated="manual"), None, None),
    ],
)
def test_refusals_to_read(identity, facts, status, code):
    denial = refuse_read(identity, facts)
    assert (denial.status, denial.code) == (status, code) if status else denial is None


@pytest.mark.parametrize(
    ("identity", "facts", "status"),
    [
        (ANONYMOUS, repo(), 401),
        (Identity(BOB), repo(), 403),
        (Identity(BOB), repo("bob/model"), None),
        (Identity(READER), repo(), 403),
        (Identity(ADA), repo(), None),
        (Identity(ADA), repo("gpt2"), 403),
        (Identity(ANYWHERE), repo("gpt2"), None),
        (Identity(BOB), None, 404),
        (Identity(BOB), repo(private=True), 404),
    ],
)
def test_refusals_to_write(identity, facts, status):
    denial = refuse_write(identity, facts)
    assert denial.status == status if status else denial is None


def test_a_gate_does_not_close_the_listing():
    gated = repo(gated="manual")
    assert refuse_read(ANONYMOUS, gated, content=False) is None
    assert not passes_gate(ANONYMOUS, gated)


def test_only_a_401_carries_a_challenge():
    refused = refuse_read(BAD, repo())
    assert refused.headers["WWW-Authenticate"].startswith("Bearer ")
    assert replace(refused, status=403).headers == {}
