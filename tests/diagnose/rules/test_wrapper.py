from __future__ import annotations

from dataclasses import replace

import pytest
from support.ways_there import dialled, facts, machine, to_both

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.machine import Machine, Program, Wrapper
from hfpush.diagnose.rules.wrapper import causes

CHAINS = Wrapper("proxychains", "/usr/lib/libproxychains.so.4", "/p.conf", ("socks5h://10.0.0.5:1080",))
NAMED = "proxychains"
URL = "socks5h://10.0.0.5:1080"


def under(wrapper: Wrapper = CHAINS, straight: str | None = "silent", through: str | None = "ok") -> Facts:
    ways = (*to_both("git", NAMED), *to_both("git-lfs"), *to_both("hfpush", NAMED))
    found = [ways]
    if straight:
        found.append(dialled("", straight))
    if through:
        found.append(dialled(NAMED, through))
    return facts(machine(wrapper=wrapper), *found)


@pytest.mark.parametrize(
    ("straight", "through", "severity", "certain"),
    [
        ("silent", "ok", "error", True),
        ("unresolved", "ok", "error", True),
        ("ok", "ok", "warning", True),
        (None, None, "warning", False),
    ],
)
def test_git_lfs_goes_past_a_wrapper_that_is_loaded(
    straight: str | None, through: str | None, severity: str, certain: bool
) -> None:
    (cause,) = causes(under(straight=straight, through=through))
    assert (cause.finding.reference, cause.finding.severity) == ("wrapper-bypassed", severity)
    assert cause.certain is certain
    assert ("connect-timeout" in cause.explains) is (severity == "error")


@pytest.mark.parametrize(
    ("straight", "through", "certain"), [("ok", "refused", True), ("silent", "cut", False), (None, "silent", False)]
)
def test_a_wrapper_that_leads_nowhere_is_told_first(straight: str | None, through: str, certain: bool) -> None:
    first, second = causes(under(straight=straight, through=through))
    assert (first.finding.reference, first.finding.severity, first.certain) == ("proxy-failed", "error", certain)
    assert (second.finding.reference, second.finding.severity) == ("wrapper-bypassed", "warning")
    assert {"connection-refused", "wrapper-bypassed"} <= first.explains


def test_both_processes_are_named_and_the_line_that_leads_both() -> None:
    (cause,) = causes(under())
    seen = "\n".join(cause.finding.evidence)
    assert "git-remote-https" in seen
    assert "/usr/bin/git-lfs" in seen
    assert cause.finding.remedy[0] == f"export HTTPS_PROXY={URL}"


@pytest.mark.parametrize(
    ("proxies", "login"),
    [((), False), ((URL, "http://10.0.0.6:3128"), False), (("socks4a://10.0.0.5:1080",), False), ((URL,), True)],
)
def test_what_one_variable_cannot_say_is_carried_by_hfpush(proxies: tuple[str, ...], login: bool) -> None:
    (cause,) = causes(under(replace(CHAINS, proxies=proxies, login=login)))
    assert cause.finding.remedy[0] == "proxychains4 hfpush run -- git push"


@pytest.mark.parametrize(
    "around",
    [
        machine(),
        machine(wrapper=CHAINS, programs=()),
        machine(wrapper=CHAINS, programs=(Program("git-lfs", "/usr/bin/git-lfs", "9", is_go=False),)),
    ],
)
def test_without_a_wrapper_or_without_a_git_lfs_in_go_nothing_is_said(around: Machine) -> None:
    assert list(causes(replace(under(), machine=around))) == []


def test_a_git_lfs_that_has_a_proxy_of_its_own_is_not_bypassing() -> None:
    ways = (*to_both("git", URL), *to_both("git-lfs", URL, "HTTPS_PROXY"))
    assert list(causes(facts(machine(wrapper=CHAINS), ways, dialled(URL, "ok")))) == []


@pytest.mark.parametrize(
    ("straight", "through", "told"), [("silent", "ok", 1), ("silent", "proxy-unreached", 0), ("ok", "ok", 0)]
)
def test_a_wrapper_that_is_only_configured_is_told_where_its_proxy_reaches_what_nobody_else_does(
    straight: str, through: str, told: int
) -> None:
    around = machine(wrapper=replace(CHAINS, preload=""))
    found = list(
        causes(facts(around, to_both("git"), to_both("git-lfs"), dialled("", straight), dialled(URL, through)))
    )
    assert len(found) == told
    assert all(cause.finding.remedy[0] == f"export HTTPS_PROXY={URL}" for cause in found)
