"""What a log tells, beside what the probes found."""

from __future__ import annotations

import pytest

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.heard import accounts_for, with_heard
from hfpush.findings import Finding, Severity


def found(reference: str, host: str = "", severity: Severity = "error", *explains: str) -> Cause:
    finding = Finding(reference, f"{reference}.", ("both ways were tried",), (), severity)
    return Cause(finding, 20, frozenset(explains), host=host)


def told(reference: str, host: str = "", *heard: str, severity: Severity = "error") -> Cause:
    finding = Finding(reference, f"{reference}, says the log.", ("the log, line 1: x",), (), severity)
    return Cause(finding, 80, host=host, heard=frozenset({reference, *heard}))


@pytest.mark.parametrize(
    ("cause", "line", "same"),
    [
        (found("connect-timeout", "hf.test"), told("connect-timeout", "hf.test"), True),
        (found("connect-timeout", "hf.test"), told("connect-timeout", "s3.hf.test"), False),
        (found("connect-timeout", "hf.test"), told("connect-timeout"), True),
        (found("all-proxy-ignored"), told("connect-timeout", "hf.test", "all-proxy-ignored"), True),
        (found("all-proxy-ignored"), told("disk-full"), False),
        (found("proxy-lost-way", "", "error", "tls-reset"), told("tls-reset", "hf.test"), True),
        (found("fake-address", "", "note"), told("connect-timeout", "hf.test", "fake-address"), False),
        (found("socks-support-missing", "", "note"), told("socks-support-missing"), True),
    ],
)
def test_what_accounts_for_a_line(cause: Cause, line: Cause, same: bool) -> None:
    assert accounts_for(cause, line) is same


def test_what_both_know_is_one_finding_with_the_line_as_evidence() -> None:
    (one,) = with_heard([found("connect-timeout", "hf.test")], [told("connect-timeout", "hf.test")])
    assert one.finding.evidence == ("both ways were tried", "the log, line 1: x")
    assert one.finding.message == "connect-timeout."


def test_a_note_that_the_log_shows_to_matter_is_an_error() -> None:
    (one,) = with_heard([found("socks-support-missing", severity="note")], [told("socks-support-missing")])
    assert one.finding.severity == "error"


@pytest.mark.parametrize(
    ("was", "line", "becomes"),
    [("warning", "error", "error"), ("error", "warning", "error"), ("warning", "note", "warning")],
)
def test_what_brings_about_a_failure_is_as_bad_as_that(was: Severity, line: Severity, becomes: str) -> None:
    heard = told("connect-timeout", "hf.test", "all-proxy-ignored", severity=line)
    (one,) = with_heard([found("all-proxy-ignored", severity=was)], [heard])
    assert (one.finding.reference, one.finding.severity) == ("all-proxy-ignored", becomes)


def test_what_only_the_log_tells_of_stays() -> None:
    causes = with_heard([found("disk-full")], [told("connect-timeout", "hf.test")])
    assert [one.finding.reference for one in causes] == ["disk-full", "connect-timeout"]


def test_one_line_may_explain_another() -> None:
    wrapped = Cause(told("wrapper-bypassed").finding, 80, frozenset({"connect-timeout"}), heard=frozenset({"x"}))
    causes = with_heard([], [wrapped, told("connect-timeout", "hf.test"), told("disk-full")])
    assert [one.finding.reference for one in causes] == ["wrapper-bypassed", "disk-full"]
