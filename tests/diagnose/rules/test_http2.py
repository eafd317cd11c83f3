"""HTTP/2 that breaks: told where git would take it, and certain where HTTP/1.1 works on the same line."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.machine import ConfigLine, Machine
from hfpush.diagnose.rules.http2 import causes

LINE = "hf.test:443 straight"


def facts(h2: str, status: int = 200, *settings: ConfigLine) -> Facts:
    exchange = Exchange("api", LINE, "https://hf.test/api", status, h2=h2, h2_said="the stream was reset")  # type: ignore[arg-type]
    return Facts(exchanges=(exchange,), machine=Machine(settings=settings))


@pytest.mark.parametrize("h2", ["ok", "not-offered", "not-tried"])
def test_what_does_not_break_is_no_cause(h2: str) -> None:
    assert list(causes(facts(h2))) == []


@pytest.mark.parametrize(("status", "certain"), [(200, True), (401, True), (0, False)])
def test_it_is_certain_where_http_1_1_is_answered(status: int, certain: bool) -> None:
    (cause,) = causes(facts("broken", status))
    assert (cause.finding.reference, cause.certain, cause.host) == ("http2-broken", certain, "hf.test")
    assert cause.finding.remedy[0] == "git config --global http.version HTTP/1.1"


@pytest.mark.parametrize(("value", "told"), [("HTTP/1.1", False), ("HTTP/2", True)])
def test_git_may_have_been_told_already(value: str, told: bool) -> None:
    assert bool(list(causes(facts("broken", 200, ConfigLine("http.version", value))))) is told
