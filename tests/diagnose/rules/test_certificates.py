"""Certificates of another host or out of their time, and files that cannot be used."""

from __future__ import annotations

import pytest

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.names import Lookup
from hfpush.diagnose.facts.tls import Certificate, Handshake, Judged
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.certificates import causes

LINE = "hf.test:443 straight"
THROUGH = "hf.test:443 through socks5h://proxy.test:1080"
DAY = 86_400.0
NOW = 1_800_000_000.0


def told(
    outcome: str,
    certificate: Certificate,
    *,
    ahead: float | None = None,
    client: str = "git",
    said: str = "",
    store: str = "GIT_SSL_CAINFO",
) -> list[Cause]:
    judged = Judged(LINE, client, outcome, store, ("/x.pem",), said, ahead)  # type: ignore[arg-type]
    return list(
        causes(
            Facts(
                question=Question(at=NOW),
                ways=(Way(client, "hub", "hf.test", 443),),  # type: ignore[arg-type]
                lookups=(Lookup("hf.test", addresses=("10.0.0.1",)),),
                handshakes=(Handshake(LINE, certificate=certificate),),
                judged=(judged,),
            )
        )
    )


OLD = Certificate("hf.test", "Corp CA", ("hf.test",), NOW - 9 * DAY, NOW - DAY)
EARLY = Certificate("hf.test", "Corp CA", ("hf.test",), NOW + DAY, NOW + 9 * DAY)


@pytest.mark.parametrize(
    ("outcome", "certificate", "ahead", "reference", "certain"),
    [
        ("expired", OLD, 0.5, "certificate-expired", True),
        ("expired", OLD, None, "certificate-expired", False),
        ("expired", OLD, -5 * DAY, "clock-skewed", True),
        ("not-yet", EARLY, -1.0, "certificate-not-yet-valid", True),
        ("not-yet", EARLY, None, "certificate-not-yet-valid", False),
        ("not-yet", EARLY, 2 * DAY, "clock-skewed", True),
    ],
)
def test_the_clock_is_blamed_where_the_servers_says_so(
    outcome: str, certificate: Certificate, ahead: float | None, reference: str, certain: bool
) -> None:
    (cause,) = told(outcome, certificate, ahead=ahead)
    assert (cause.finding.reference, cause.certain) == (reference, certain)
    assert ("clock is wrong" in cause.finding.message) == (not certain or reference == "clock-skewed")


def test_a_certificate_of_another_host_says_whose_and_from_where() -> None:
    (cause,) = told("other-name", Certificate("x", "Corp CA", ("login.example",)))
    assert cause.finding.reference == "certificate-other-host"
    assert "login.example" in cause.finding.message
    assert "hf.test resolves to 10.0.0.1 here" in cause.finding.evidence


def test_one_of_another_host_that_is_out_of_its_time_is_told_once() -> None:
    (cause,) = told("expired", Certificate("x", "Corp CA", ("login.example",), 1.0, 2.0))
    assert cause.finding.reference == "certificate-other-host"


def test_the_way_on_which_the_right_one_is_shown_is_the_remedy() -> None:
    right = Way("git-lfs", "hub", "hf.test", 443, via="socks5h://proxy.test:1080", by="ALL_PROXY", names="proxy")
    facts = Facts(
        ways=(Way("git", "hub", "hf.test", 443), right),
        handshakes=(Handshake(LINE, certificate=Certificate(names=("login.example",))), Handshake(THROUGH)),
        judged=(Judged(LINE, "git", "other-name"), Judged(THROUGH, "git-lfs")),
    )
    (cause,) = causes(facts)
    assert cause.finding.remedy[0] == 'export HTTPS_PROXY="$ALL_PROXY"'


def test_a_file_that_cannot_be_used_is_named_with_what_names_it() -> None:
    (cause,) = told("unusable-store", Certificate(), said="/x.pem: No such file or directory")
    assert cause.finding.reference == "ca-file-unusable"
    assert "/x.pem" in cause.finding.message
    assert any("GIT_SSL_CAINFO" in line for line in cause.finding.evidence)
    assert cause.finding.remedy[0] == "unset GIT_SSL_CAINFO"
    assert cause.depth < 10


@pytest.mark.parametrize(
    ("store", "command"),
    [
        ("SSL_CERT_FILE and SSL_CERT_DIR", "unset SSL_CERT_FILE SSL_CERT_DIR"),
        (
            "http.sslCAInfo (/srv/A_B/.gitconfig, line 3)",
            "git config --file /srv/A_B/.gitconfig --unset http.sslCAInfo",
        ),
    ],
)
def test_what_names_such_a_file_is_taken_away(store: str, command: str) -> None:
    (cause,) = told("unusable-store", Certificate(), said="/x.pem: No such file or directory", store=store)
    assert cause.finding.remedy[0] == command


@pytest.mark.parametrize("outcome", ["ok", "unknown-issuer"])
def test_other_opinions_are_not_told_here(outcome: str) -> None:
    assert told(outcome, OLD) == []


def test_who_goes_nowhere_has_no_say() -> None:
    assert told("expired", OLD, client="curl") == []
