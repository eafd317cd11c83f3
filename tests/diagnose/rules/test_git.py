"""What it amounts to that git itself gets no answer."""

from __future__ import annotations

from typing import Any

import pytest

from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.git import WITHOUT_ANSWER, GitAsked
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.machine import ConfigLine, Machine, Program
from hfpush.diagnose.facts.tls import Handshake, Judged
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.git import causes
from hfpush.diagnose.verdict import verdict

LINE = "hf.test:443 straight"
RESET = GitAsked("https://hf.test/a/b", LINE, "failed", "tls-reset", "fatal: reset by peer", 3, 3, 0.2)


def facts(asked: GitAsked | None, **more: Any) -> Facts:
    given: dict[str, Any] = {
        "question": Question(repo_id="a/b", repo_type="dataset", path="/data/my repo"),
        "machine": Machine(programs=(Program("git", "git", "2.39.5", "gnutls 3.7.9"),)),
        "ways": tuple(Way(client, "hub", "hf.test", 443) for client in ("git", "hfpush")),
        "dials": (Dial(LINE, "10.0.0.1"),),
        "handshakes": (Handshake(LINE, tries=3, version="TLS 1.3"),),
        "account": Account("HF_TOKEN", "token", 200, "ada", may_read=True, may_write=True, git_has=True),
        "exchanges": (Exchange("refs", LINE, "https://hf.test/a/b", 401, seconds=0.1),),
    }
    return Facts(git=asked, **(given | more))


def test_a_library_whose_handshakes_alone_are_reset_is_named() -> None:
    (found,) = verdict(facts(RESET))
    assert (found.reference, found.severity) == ("tls-reset", "error")
    assert "(gnutls 3.7.9)" in found.message
    assert found.remedy[0].startswith("hfpush publish '/data/my repo' --to a/b --type dataset ")
    assert "git ls-remote https://hf.test/a/b: 3 of 3 tries failed: fatal: reset by peer" in found.evidence


@pytest.mark.parametrize("reference", sorted(WITHOUT_ANSWER))
def test_whatever_else_keeps_git_alone_from_an_answer_is_told_in_its_words(reference: str) -> None:
    asked = GitAsked("https://hf.test/a/b", LINE, "failed", reference, "fatal: words", 1, 1)
    (found,) = verdict(facts(asked))
    assert (found.reference, found.severity) == (reference, "error")
    assert "fatal: words" in " ".join((found.message, *found.evidence))


@pytest.mark.parametrize(
    "well",
    [
        facts(None),
        facts(GitAsked("https://hf.test/a/b", LINE, "ok")),
        facts(GitAsked("https://hf.test/a/b", LINE, "answered", "token-missing")),
        facts(GitAsked("https://hf.test/a/b", LINE, "unknown", said="fatal: what")),
        facts(RESET, ways=()),
        facts(RESET, dials=()),
        facts(RESET, handshakes=(Handshake(LINE, "reset", tries=3, failed=3, fails_with="reset"),)),
        facts(RESET, ways=(Way("git", "hub", "hf.test", 443, "http://p:1"),)),
    ],
)
def test_nothing_is_told_where_it_works_or_the_way_fails_for_all(well: Facts) -> None:
    assert list(causes(well)) == []


def test_a_cause_that_accounts_for_it_has_its_words_as_evidence() -> None:
    flaky = Handshake(LINE, tries=5, failed=2, fails_with="reset")
    (found,) = verdict(facts(RESET, handshakes=(flaky,)))
    assert found.reference == "tls-flaky"
    assert any("git ls-remote" in line for line in found.evidence)


def test_what_another_cause_of_the_same_host_explains_is_not_told_twice() -> None:
    untrusted = GitAsked("https://hf.test/a/b", LINE, "failed", "tls-untrusted", "fatal: not trusted", 1, 1)
    doubted = tuple(Judged(LINE, client, "unknown-issuer") for client in ("git", "hfpush"))
    assert [one.reference for one in verdict(facts(untrusted, judged=doubted))] == ["tls-untrusted"]


def test_a_git_that_is_late_where_hfpush_is_quick_is_a_doubt() -> None:
    late = GitAsked("https://hf.test/a/b", LINE, "late", tries=1, failed=1, seconds=4.0)
    (cause,) = causes(facts(late))
    assert (cause.finding.reference, cause.finding.severity, cause.certain) == ("stalled", "warning", False)
    slow = (Exchange("refs", LINE, "https://hf.test/a/b", 401, seconds=2.5),)
    assert list(causes(facts(late, exchanges=slow))) == []


def test_settings_that_may_be_why_are_named() -> None:
    lines = (ConfigLine("http.sslversion", "tlsv1.0", "/u/.gitconfig", 3), ConfigLine("http.postbuffer", "1"))
    machine = Machine(settings=lines)
    (found,) = verdict(facts(RESET, machine=machine))
    assert [line for line in found.evidence if "may be why" in line] == [
        "http.sslversion = tlsv1.0 (/u/.gitconfig, line 3) may be why"
    ]
