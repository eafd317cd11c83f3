from __future__ import annotations

import pytest
from support.ways_there import dialled, facts, machine, one_way, to_both

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.machine import Program
from hfpush.diagnose.facts.repository import Repository
from hfpush.diagnose.rules.proxy_settings import causes

SOCKS, HTTP = "socks5h://p:1080", "http://p:3128"
KEY = "http.https://hf.test.proxy"


def all_proxy(straight: str | None, through: str = "ok", url: str = SOCKS) -> Facts:
    ways = (*to_both("git", url, "ALL_PROXY"), *to_both("git-lfs"), *to_both("hfpush", url, "ALL_PROXY"))
    dials = dialled("", straight) if straight else ()
    return facts(machine({"ALL_PROXY": url}), ways, dials, dialled(url, through) if straight else ())


@pytest.mark.parametrize(
    ("straight", "through", "severity", "certain"),
    [
        ("silent", "ok", "error", True),
        ("silent", "proxy-unreached", "warning", False),
        ("ok", "ok", "note", True),
        (None, "ok", "warning", False),
    ],
)
def test_git_lfs_does_not_know_all_proxy(straight: str | None, through: str, severity: str, certain: bool) -> None:
    (cause,) = causes(all_proxy(straight, through))
    assert (cause.finding.reference, cause.finding.severity) == ("all-proxy-ignored", severity)
    assert cause.certain is certain
    assert cause.finding.remedy[0] == 'export HTTPS_PROXY="$ALL_PROXY"'


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("socks://p:1080", 'export HTTPS_PROXY="socks5h://${ALL_PROXY#*://}"'),
        ("socks4a://p:1080", "hfpush run -- git push"),
        (HTTP, 'export HTTPS_PROXY="$ALL_PROXY"'),
    ],
)
def test_the_line_for_all_proxy_is_one_that_git_lfs_takes(url: str, remedy: str) -> None:
    (cause,) = causes(all_proxy("silent", url=url))
    assert cause.finding.remedy[0] == remedy


def test_what_no_proxy_sends_straight_is_no_ailment() -> None:
    ways = (*to_both("git", SOCKS, "ALL_PROXY"), *to_both("git-lfs", by="NO_PROXY", bypassed="*"))
    assert list(causes(facts(machine({"ALL_PROXY": SOCKS}), ways, dialled("", "silent")))) == []


@pytest.mark.parametrize(("straight", "severity"), [("silent", "error"), ("ok", "note"), ("", "warning")])
def test_a_proxy_for_the_hub_alone_leaves_the_storage_out(straight: str, severity: str) -> None:
    ways = (one_way("git", "hub", HTTP, KEY), one_way("git-lfs", "hub", HTTP, KEY), one_way("git-lfs", "storage"))
    dials = dialled("", straight, "s3.hf.test") if straight else ()
    (cause,) = causes(facts(machine(settings={KEY: HTTP}), ways, dialled(HTTP, "ok", "hf.test"), dials))
    assert (cause.finding.reference, cause.finding.severity) == ("proxy-hub-only", severity)
    assert cause.finding.remedy[0] == f'git config http.proxy "$(git config --get {KEY})"'


def test_a_remote_s_own_proxy_is_git_s_alone() -> None:
    ways = (one_way("git", "hub", HTTP, "remote.origin.proxy"), *to_both("git-lfs"))
    around = machine(settings={"remote.origin.proxy": HTTP})
    (cause,) = causes(facts(around, ways, dialled(HTTP, "ok", "hf.test"), dialled("", "silent")))
    assert (cause.finding.reference, cause.finding.severity) == ("proxy-hub-only", "error")


@pytest.mark.parametrize(
    ("outcome", "severity", "certain"),
    [("proxy-unreached", "error", True), ("ok", "note", True), ("", "warning", False)],
)
def test_an_empty_http_proxy_is_not_off_for_git_lfs(outcome: str, severity: str, certain: bool) -> None:
    ways = (one_way("git", "hub", "", "http.proxy"), *to_both("git-lfs", HTTP, "HTTPS_PROXY"))
    dials = (*dialled(HTTP, outcome), *dialled("", "ok")) if outcome else ()
    (cause,) = causes(facts(machine({"HTTPS_PROXY": HTTP}, {"http.proxy": ""}), ways, dials))
    assert (cause.finding.reference, cause.finding.severity) == ("proxy-not-off", severity)
    assert cause.certain is certain
    assert cause.finding.remedy[0].startswith('export NO_PROXY="hf.test,s3.hf.test')


