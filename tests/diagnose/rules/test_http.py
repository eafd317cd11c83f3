"""What the answers of a host mean: one cause, and nothing else said about them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.tls import Judged
from hfpush.diagnose.rules.http import causes
from hfpush.diagnose.verdict import verdict

HUB = "https://hf.test"
JSON = "application/json; charset=utf-8"
LINE = "hf.test:443 straight"


def said(what: str = "api", status: int = 200, **more: object) -> Exchange:
    url = f"{HUB}/api/whoami-v2" if what == "api" else f"{HUB}/me/one"
    usual = {"kind": JSON, "line": LINE, "url": url}
    return Exchange(what, status=status, **{**usual, **more})  # type: ignore[arg-type]


def facts(*exchanges: Exchange, kind: str = "hub", endpoint: str = HUB) -> Facts:
    question = Question(endpoint=endpoint, kind=kind, repo_id="me/one")
    return Facts(question=question, account=Account(source="HF_TOKEN"), exchanges=exchanges)


PAGE = {"html": True, "kind": "text/html"}
AWAY = {"redirects": ("https://portal.example/login",)}


@pytest.mark.parametrize(
    ("exchanges", "reference"),
    [
        ([said()], None),
        ([said(status=401), said("repo")], None),
        ([said(), said("refs", 401, kind="text/plain")], None),
        ([said(login=True, **PAGE), said("repo", login=True, **PAGE)], "captive-portal"),
        ([said(**AWAY, **PAGE)], "captive-portal"),
        (
            [said(status=302, redirects=("http://portal.example/",), insecure="http://portal.example/")],
            "captive-portal",
        ),
        ([said(status=511, **PAGE)], "captive-portal"),
        ([said(status=0, failure="stalled", redirects=("http://10.0.0.1/",))], "captive-portal"),
        ([said(redirects=("https://hf.test/new",))], None),
        ([said(status=302, redirects=("http://hf.test/x",), insecure="http://hf.test/x")], "redirect-insecure"),
        ([said(status=307, loop=True, redirects=(f"{HUB}/a",) * 6)], "redirect-refused"),
        ([said(status=302, failure="redirect-refused")], "redirect-refused"),
        ([said(**PAGE)], "not-a-hub"),
        ([said(status=404, kind="text/plain")], "not-a-hub"),
        ([said(status=403, **PAGE)], "not-a-hub"),
        ([said(status=404)], None),
        ([said(), said("repo", **PAGE)], "not-a-hub"),
        ([said(status=0, failure="not-a-hub")], "not-a-hub"),
        ([said(status=503)], "hub-unavailable"),
        ([said(status=502, **PAGE), said("repo", 502, **PAGE)], "hub-unavailable"),
        ([said(), said("push", 500)], "hub-unavailable"),
        ([said(), said("repo", 408)], "hub-unavailable"),
        ([said(), said("push", 507)], None),
        ([said(), said("locks", 501)], None),
        ([said(status=429)], "rate-limited"),
        ([said(), said("repo", 429, retry_after=3600.0)], "rate-limited"),
        ([said(status=0, failure="connect-timeout")], None),
        ([said(status=0, failure="connection-cut")], "connection-cut"),
        ([said(status=0, failure="stalled"), said("repo", 0, failure="stalled")], "stalled"),
        ([said(), said("refs", 0, failure="stalled")], None),
    ],
)
def test_what_was_answered_has_one_cause(exchanges: list[Exchange], reference: str | None) -> None:
    found = [one.finding.reference for one in causes(facts(*exchanges))]
    assert found == ([] if reference is None else [reference])


@pytest.mark.parametrize(
    ("kind", "reference"), [("hub", "not-a-hub"), ("mirror", "not-a-hub"), ("nexus", None), ("artifactory", None)]
)
def test_a_registry_need_not_know_who_we_are(kind: str, reference: str | None) -> None:
    found = [one.finding.reference for one in causes(facts(said(status=404, **PAGE), said("repo"), kind=kind))]
    assert found == ([] if reference is None else [reference])


def test_connections_that_do_not_stand_are_not_told_here() -> None:
    cut = said(status=0, failure="connection-cut")
    dead = replace(facts(cut), dials=(Dial(LINE, outcome="silent"),))
    assert list(causes(dead)) == []
    alive = replace(facts(cut), dials=(Dial(LINE, outcome="ok"),))
    assert [one.certain for one in causes(alive)] == [True]
    assert [one.certain for one in causes(facts(cut))] == [False]


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "without saying for how long"), (30.0, "for 30 s"), (3600.0, "0 %, without a word")]
)
def test_a_limit_says_how_long_and_what_git_lfs_makes_of_it(seconds: float | None, words: str) -> None:
    (cause,) = causes(facts(said(status=429, retry_after=seconds, rate_limit='"api";r=0')))
    assert words in cause.finding.message
    assert 'RateLimit: "api";r=0' in cause.finding.evidence


def test_the_hub_itself_is_no_reason_to_unset_the_endpoint() -> None:
    (own,) = causes(facts(said(status=503)))
    assert any(line.startswith("unset HF_ENDPOINT") for line in own.finding.remedy)
    (hub,) = causes(facts(said(status=503), endpoint="https://huggingface.co"))
    assert not any("unset" in line for line in hub.finding.remedy)
    assert any("status.huggingface.co" in line for line in hub.finding.remedy)


def test_a_portal_is_told_where_tls_shows_its_certificate_and_port_80_its_page() -> None:
    untrusted = said(status=0, failure="tls-untrusted")
    url, away = "http://hf.test/", ("http://portal.example/x",)
    plain = Exchange("plain", LINE.replace("443", "80"), url, 200, redirects=away, html=True)
    theirs = (Judged(LINE, "hfpush", "other-name"),)
    assert [one.finding.reference for one in causes(replace(facts(untrusted, plain), judged=theirs))] == [
        "captive-portal"
    ]
    private = (Judged(LINE, "hfpush", "unknown-issuer"),)
    assert list(causes(replace(facts(untrusted, plain), judged=private))) == []
    secure = replace(plain, redirects=(f"{HUB}/",), html=False, status=0, failure="tls-untrusted")
    assert list(causes(replace(facts(untrusted, secure), judged=theirs))) == []


def test_who_answers_in_the_hubs_place_explains_what_is_said_of_tokens() -> None:
    wrong = facts(said(login=True, **PAGE), said("repo", 404, **PAGE))
    wrong = replace(wrong, account=replace(wrong.account, status=401, repo_status=404))
    assert [one.reference for one in verdict(wrong)] == ["captive-portal"]
