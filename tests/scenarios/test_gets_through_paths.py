"""Paths that lose packets of one size or of one family: what stock `git push` says, and what `hfpush publish` does.

docs/gets-through.md has the words of each.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.pushes import Pushes, last_words
from support.stage import NAMES, Stage, six

GIT_IN_A_BLACK_HOLE = "fatal: unable to access 'https://hf.test/local/stock/': Failed to connect to hf.test port 443"
"""The beginning of what git says once the kernel has given up."""

pytestmark = pytest.mark.needs("git-lfs", "ip", "nft")


@pytest.mark.needs("ethtool")
@pytest.mark.slow
def test_large_packets_to_the_storage_vanish(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub()
    pushes = Pushes(stage, hub, tmp_path)
    stage.offload_nothing()
    stage.filter(f"ip daddr {NAMES['s3.hf.test']} ip length > 1300 drop")
    stock = pushes.stock()
    assert stock.code not in (0, None), stock
    assert re.search(r"LFS: Put .*(write tcp .*i/o timeout|use of closed network connection)", last_words(stock))
    said = pushes.publish(talk=True)
    assert said.code == 0, said
    assert "note: mtu-black-hole" in said.err
    assert "c0 mtu" in said.err, "the remedy is for the client's own interface"
    assert pushes.arrived()
    said = pushes.publish(to="local/again")
    assert said.code == 0, said
    assert "mtu-black-hole" in [note["reference"] for note in said.document["findings"]]
    assert pushes.arrived("local/again")


@pytest.mark.parametrize("dead", ["IPv4", pytest.param("IPv6", marks=pytest.mark.slow)])
def test_a_storage_that_answers_in_one_family_only(dead: str, stage: Stage, tmp_path: Path) -> None:
    four, both = NAMES["s3.hf.test"], (NAMES["s3.hf.test"], six(NAMES["s3.hf.test"]))
    stage.call({**NAMES, "s3.hf.test": both})
    stage.filter(f"ip daddr {four} drop" if dead == "IPv4" else f"ip6 daddr {six(four)} drop")
    hub = stage.hub()
    pushes = Pushes(stage, hub, tmp_path)
    stock = pushes.stock()
    assert stock.code == 0, "this one alone stock survives, too"
    said = pushes.publish()
    assert said.code == 0, said
    assert pushes.arrived()
    assert said.seconds < 20, "about one on a quiet machine: no connection waited for the family that is dead"


@pytest.mark.slow
def test_an_endpoint_in_a_black_hole_beside_one_that_lives(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub(api_url="https://other.test")
    stage.front("other.test", hub.doors[0], stage.context(stage.public, "other.test"))
    stage.drop("hf.test")
    pushes = Pushes(stage, hub, tmp_path)
    pushes.trust("hf.test", "other.test", kind="relay")
    stage.give_up_soon()
    stock = pushes.stock()
    assert stock.code == 128, stock
    assert last_words(stock).startswith(GIT_IN_A_BLACK_HOLE)
    said = pushes.publish(HF_ENDPOINT="")
    assert said.code == 0, said
    assert said.seconds < 20, "about one on a quiet machine"
    assert pushes.arrived()
    stage.heal()
    assert pushes.cloned() == pushes.large


def test_a_hub_in_a_black_hole_is_told_soon(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub()
    stage.drop("hf.test")
    said = Pushes(stage, hub, tmp_path).publish()
    assert (said.code, said.reference) == (1, "connect-timeout"), said
    assert said.seconds < 10, "from the start of the process to its end; git takes two minutes"
