"""Tokens: where they come from decides what is to be done about them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.machine import ConfigLine, Machine, Program, Variable
from hfpush.diagnose.rules.account import causes

HUB = "https://hf.test"
QUESTION = Question(endpoint=HUB, endpoint_name="hf.test", repo_id="me/one")
GOOD = Account(
    source="HF_TOKEN", looks_like="token", status=200, name="me", role="write", repo_status=200, git_has=True
)
NO_MORE = replace(GOOD, status=401, git_status=401, git_looks_like="token", git_same=True)
MACHINE = Machine(programs=(Program("git", version="2.39.5"),))


def told(account: Account, machine: Machine = MACHINE, **asked: object) -> list[tuple[str, str]]:
    question = replace(QUESTION, **asked)  # type: ignore[arg-type]
    facts = Facts(question=question, account=account, machine=machine, exchanges=(Exchange("api", status=200),))
    return [(one.finding.reference, one.finding.severity) for one in causes(facts)]


@pytest.mark.parametrize(
    ("account", "asked", "found"),
    [
        (GOOD, {}, []),
        (replace(GOOD, status=401), {}, [("token-refused", "error")]),
        (replace(GOOD, status=401, looks_like="other"), {}, [("password-not-token", "error")]),
        (replace(GOOD, status=0, malformed=True), {}, [("password-not-token", "error")]),
        (replace(GOOD, looks_like="other"), {}, []),
        (replace(GOOD, git_status=401, git_looks_like="token"), {}, [("token-refused", "error")]),
        (replace(NO_MORE, git_same=False), {}, [("token-refused", "error")] * 2),
        (NO_MORE, {}, [("token-refused", "error")]),
        (replace(GOOD, git_status=401, git_looks_like="other"), {}, [("password-not-token", "error")]),
        (replace(GOOD, git_has=False), {}, [("token-missing", "note")]),
        (replace(GOOD, git_has=False), {"purpose": "fetch"}, []),
        (replace(GOOD, git_has=False), {"repo_id": ""}, []),
        (Account(repo_status=200, git_has=False), {}, [("token-missing", "error")]),
        (Account(repo_status=200, git_has=False), {"purpose": "publish"}, [("token-missing", "error")]),
        (Account(repo_status=200, git_has=False), {"purpose": "fetch"}, []),
        (Account(git_has=False), {"repo_id": ""}, [("token-missing", "note")]),
        (Account(repo_status=200, git_has=True, git_status=200), {}, [("token-missing", "note")]),
        (Account(repo_status=200, git_has=True), {"purpose": "publish"}, [("token-missing", "warning")]),
        (Account(repo_status=401), {}, []),
        (Account(), {"offline": True}, []),
    ],
)
def test_what_is_wrong_with_a_login_is_one_cause(
    account: Account, asked: dict[str, object], found: list[tuple[str, str]]
) -> None:
    assert told(account, **asked) == found


def test_an_endpoint_that_huggingface_hub_would_tell_the_token_is_warned_of() -> None:
    there = replace(MACHINE, variables=(Variable("HF_ENDPOINT", "https://mirror.test/"),))
    elsewhere = {"trusted": False, "endpoint": "https://mirror.test", "endpoint_name": "mirror.test"}
    account = Account(source="HF_TOKEN")
    assert told(account, there, **elsewhere) == [("token-to-mirror", "warning")]
    assert told(account, MACHINE, **elsewhere) == [("token-withheld", "note")]
    assert told(Account(), there, **elsewhere) == []


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("HF_TOKEN", "read -rs HF_TOKEN && export HF_TOKEN"),
        ("hf auth login", "hf auth login"),
        ("the token kept for the endpoint corp", "hfpush endpoint add"),
    ],
)
def test_the_remedy_is_for_the_place_that_the_token_comes_from(source: str, line: str) -> None:
    account = replace(GOOD, status=401, source=source)
    (cause,) = causes(Facts(question=QUESTION, account=account, exchanges=(Exchange("api", status=401),)))
    assert any(one.startswith(line) for one in cause.finding.remedy)
    assert source in cause.finding.message


def test_a_login_in_a_remotes_url_is_gits_login() -> None:
    settings = (ConfigLine("remote.origin.url", "https://***@hf.test/me/one"),)
    assert told(replace(GOOD, git_has=False), replace(MACHINE, settings=settings)) == []


def test_git_forgets_by_the_line_that_is_told() -> None:
    account = replace(GOOD, git_status=401, git_looks_like="token", helpers=("store",))
    (cause,) = causes(Facts(question=QUESTION, account=account, exchanges=(Exchange("api", status=200),)))
    assert cause.finding.remedy[0] == r"printf 'protocol=https\nhost=hf.test\n\n' | git credential reject"
