"""What a log said survives a report."""

from __future__ import annotations

import json

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.log import LogLine
from hfpush.diagnose.report import Report
from hfpush.diagnose.report_reading import read_report


def test_a_line_is_the_same_after_it_was_written_and_read() -> None:
    line = LogLine("connect-timeout", "dial tcp: i/o timeout", 7, "git-lfs", "hf.test", "10.77.0.2", plane="hub")
    text = json.dumps(Report(Facts(log=(line,))).as_json()).encode()
    assert read_report(text, "a report").facts.log == (line,)


def test_a_line_is_uncertain_and_of_now_unless_something_says_otherwise() -> None:
    line = LogLine("stalled")
    assert (line.certain, line.past, line.plane) == (False, False, "")
