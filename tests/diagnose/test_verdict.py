"""Causes in, findings out: the deepest first, and no symptom beside what explains it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.verdict import RULES, Rule, verdict
from hfpush.findings import Finding, Severity


def cause(reference: str, depth: int, *explains: str, severity: Severity = "error", **more: object) -> Cause:
    return Cause(Finding(reference, reference, severity=severity), depth, frozenset(explains), **more)  # type: ignore[arg-type]


def told(*causes: Cause) -> list[str]:
    def rule(facts: Facts) -> Iterator[Cause]:
        yield from causes

    rules: Sequence[Rule] = (rule,)
    return [one.reference for one in verdict(Facts(), rules)]


def test_what_a_deeper_cause_explains_is_left_out() -> None:
    assert told(cause("silence", 20), cause("setting", 3, "silence")) == ["setting"]


def test_nothing_is_explained_by_what_lies_less_deep() -> None:
    assert told(cause("silence", 20), cause("log", 80, "silence")) == ["silence", "log"]


def test_two_that_explain_each_other_do_not_both_go() -> None:
    assert told(cause("a", 5, "b"), cause("b", 5, "a")) == ["a"]


def test_a_symptom_at_another_host_stays() -> None:
    storage = cause("silence", 20, host="s3.test")
    hub = cause("sinkhole", 10, "silence", hosts=frozenset({"hf.test"}), host="hf.test")
    assert told(hub, storage) == ["sinkhole", "silence"]


@pytest.mark.parametrize(
    ("cause_is", "symptom_is", "left"),
    [
        ("error", "error", ["setting"]),
        ("error", "warning", ["setting"]),
        ("error", "note", ["setting"]),
        ("warning", "error", ["silence", "setting"]),
        ("warning", "warning", ["setting"]),
        ("warning", "note", ["setting"]),
        ("note", "error", ["silence", "setting"]),
        ("note", "warning", ["silence", "setting"]),
        ("note", "note", ["setting"]),
    ],
)
def test_a_cause_hides_only_what_is_no_worse_than_itself(
    cause_is: Severity, symptom_is: Severity, left: list[str]
) -> None:
    setting = cause("setting", 3, "silence", severity=cause_is)
    assert told(setting, cause("silence", 20, severity=symptom_is)) == left


def test_errors_come_before_warnings_and_notes_and_the_certain_first() -> None:
    causes = [
        cause("note", 0, severity="note"),
        cause("warning", 1, severity="warning"),
        cause("doubtful", 30, certain=False),
        cause("certain", 30),
    ]
    assert told(*causes) == ["certain", "doubtful", "warning", "note"]


def test_the_same_finding_is_told_once() -> None:
    assert told(cause("a", 1), cause("a", 2)) == ["a"]


def test_of_nothing_nothing_follows() -> None:
    assert verdict(Facts()) == ()
    assert len(set(RULES)) == len(RULES)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3), st.sampled_from("abcd")), min_size=1, max_size=6))
def test_whatever_the_causes_one_of_them_is_told(given_causes: list[tuple[str, int, str]]) -> None:
    assert told(*(cause(name, depth, symptom) for name, depth, symptom in given_causes))
