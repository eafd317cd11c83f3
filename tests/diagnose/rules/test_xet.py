"""Xet, which matters only to who has hf_xet."""

from __future__ import annotations

from typing import Any

import pytest

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.lfs import Lfs, Xet
from hfpush.diagnose.facts.log import LogLine
from hfpush.diagnose.facts.machine import Machine, Program, Variable
from hfpush.diagnose.facts.tls import Certificate, Handshake, Judged
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.xet import causes

LINE = "cas.test:443 straight"
THERE = Machine((Program("hf_xet", version="1.8.0"),))
OFFERED, MISSING = Xet(True, "https://cas.test", 200), Xet(False, status=404)
SILENT = {"dials": (Dial(LINE, outcome="silent"),)}
DOUBTED = {
    "dials": (Dial(LINE),),
    "handshakes": (Handshake(LINE, certificate=Certificate(issuer="Corp CA")),),
    "judged": (Judged(LINE, "hf_xet", "unknown-issuer", "its own roots"),),
}


def of(xet: Xet, machine: Machine = THERE, **more: Any) -> list[Cause]:
    facts = Facts(
        question=more.pop("question", Question(endpoint="https://hf.test")),
        machine=machine,
        ways=(Way("hf_xet", "xet", "cas.test", 443), Way("hfpush", "xet", "cas.test", 443)),
        account=Account(repo_status=more.pop("repo_status", 200)),
        lfs=Lfs(xet=xet),
        **more,
    )
    return list(causes(facts))


@pytest.mark.parametrize(
    ("xet", "more", "reference"),
    [(OFFERED, SILENT, "xet-blocked"), (OFFERED, DOUBTED, "xet-untrusted"), (MISSING, {}, "xet-missing")],
)
def test_it_is_a_note_until_a_log_shows_that_it_matters(xet: Xet, more: dict[str, Any], reference: str) -> None:
    (cause,) = of(xet, **more)
    assert (cause.finding.reference, cause.finding.severity) == (reference, "note")
    assert cause.finding.remedy[0] == "export HF_HUB_DISABLE_XET=1"
    (cause,) = of(xet, **more, log=(LogLine("xet-blocked"),))
    assert cause.finding.severity == "error"
    assert "xet-blocked" in cause.explains, "the log's own word for it"


def test_who_fetches_is_warned_of_a_host_that_is_blocked() -> None:
    (cause,) = of(OFFERED, **SILENT, question=Question("fetch"))
    assert cause.finding.severity == "warning"
    assert cause.hosts == {"cas.test"}


def test_the_issuer_is_named() -> None:
    assert "it is signed by Corp CA" in of(OFFERED, **DOUBTED)[0].finding.evidence


@pytest.mark.parametrize(
    ("xet", "machine", "more"),
    [
        (OFFERED, THERE, {"dials": (Dial(LINE),)}),
        (OFFERED, Machine(), SILENT),
        (OFFERED, Machine(THERE.programs, (Variable("HF_HUB_DISABLE_XET", "1"),)), SILENT),
        (Xet(True, "https://cas.test", 200, disabled=True), THERE, SILENT),
        (MISSING, THERE, {"repo_status": 404}),
        (Xet(None, status=401), THERE, {}),
    ],
)
def test_where_it_works_or_is_not_used_nothing_is_said(xet: Xet, machine: Machine, more: dict[str, Any]) -> None:
    assert of(xet, machine, **more) == []
