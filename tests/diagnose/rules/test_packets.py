"""Uploads that stand still since large packets get lost."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.lfs import Lfs, Put
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.packets import causes

LINE = "s3.hf.test:443 straight"
WELL = Put(LINE, 500)
STUCK = Put(LINE, 8192, "silent", retransmitted=4)
WAY = Way("git-lfs", "storage", "s3.hf.test", 443)
OWN = Way("hfpush", "storage", "s3.hf.test", 443)


def facts(*puts: Put, ways: tuple[Way, ...] = (WAY, OWN), dials: tuple[Dial, ...] = ()) -> Facts:
    return Facts(ways=ways, lfs=Lfs(puts=puts), dials=dials)


@pytest.mark.parametrize(
    ("puts", "certain"),
    [
        ((WELL, STUCK), True),
        ((STUCK,), False),
        ((WELL, Put(LINE, 8192)), None),
        ((WELL, Put(LINE, 8192, "silent")), None),
        ((WELL, Put(LINE, 8192, "late", acked=8192, retransmitted=1)), None),
        ((WELL, Put(LINE, 4_000_000, "silent", acked=900_000, retransmitted=9)), None),
        ((), None),
    ],
)
def test_small_ones_that_pass_make_it_certain(puts: tuple[Put, ...], certain: bool | None) -> None:
    found = list(causes(facts(*puts)))
    assert [one.finding.reference for one in found] == ([] if certain is None else ["mtu-black-hole"])
    assert [one.certain for one in found] == ([] if certain is None else [certain])


@pytest.mark.parametrize(
    ("dial", "command"),
    [
        (Dial(LINE, "10.0.0.3", interface="eth0", mtu=1500), "ip link set dev eth0 mtu 1280"),
        (Dial(LINE, "10.0.0.3", interface="tun0", mtu=1280), "ip link set dev tun0 mtu 576"),
        (Dial(LINE, "10.0.0.3"), 'ip link set dev "$(ip -o route get 10.0.0.3'),
        (Dial(LINE, "10.0.0.3", "silent"), "ip link set dev INTERFACE mtu 1280"),
    ],
)
def test_the_remedy_names_the_interface(dial: Dial, command: str) -> None:
    (cause,) = causes(facts(WELL, STUCK, dials=(dial,)))
    assert cause.finding.remedy[0].startswith(command)


def test_hfpush_alone_gets_through() -> None:
    assert [one.finding.severity for one in causes(facts(WELL, STUCK, ways=(OWN,)))] == ["warning"]
    assert [one.finding.severity for one in causes(facts(WELL, STUCK))] == ["error"]


def test_a_proxy_by_which_uploads_pass_is_named() -> None:
    other = Way("hfpush", "storage", "s3.hf.test", 443, "http://proxy.test:3128")
    given = facts(WELL, STUCK, Put(other.line, 8192), ways=(WAY, other), dials=(Dial(LINE), Dial(other.line)))
    (cause,) = causes(given)
    assert "export HTTPS_PROXY=http://proxy.test:3128" in cause.finding.remedy
