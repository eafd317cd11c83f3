from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import Any

import pytest
from support.ways_there import dialled, facts, machine, to_both

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.tls import Certificate, Handshake, Judged
from hfpush.diagnose.facts.ways import line_name
from hfpush.diagnose.rules.proxies import causes

HTTP, SOCKS = "http://p:3128", "socks5h://p:1080"
MAIN = ("git", "git-lfs", "hfpush")


def through(via: str, *dials: Any, straight: str = "", shown: str = "", clients: tuple[str, ...] = MAIN) -> Facts:
    """All main clients go through `via` by HTTPS_PROXY."""
    ways = [to_both(client, via, "HTTPS_PROXY") for client in clients]
    around = machine({"HTTPS_PROXY": shown or via})
    return facts(around, *ways, *dials, dialled("", straight) if straight else ())


def only(found: Facts) -> Cause:
    (cause,) = causes(found)
    return cause


@pytest.mark.parametrize(
    ("outcome", "more", "reference"),
    [
        ("proxy-unreached", {}, "proxy-failed"),
        ("proxy-unresolved", {}, "proxy-failed"),
        ("proxy-silent", {}, "proxy-failed"),
        ("proxy-failed", {"status": 502}, "proxy-failed"),
        ("proxy-failed", {"speaks": "http"}, "proxy-failed"),
        ("proxy-silent", {"speaks": "socks5"}, "proxy-unusable"),
        ("proxy-failed", {"speaks": "tls"}, "proxy-unusable"),
        ("proxy-other-kind", {}, "proxy-unusable"),
        ("proxy-login", {"status": 407}, "proxy-login"),
        ("proxy-refused", {"status": 403}, "proxy-refused"),
        ("proxy-untrusted", {}, "tls-untrusted"),
    ],
)
def test_what_comes_of_a_proxy_has_its_reference(outcome: str, more: dict[str, Any], reference: str) -> None:
    cause = only(through(HTTP, dialled(HTTP, outcome, **more)))
    assert (cause.finding.reference, cause.finding.severity, cause.certain) == (reference, "error", True)
    assert reference in cause.explains
    assert cause.finding.remedy


@pytest.mark.parametrize(
    ("via", "speaks", "line"),
    [
        (HTTP, "socks5", 'export HTTPS_PROXY="socks5h://${HTTPS_PROXY#*://}"'),
        (SOCKS, "http", 'export HTTPS_PROXY="http://${HTTPS_PROXY#*://}"'),
        ("https://p:3128", "http", 'export HTTPS_PROXY="http://${HTTPS_PROXY#*://}"'),
        (HTTP, "tls", 'export HTTPS_PROXY="https://${HTTPS_PROXY#*://}"'),
    ],
)
def test_a_proxy_of_another_kind_is_respelt(via: str, speaks: str, line: str) -> None:
    cause = only(through(via, dialled(via, "proxy-silent", speaks=speaks)))
    assert cause.finding.remedy[0] == line


def test_a_host_that_the_proxy_does_not_allow_is_told_from_one_that_it_does() -> None:
    dials = (*dialled(HTTP, "ok", "hf.test"), *dialled(HTTP, "proxy-refused", "s3.hf.test", status=403))
    cause = only(through(HTTP, dials))
    assert cause.finding.message.endswith("to s3.hf.test, although it does to hf.test. Large files go there.")
    assert (cause.host, cause.hosts) == ("s3.hf.test", {"s3.hf.test"})


def test_a_proxy_that_takes_ntlm_alone_needs_a_helper() -> None:
    cause = only(through(HTTP, dialled(HTTP, "proxy-login", status=407, offers="Negotiate, NTLM")))
    assert "which git-lfs does not speak" in cause.finding.message
    assert "cntlm" in cause.finding.remedy[0]


@pytest.mark.parametrize(
    ("shown", "words"), [("http://***@p:3128", "does not take the login"), (HTTP, "is given none")]
)
def test_a_login_that_is_wrong_is_told_from_one_that_is_not_there(shown: str, words: str) -> None:
    cause = only(through(HTTP, dialled(HTTP, "proxy-login", status=407, offers="Basic"), shown=shown))
    assert words in cause.finding.message
    assert cause.finding.remedy[0].startswith("export HTTPS_PROXY=http://USER:PASSWORD@p:3128")


@pytest.mark.parametrize(
    ("straight", "first"), [("ok", "unset HTTPS_PROXY"), ("silent", "start the proxy"), ("", "start")]
)
def test_a_dead_proxy_is_left_out_where_the_straight_way_works(straight: str, first: str) -> None:
    cause = only(through(HTTP, dialled(HTTP, "proxy-unreached"), straight=straight))
    assert cause.finding.remedy[0].startswith(first)


