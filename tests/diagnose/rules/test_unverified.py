"""Checks of certificates that are switched off."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.machine import Client, ConfigLine, Machine, Variable
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.unverified import causes
from hfpush.findings import Finding

OFF = ConfigLine("http.https://hf.test/.sslverify", "False", "/u/.gitconfig", 7)
SET = Variable("GIT_SSL_NO_VERIFY", "0")


def told(
    *clients: Client,
    variables: tuple[Variable, ...] = (),
    settings: tuple[ConfigLine, ...] = (),
    noted: tuple[Finding, ...] = (),
) -> list[Finding]:
    ways = tuple(Way(one, "hub", "hf.test", 443, verifies=False) for one in clients)
    checks = Way("hfpush", "hub", "hf.test", 443)
    facts = Facts(machine=Machine(variables=variables, settings=settings), ways=(*ways, checks), noted=noted)
    return [one.finding for one in causes(facts)]


def test_the_variable_is_told_like_the_setting() -> None:
    (found,) = told("git", "git-lfs", variables=(SET,))
    assert (found.reference, found.severity, found.remedy[0]) == (
        "tls-unverified",
        "warning",
        "unset GIT_SSL_NO_VERIFY",
    )
    assert found.message.startswith("git and git-lfs do not check who they speak to (GIT_SSL_NO_VERIFY is set)")


def test_a_value_that_only_git_takes_for_a_yes_is_of_git_alone() -> None:
    (found,) = told("git", variables=(SET,))
    assert found.message.startswith("git does not check who it speaks to")


def test_a_setting_of_the_users_is_told_without_a_repository() -> None:
    (found,) = told("git", settings=(OFF,))
    assert found.evidence == ("/u/.gitconfig, line 7: http.https://hf.test/.sslverify = False",)
    assert found.remedy[0] == "git config --file /u/.gitconfig --unset-all http.https://hf.test/.sslverify"


def test_what_the_repository_s_traps_tell_is_not_told_twice() -> None:
    assert told("git", settings=(OFF,), noted=(Finding("tls-unverified", "git does not check."),)) == []


@pytest.mark.parametrize("clients", [(), ("curl",)])
def test_nothing_is_told_where_git_checks(clients: tuple[Client, ...]) -> None:
    assert told(*clients, variables=(SET,), settings=(OFF,)) == []
