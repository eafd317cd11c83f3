"""What lines of a log mean, by what the probes find beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.log import LogLine
from hfpush.diagnose.facts.machine import Client
from hfpush.diagnose.facts.repository import Repository
from hfpush.diagnose.facts.tls import Handshake
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.log import causes
from hfpush.diagnose.verdict import verdict
from hfpush.findings import Finding

TIMEOUT = LogLine(
    "connect-timeout", "dial tcp 10.77.0.2:443: i/o timeout", 7, "git-lfs", "hf.test", "10.77.0.2", plane="hub"
)
EOF = LogLine("connection-cut", "EOF", 3, "git-lfs", plane="here")


def told(facts: Facts) -> list[tuple[str, str, bool]]:
    return [(one.finding.reference, one.finding.severity, one.certain) for one in causes(facts)]


def way(client: Client = "git-lfs", host: str = "hf.test", via: str = "") -> Way:
    return Way(client, "hub", host, 443, via)


def tried(outcome: str, *ways: Way) -> Facts:
    dials = tuple(Dial(one.line, outcome=outcome) for one in ways)  # type: ignore[arg-type]
    shaken = tuple(Handshake(one.line) for one in ways if outcome == "ok")
    return Facts(ways=ways, dials=dials, handshakes=shaken, log=(TIMEOUT,))


def test_a_line_alone_is_told_and_not_certain() -> None:
    (cause,) = causes(Facts(log=(TIMEOUT,)))
    assert (cause.finding.severity, cause.certain, cause.host) == ("error", False, "hf.test")
    assert cause.finding.message.startswith("git-lfs got no answer from hf.test")
    assert cause.finding.evidence == ("the log, line 7: dial tcp 10.77.0.2:443: i/o timeout",)


def test_a_line_that_the_probes_cannot_see_any_more_is_a_warning_that_says_so() -> None:
    (cause,) = causes(tried("ok", way()))
    assert (cause.finding.severity, cause.certain) == ("warning", False)
    assert cause.finding.message.endswith("The probes find nothing of it now.")


def test_that_another_program_gets_through_is_no_comfort() -> None:
    facts = replace(tried("ok", way("git", via="http://proxy:3128")), ways=(way("git", via="http://proxy:3128"), way()))
    assert told(facts) == [("connect-timeout", "error", False)]


def test_a_line_before_a_push_that_went_well_is_a_note() -> None:
    assert told(Facts(log=(replace(TIMEOUT, past=True),))) == [("connect-timeout", "note", False)]


@pytest.mark.parametrize(
    ("repository", "reference"),
    [(Repository(), "connection-cut"), (Repository(multipart="hf"), "lfs-agent-died")],
)
def test_an_end_of_file_is_the_agents_where_there_is_one(repository: Repository, reference: str) -> None:
    assert [one[0] for one in told(Facts(repository=repository, log=(EOF,)))] == [reference]


def test_an_agent_that_was_noted_as_gone_is_gone() -> None:
    noted = Finding("lfs-agent-missing", "It is not there.")
    facts = Facts(repository=Repository(multipart="hf"), noted=(noted,), log=(EOF,))
    assert [one[0] for one in told(facts)] == ["lfs-agent-missing"]


def test_an_end_of_file_of_a_request_is_not_the_agents() -> None:
    line = replace(EOF, text='LFS: Put "https://s3.hf.test/k?***": EOF', host="s3.hf.test", plane="storage")
    facts = Facts(repository=Repository(multipart="hf"), log=(line,))
    assert [one[0] for one in told(facts)] == ["connection-cut"]


def test_who_does_not_answer_is_a_proxy_where_that_host_is_one() -> None:
    line = replace(TIMEOUT, reference="connection-refused", client="git", host="proxy.test")
    facts = Facts(ways=(way("git", via="http://proxy.test:3128"),), log=(line,))
    assert [one[0] for one in told(facts)] == ["proxy-failed"]


def test_python_does_not_say_that_it_was_a_proxy() -> None:
    line = replace(TIMEOUT, reference="connection-refused", client="huggingface_hub", host="")
    facts = Facts(ways=(way("huggingface_hub", via="http://proxy.test:3128"),), log=(line,))
    assert [one[0] for one in told(facts)] == ["proxy-failed"]
    assert [one[0] for one in told(Facts(ways=(way("huggingface_hub"),), log=(line,)))] == ["connection-refused"]


@pytest.mark.parametrize(
    ("reference", "severity"), [("locks-unsupported", "note"), ("token-in-remote", "warning"), ("disk-full", "error")]
)
def test_how_much_a_line_matters(reference: str, severity: str) -> None:
    assert [one[1] for one in told(Facts(log=(LogLine(reference, "x", 1),)))] == [severity]


def test_the_words_of_the_hub_are_certain() -> None:
    line = LogLine("binary-file-in-git", "remote: … contains binary files.", 4, "git", plane="hub", certain=True)
    assert told(Facts(log=(line,))) == [("binary-file-in-git", "error", True)]


def test_the_first_line_goes_first() -> None:
    other = replace(TIMEOUT, host="s3.hf.test", plane="storage", number=9)
    findings = verdict(Facts(log=(LogLine("rate-limited", "429", 2, host="hf.test"), TIMEOUT, other)), (causes,))
    assert [one.reference for one in findings] == ["rate-limited", "connect-timeout", "connect-timeout"]
