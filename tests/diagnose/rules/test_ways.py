"""What the route table shows by itself."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.machine import ConfigLine, Machine, Program, Variable
from hfpush.diagnose.facts.tls import Judged
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.ways import causes

PROXY = "http://p:1"


def past(client: str, target: str = "hub", host: str = "hf.test", entry: str = ".hf.test") -> Way:
    return Way(client, target, host, 443, why=f"no_proxy names {entry}", bypassed=entry, past=PROXY)  # type: ignore[arg-type]


def led(client: str, target: str = "hub", host: str = "hf.test") -> Way:
    return Way(client, target, host, 443, PROXY, "HTTPS_PROXY", by="HTTPS_PROXY")  # type: ignore[arg-type]


def facts(*ways: Way, straight: str = "", through: str = "", no_proxy: str = ".hf.test", **more: object) -> Facts:
    outcomes = {"straight": straight, f"through {PROXY}": through}
    dials = [
        Dial(way.line, outcome=outcome)  # type: ignore[arg-type]
        for way in ways
        for end, outcome in outcomes.items()
        if outcome and way.line.endswith(end)
    ]
    machine = Machine(variables=(Variable("NO_PROXY", no_proxy), Variable("no_proxy", no_proxy)))
    return Facts(machine=machine, ways=ways, dials=tuple(dict.fromkeys(dials)), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("straight", "through", "severity", "certain"),
    [
        ("silent", "ok", "error", True),
        ("ok", "proxy-refused", "error", True),
        ("ok", "ok", "note", True),
        ("", "", "warning", False),
    ],
)
def test_how_bad_it_is_that_git_and_git_lfs_differ(straight: str, through: str, severity: str, certain: bool) -> None:
    (cause,) = causes(facts(past("git"), led("git-lfs"), straight=straight, through=through))
    assert (cause.finding.reference, cause.finding.severity) == ("no-proxy-differs", severity)
    assert cause.certain is certain


def test_where_both_ways_fail_others_speak() -> None:
    assert list(causes(facts(past("git"), led("git-lfs"), straight="silent", through="proxy-refused"))) == []


def test_what_it_explains_is_on_the_side_that_fails() -> None:
    (cause,) = causes(facts(past("git"), led("git-lfs"), straight="silent", through="ok"))
    assert "connect-timeout" in cause.explains
    (cause,) = causes(facts(past("git"), led("git-lfs"), straight="ok", through="proxy-refused"))
    assert "proxy-refused" in cause.explains


def test_the_line_leaves_out_what_differs_where_straight_fails() -> None:
    (cause,) = causes(facts(past("git"), led("git-lfs"), straight="silent", through="ok", no_proxy="a,.hf.test,b"))
    assert cause.finding.remedy == ("export NO_PROXY=a,b no_proxy=a,b",)


def test_the_line_names_the_host_in_every_reading_where_the_proxy_fails() -> None:
    (cause,) = causes(facts(past("git"), led("git-lfs"), straight="ok", through="proxy-refused", no_proxy="a"))
    assert cause.finding.remedy == ("export NO_PROXY=a,hf.test,.hf.test no_proxy=a,hf.test,.hf.test",)


def test_several_hosts_are_one_finding() -> None:
    ways = (past("git"), led("git-lfs"), past("git-lfs", "storage", "s3.test"), led("hfpush", "storage", "s3.test"))
    (cause,) = causes(facts(*ways, straight="silent", through="ok"))
    assert cause.hosts == {"hf.test", "s3.test"}


def test_all_alike_is_nothing() -> None:
    assert list(causes(facts(past("git"), past("git-lfs")))) == []
    assert list(causes(facts(led("git"), led("git-lfs")))) == []


def test_a_program_that_is_merely_there_is_no_error() -> None:
    (cause,) = causes(facts(past("git"), past("git-lfs"), led("huggingface_hub"), straight="ok", through="silent"))
    assert cause.finding.severity == "note"
    assert list(causes(facts(past("git"), past("git-lfs"), led("curl"), straight="ok", through="silent"))) == []


def test_a_tls_library_that_git_does_not_have_is_told_with_the_file_that_names_it() -> None:
    error = "Unsupported SSL backend 'openssl'. Supported SSL backends: gnutls"
    machine = Machine(
        (Program("git", version="2.39.5", backends=("gnutls",)),),
        settings=(ConfigLine("http.sslbackend", "openssl", "/etc/gitconfig", 7),),
    )
    (cause,) = causes(Facts(machine=machine, ways=(Way("git", "hub", "hf.test", 443, error=error),)))
    finding = cause.finding
    assert (finding.reference, finding.severity, cause.certain) == ("git-ssl-backend", "error", True)
    assert "/etc/gitconfig, line 7" in finding.evidence[0]
    assert finding.remedy == ("git config --file /etc/gitconfig --unset-all http.sslbackend",)


def test_an_empty_variable_for_git_s_certificates_is_told() -> None:
    error = "Problem with the SSL CA cert: GIT_SSL_CAINFO is empty"
    (cause,) = causes(Facts(ways=(Way("git", "hub", "hf.test", 443, error=error),)))
    assert cause.finding.reference == "ca-file-unusable"
    assert cause.finding.remedy == ("unset GIT_SSL_CAINFO",)


def test_certificates_that_some_look_at_alone_are_a_note_where_none_were_judged() -> None:
    ways = (
        Way("git", "hub", "hf.test", 443, store="http.sslCAInfo", trust=("/ca.pem", "/etc/ssl/certs")),
        Way("huggingface_hub", "hub", "hf.test", 443, store="system", trust=("/etc/ssl/certs",)),
    )
    (cause,) = causes(Facts(ways=ways))
    assert (cause.finding.reference, cause.finding.severity) == ("ca-not-everywhere", "note")
    assert "/ca.pem" in cause.finding.message
    assert "/etc/ssl/certs" not in cause.finding.message
    assert list(causes(Facts(ways=ways, judged=(Judged(ways[0].line, "git"),)))) == []