@pytest.mark.parametrize(("straight", "severity"), [("silent", "error"), ("ok", "warning")])
def test_https_proxy_is_no_key_of_git_s(straight: str, severity: str) -> None:
    around = machine(settings={"https.proxy": HTTP})
    (cause,) = causes(facts(around, to_both("git"), to_both("git-lfs"), dialled("", straight)))
    assert (cause.finding.reference, cause.finding.severity) == ("proxy-key-unknown", severity)
    assert cause.finding.remedy[0] == 'git config http.proxy "$(git config --get https.proxy)"'
    assert "proxy-key-unknown" in cause.explains


@pytest.mark.parametrize(
    ("spoken", "remedy"),
    [
        ("socks5", 'export HTTPS_PROXY="socks5h://${HTTPS_PROXY#*://}"'),
        ("", 'export HTTPS_PROXY="socks5h://${HTTPS_PROXY#*://}"  # if the proxy knows SOCKS 5, as most do'),
    ],
)
def test_a_kind_of_proxy_that_git_lfs_does_not_have_is_respelt(spoken: str, remedy: str) -> None:
    url = "socks4a://p:1080"
    ways = (*to_both("git", url, "HTTPS_PROXY"), *to_both("git-lfs", by="HTTPS_PROXY", error="lookup socks4a"))
    (cause,) = causes(facts(machine({"HTTPS_PROXY": url}), ways, dialled(url, "ok", speaks=spoken)))
    assert (cause.finding.reference, cause.finding.severity) == ("proxy-scheme-unsupported", "error")
    assert cause.finding.remedy[0] == remedy


def test_a_kind_that_only_others_do_not_have_is_a_note() -> None:
    url = "socks4a://p:1080"
    ways = (
        *to_both("git-lfs", HTTP, "http.proxy"),
        *to_both("huggingface_hub", by="HTTPS_PROXY", error="Unknown scheme"),
    )
    (cause,) = causes(facts(machine({"HTTPS_PROXY": url}), ways))
    assert (cause.finding.reference, cause.finding.severity) == ("proxy-scheme-unsupported", "note")


@pytest.mark.parametrize(("purpose", "severity"), [("all", "note"), ("publish", "note"), ("fetch", "warning")])
def test_a_library_that_socks_needs_is_named(purpose: str, severity: str) -> None:
    around = machine({"HTTPS_PROXY": SOCKS}, programs=(Program("huggingface_hub", version="2", lacking=("socksio",)),))
    ways = to_both("huggingface_hub", by="HTTPS_PROXY", error="Using SOCKS proxy, but …")
    (cause,) = causes(facts(around, ways, question=Question(purpose=purpose)))  # type: ignore[arg-type]
    assert (cause.finding.reference, cause.finding.severity) == ("socks-support-missing", severity)
    assert cause.finding.remedy[0] == "pip install socksio"


@pytest.mark.parametrize(("ssh_works", "certain"), [(True, True), (False, False)])
def test_lfs_goes_over_https_whatever_the_remote_is(ssh_works: bool, certain: bool) -> None:
    shell = (Dial("hf.test:22 straight"),) if ssh_works else ()
    repository = Repository(state="repository", ssh=True)
    found = facts(machine(), to_both("git"), to_both("git-lfs"), dialled("", "silent"), shell, repository=repository)
    (cause,) = causes(found)
    assert (cause.finding.reference, cause.certain) == ("ssh-lfs-over-https", certain)


@pytest.mark.parametrize("via", ["", HTTP, SOCKS])
def test_where_all_go_the_same_way_and_it_works_nothing_is_said(via: str) -> None:
    by = "HTTPS_PROXY" if via else ""
    ways = [to_both(client, via, by) for client in ("git", "git-lfs", "hfpush", "huggingface_hub")]
    around = machine({"HTTPS_PROXY": via} if via else {})
    assert list(causes(facts(around, *ways, dialled(via, "ok"), repository=Repository(ssh=True)))) == []
