"""Exchanges as facts: what is not known is not there, and a report keeps all of one."""

from __future__ import annotations

import json

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.report import Report
from hfpush.diagnose.report_reading import read_report
from hfpush.diagnose.verdict import verdict


def test_an_exchange_of_which_nothing_is_known_is_no_cause() -> None:
    assert verdict(Facts(exchanges=(Exchange("api"),))) == ()


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange(
            "plain", "hf.test:80 straight", "http://hf.test/", 302, redirects=("http://p/",), insecure="http://p/"
        ),
        Exchange("api", h2="broken", h2_said="reset", login=True, html=True, with_token=True),
        Exchange("repo", ahead=-3600.5, retry_after=30.0, rate_limit='"api";r=0', loop=True, code="GatedRepo"),
    ],
)
def test_a_report_keeps_an_exchange_as_it_was(exchange: Exchange) -> None:
    text = json.dumps(Report(Facts(exchanges=(exchange,))).as_json()).encode()
    assert read_report(text, "it").facts.exchanges == (exchange,)


def test_a_kind_of_question_that_this_version_does_not_know_is_left_out() -> None:
    document = Report(Facts(exchanges=(Exchange("api"), Exchange("repo")))).as_json()
    document["facts"]["exchanges"][0]["what"] = "of-tomorrow"
    report = read_report(json.dumps(document).encode(), "it")
    assert [one.what for one in report.facts.exchanges] == ["repo"]
    assert report.lost == 1