@pytest.mark.parametrize(
    ("believed", "lines"),
    [
        (("ok", "ok"), ["unset HTTPS_PROXY"]),
        (("unknown-issuer", "ok"), ["unset HTTPS_PROXY"]),
        (("other-name", "other-name"), []),
    ],
)
def test_nobody_is_sent_straight_to_somebody_else(believed: tuple[Any, Any], lines: list[str]) -> None:
    found = through(HTTP, dialled(HTTP, "proxy-unreached"), straight="ok")
    line = found.dials[-1].line
    judged = tuple(Judged(line, client, one) for client, one in zip(("git", "hfpush"), believed, strict=True))
    shown = Handshake(line, certificate=Certificate(names=("portal.test",)))
    finding = only(replace(found, judged=judged, handshakes=(shown,))).finding
    assert [one for one in finding.remedy if one.startswith("unset")] == lines
    assert any("a certificate for portal.test" in one for one in finding.evidence) is not bool(lines)


def test_what_others_meet_is_a_note() -> None:
    cause = only(through(HTTP, dialled(HTTP, "proxy-unreached"), clients=("huggingface_hub",)))
    assert cause.finding.severity == "note"


def shaken(failed: int, *, got: int = 0, how: str = "closed", via: str = HTTP) -> tuple[Handshake, ...]:
    outcome = how if failed == 3 else "ok"
    return tuple(
        Handshake(line_name(host, 443, via), outcome=outcome, tries=3, failed=failed, fails_with=how, got=got)  # type: ignore[arg-type]
        for host in ("hf.test", "s3.hf.test")
    )


@pytest.mark.parametrize(
    ("failed", "how", "got", "told"),
    [
        (3, "closed", 0, 1),
        (3, "reset", 0, 1),
        (1, "closed", 0, 1),
        (3, "closed", 7, 0),
        (3, "alert", 7, 0),
        (0, "closed", 0, 0),
    ],
)
def test_a_proxy_that_says_yes_and_closes_has_lost_its_way(failed: int, how: str, got: int, told: int) -> None:
    ways = [to_both(client, HTTP, "HTTPS_PROXY") for client in MAIN]
    around = machine({"HTTPS_PROXY": HTTP})
    found = list(causes(facts(around, *ways, dialled(HTTP, "ok"), handshakes=shaken(failed, got=got, how=how))))
    assert len(found) == told
    for cause in found:
        assert cause.finding.reference == "proxy-lost-way"
        assert "tls-closed" in cause.explains
        assert cause.certain is False, "nobody went another way"


def test_what_the_host_does_on_every_way_is_not_the_proxy_s() -> None:
    ways = [to_both(client, HTTP, "HTTPS_PROXY") for client in MAIN]
    both = (*shaken(3), *shaken(3, via=""))
    assert list(causes(facts(machine(), *ways, dialled(HTTP, "ok"), dialled("", "ok"), handshakes=both))) == []


def test_a_way_that_passes_beside_it_makes_it_certain() -> None:
    ways = [to_both(client, HTTP, "HTTPS_PROXY") for client in MAIN]
    both = (*shaken(3), *shaken(0, via=""))
    (cause,) = causes(facts(machine(), *ways, dialled(HTTP, "ok"), dialled("", "ok"), handshakes=both))
    assert cause.certain


@pytest.mark.parametrize("value", ["http://ada:p@ss@p:3128", "http://a@d:p@s@s@p:3128", "u:p@q@p:1"])
def test_the_line_for_a_raw_at_escapes_all_but_the_last(value: str) -> None:
    ways = (*to_both("git", HTTP, "HTTPS_PROXY", misread=True), *to_both("git-lfs", HTTP, "HTTPS_PROXY"))
    (cause,) = causes(facts(machine({"HTTPS_PROXY": HTTP}), ways, dialled(HTTP, "ok")))
    assert (cause.finding.reference, cause.finding.severity) == ("proxy-password-unescaped", "error")
    script = f'{cause.finding.remedy[0]}; printf %s "$HTTPS_PROXY"'
    done = subprocess.run(["sh", "-c", script], env={"HTTPS_PROXY": value}, capture_output=True, check=True, text=True)
    before, _, place = value.rpartition("@")
    assert done.stdout == f"{before.replace('@', '%40')}@{place}"


@pytest.mark.parametrize("via", [HTTP, SOCKS])
def test_a_proxy_that_carries_is_not_spoken_of(via: str) -> None:
    assert list(causes(through(via, dialled(via, "ok")))) == []
