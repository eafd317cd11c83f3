"""Repositories that are hidden, closed or not there, and tokens that may not write: told apart as far as possible."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.repository import Repository
from hfpush.diagnose.rules.access import causes

HUB = "https://hf.test"
QUESTION = Question(endpoint=HUB, endpoint_name="hf.test", repo_id="me/one")
GOOD = Account(
    source="HF_TOKEN", status=200, name="me", role="write", repo_status=200, access_status=200, push_status=200
)


def told(account: Account, *exchanges: Exchange, repository: Repository | None = None, **asked: object) -> list[Cause]:
    question = replace(QUESTION, **asked)  # type: ignore[arg-type]
    facts = Facts(question=question, account=account, exchanges=exchanges, repository=repository or Repository())
    return list(causes(facts))


@pytest.mark.parametrize(
    ("account", "asked", "found"),
    [
        (GOOD, {}, []),
        (replace(GOOD, status=401, repo_status=401), {}, []),
        (replace(GOOD, repo_status=404), {}, [("repo-not-found", "error", False)]),
        (replace(GOOD, repo_status=404, other_types=("dataset",)), {}, [("repo-not-found", "error", True)]),
        (Account(repo_status=401), {}, [("token-missing", "error", False)]),
        (Account(repo_status=401, other_types=("space",)), {}, [("repo-not-found", "error", True)]),
        (replace(GOOD, repo_status=403), {}, [("no-permission", "error", True)]),
        (replace(GOOD, access_status=403, access_code="GatedRepo"), {}, [("repo-gated", "error", True)]),
        (replace(GOOD, access_status=403, access_code="GatedRepo"), {"purpose": "publish"}, []),
        (Account(repo_status=200, access_status=401, access_code="GatedRepo"), {}, [("repo-gated", "error", True)]),
        (replace(GOOD, push_status=403, role="read"), {}, [("no-permission", "error", True)]),
        (replace(GOOD, push_status=403, role="read"), {"purpose": "fetch"}, []),
        (replace(GOOD, push_status=403, role="fineGrained"), {}, [("no-permission", "error", True)]),
        (replace(GOOD, push_status=403), {}, [("no-permission", "error", True)]),
        (replace(GOOD, role="read", repo_status=0), {"repo_id": ""}, [("no-permission", "note", True)]),
        (
            replace(GOOD, role="read", repo_status=0),
            {"repo_id": "", "purpose": "publish"},
            [("no-permission", "error", True)],
        ),
        (replace(GOOD, locks_status=404), {}, [("locks-unsupported", "note", True)]),
        (replace(GOOD, locks_status=200), {}, []),
        (replace(GOOD, locks_status=429), {}, []),
        (replace(GOOD, repo_status=503), {}, []),
    ],
)
def test_what_the_answers_say_of_a_repository(
    account: Account, asked: dict[str, object], found: list[tuple[str, str, bool]]
) -> None:
    causes = told(account, **asked)
    assert [(one.finding.reference, one.finding.severity, one.certain) for one in causes] == found


def test_the_other_type_is_told_with_the_lines_that_set_it_right() -> None:
    account = replace(GOOD, repo_status=404, other_types=("dataset",))
    (cause,) = told(account, repository=Repository(state="repository", remotes=(f"{HUB}/me/one",)))
    assert f"git remote set-url origin {HUB}/datasets/me/one" in cause.finding.remedy
    assert f"hfpush doctor --repo {HUB}/datasets/me/one" in cause.finding.remedy
    (cause,) = told(account)
    assert not any("set-url" in line for line in cause.finding.remedy)


@pytest.mark.parametrize(("owner", "line"), [("Me", "me/one"), ("acmee", "acme/one"), ("else", None), ("me", None)])
def test_an_owner_that_is_nearly_ones_own_is_taken_for_a_slip(owner: str, line: str | None) -> None:
    account = replace(GOOD, repo_status=404, owners=("acme",))
    (cause,) = told(account, repo_id=f"{owner}/one")
    found = [one for one in cause.finding.remedy if one.startswith("perhaps")]
    assert found == ([] if line is None else [f"perhaps you mean: hfpush doctor --repo {line}"])


def test_each_kind_of_token_has_its_own_words() -> None:
    def words(role: str) -> str:
        (cause,) = told(replace(GOOD, push_status=403, role=role, scopes=("model me/two: repo.write",)))
        return cause.finding.message + " ".join(cause.finding.evidence)

    assert "for reading only" in words("read")
    assert "fine-grained" in words("fineGrained")
    assert "model me/two: repo.write" in words("fineGrained")
    assert "account me may not write" in words("write")


def test_what_was_seen_says_whether_the_token_went_along() -> None:
    account = replace(GOOD, repo_status=404)
    url = f"{HUB}/api/models/me/one"
    (cause,) = told(
        account,
        Exchange("repo", url=url, status=401),
        Exchange("repo", url=url, status=404, with_token=True, said="Repository not found"),
    )
    assert cause.finding.evidence[:2] == (
        f"{url} answered 401 without the token",
        f"{url} answered 404 with the token: Repository not found",
    )
