"""What the LFS API answers, and git-lfs's own settings: facts and the finding that they make."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.lfs import Batch, Lfs
from hfpush.diagnose.facts.machine import ConfigLine, Machine
from hfpush.diagnose.facts.repository import Repository
from hfpush.diagnose.rules.lfs import causes
from hfpush.findings import Finding

QUESTION = Question(endpoint="https://hf.test")
WELL = Batch(200, storage="https://s3.test:443", lives=900.0, left=900.0)
HUGE = Repository("repository", "/a b", largest_lfs=6 * 10**9)


def of(batch: Batch | None = WELL, **more: object) -> list[Cause]:
    return list(causes(Facts(question=QUESTION, lfs=Lfs(batch=batch), **more)))  # type: ignore[arg-type]


def test_a_good_answer_and_no_answer_say_nothing() -> None:
    assert of() == of(None) == of(Batch(failure="not-asked")) == of(Batch(401)) == []


@pytest.mark.parametrize(
    ("batch", "reference"),
    [
        (Batch(200, rejected=6, rejected_code=403, said="Private repository storage limit reached"), "hub-quota"),
        (Batch(403, said="Your storage patterns tripped our internal systems!"), "hub-quota"),
        (Batch(507, said="full"), "hub-quota"),
        (Batch(200, rejected=6, rejected_code=422, said="no such thing here"), "object-refused"),
        (Batch(200, href_unusable="s3.test/bucket/x"), "lfs-url-unusable"),
        (Batch(200, "batch-unreadable", exchange=Exchange("batch", status=200)), "batch-unreadable"),
        (replace(WELL, lives=3.0, left=3.0), "lease-refused"),
        (replace(WELL, lives=-100.0, left=-100.0), "lease-refused"),
        (replace(WELL, lives=900.0, left=-100.0), "clock-skewed"),
        (replace(WELL, storage="http://s3.test:80"), "storage-insecure"),
    ],
)
def test_each_answer_has_one_cause(batch: Batch, reference: str) -> None:
    assert [(one.finding.reference, one.finding.severity) for one in of(batch)] == [(reference, "error")]


@pytest.mark.parametrize("batch", [Batch(403, said="you must use a write token"), Batch(200, "not-a-hub")])
def test_permission_and_pages_are_others_to_tell(batch: Batch) -> None:
    assert of(replace(batch, exchange=Exchange("batch", html=True))) == []


def test_a_quota_explains_what_looks_like_a_lack_of_permission() -> None:
    (cause,) = of(Batch(403, said="storage limit reached"))
    assert "no-permission" in cause.explains


def test_a_clock_that_is_told_of_is_not_told_of_twice() -> None:
    batch = replace(WELL, lives=900.0, left=-100.0)
    assert of(batch, exchanges=(Exchange("api", ahead=1000.0),)) == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("hf.test/me/m.git/info/lfs", True),
        ("hf.test:8443/lfs", True),
        ("https://hf.test/me/m.git/info/lfs", False),
        ("git@hf.test:me/m.git", False),
        ("/srv/lfs", False),
    ],
)
def test_an_address_without_a_scheme_is_found_in_settings(value: str, found: bool) -> None:
    machine = Machine(settings=(ConfigLine("lfs.url", value, ".lfsconfig", 2),))
    told = of(machine=machine)
    assert [one.finding.reference for one in told] == (["lfs-url-unusable"] if found else [])
    if found:
        assert told[0].finding.remedy[0] == f"git config lfs.url https://{value}"
        assert ".lfsconfig:2" in told[0].finding.evidence[0]


@pytest.mark.parametrize(
    ("repository", "batch", "noted", "told"),
    [
        (HUGE, WELL, False, [("large-object-agent", "error")]),
        (replace(HUGE, multipart="hfpush"), WELL, False, []),
        (replace(HUGE, multipart="/venv/bin/hf"), WELL, False, [("lfs-agent-slow-start", "note")]),
        (replace(HUGE, multipart="huggingface-cli"), WELL, True, [("lfs-agent-missing", "error")]),
        (Repository("repository", multipart="huggingface-cli"), WELL, True, [("lfs-agent-missing", "warning")]),
        (
            Repository("repository", multipart="huggingface-cli"),
            replace(WELL, transfer="multipart", part_size=10),
            True,
            [("lfs-agent-missing", "error")],
        ),
        (Repository("repository", largest_lfs=10**9), WELL, False, []),
    ],
)
def test_the_agent_matters_where_a_file_needs_it(
    repository: Repository, batch: Batch, noted: bool, told: list[tuple[str, str]]
) -> None:
    findings = (Finding("lfs-agent-missing", "It is not there.", severity="warning"),) if noted else ()
    found = of(batch, repository=repository, noted=findings)
    assert [(one.finding.reference, one.finding.severity) for one in found] == told


def test_the_remedy_for_an_agent_names_the_repository() -> None:
    (cause,) = of(repository=HUGE)
    assert cause.finding.remedy[0] == "hfpush lfs enable-largefiles '/a b'"
    assert "large-object-agent" in cause.explains, "the audit's note of the same"


def test_one_agent_alone_starts_fast() -> None:
    machine = Machine(settings=(ConfigLine("lfs.concurrenttransfers", "1"),))
    assert of(repository=replace(HUGE, multipart="hf"), machine=machine) == []
