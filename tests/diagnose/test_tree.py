"""Facts as steps: each in its layer, in the order of the layers, with what came of it."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.lfs import Batch, Lfs, Put, Xet
from hfpush.diagnose.facts.log import LogLine
from hfpush.diagnose.facts.machine import Machine, Program, Wrapper
from hfpush.diagnose.facts.names import Lookup
from hfpush.diagnose.facts.repository import Disk, Repository
from hfpush.diagnose.facts.steps import Step
from hfpush.diagnose.facts.tls import Certificate, Handshake, Judged
from hfpush.diagnose.tree import LAYERS, took, tree

LINE = "hf.test:443 straight"
DOUBTED = Facts(
    handshakes=(Handshake(LINE, version="TLS 1.3", certificate=Certificate(issuer="Corp")),),
    judged=(Judged(LINE, "git-lfs", "unknown-issuer"), Judged(LINE, "git")),
)


@pytest.mark.parametrize(
    ("facts", "layer", "status", "said"),
    [
        (Facts(machine=Machine(programs=(Program("git", version="2.39"),))), "configuration", "ok", "git 2.39"),
        (Facts(machine=Machine(wrapper=Wrapper("tsocks", "/a.so"))), "configuration", "ok", "takes the connections"),
        (Facts(repository=Repository("repository", "/r", lfs_files=3)), "repository", "ok", "3 LFS files"),
        (Facts(repository=Repository("broken", "/r")), "repository", "fail", "broken"),
        (Facts(lookups=(Lookup("a", "no-such-name", said="NXDOMAIN"),)), "names", "fail", "NXDOMAIN"),
        (Facts(lookups=(Lookup("a", addresses=("0.0.0.0",), kinds=("sinkhole",)),)), "names", "warn", "0.0.0.0"),
        (Facts(dials=(Dial(LINE, "10.0.0.1", "refused", said="no"),)), "connections", "fail", "refused: no"),
        (Facts(handshakes=(Handshake(LINE, "alert", alert=40),)), "tls", "fail", "alert 40"),
        (DOUBTED, "tls", "warn", "TLS 1.3, signed by Corp; not believed by git-lfs"),
        (Facts(exchanges=(Exchange("api", status=200),)), "http", "ok", "200"),
        (Facts(exchanges=(Exchange("api", status=200, html=True),)), "http", "fail", "a page"),
        (Facts(exchanges=(Exchange("xet-token", status=404),)), "xet", "skip", "404"),
        (Facts(exchanges=(Exchange("cas", failure="stalled"),)), "xet", "fail", "stalled"),
        (Facts(account=Account("HF_TOKEN", status=401)), "account", "fail", "401"),
        (Facts(account=Account("HF_TOKEN", status=200, name="ada", role="write")), "account", "ok", "ada (write)"),
        (Facts(lfs=Lfs(batch=Batch(403, said="quota"))), "lfs", "fail", "quota"),
        (Facts(lfs=Lfs(batch=Batch(failure="not-asked"))), "lfs", "skip", "no repository"),
        (Facts(lfs=Lfs(puts=(Put(LINE, 500, "status", 403, "Expired"),))), "upload", "fail", "500 B: 403 Expired"),
        (Facts(lfs=Lfs(xet=Xet(disabled=True))), "xet", "skip", "not used"),
        (Facts(disks=(Disk("/c", file_system="nfs", over_network=True),)), "disk", "warn", "nfs"),
        (Facts(log=(LogLine("tls-reset", "Recv failure", 7),)), "log", "fail", "tls-reset: Recv failure"),
    ],
)
def test_a_fact_is_a_step_of_its_layer(facts: Facts, layer: str, status: str, said: str) -> None:
    steps = [step for step in tree(facts) if step.layer == layer]
    assert [step.status for step in steps] == [status]
    assert said in steps[0].said


def test_steps_come_in_the_order_of_the_layers() -> None:
    facts = Facts(disks=(Disk("/c"),), dials=(Dial(LINE),), lookups=(Lookup("a"),), steps=(Step("http", "x", "skip"),))
    assert [step.layer for step in tree(facts)] == ["names", "connections", "http", "disk"]
    assert [LAYERS.index(step.layer) for step in tree(facts)] == sorted(LAYERS.index(s.layer) for s in tree(facts))


@pytest.mark.parametrize(("seconds", "shown"), [(0.0, ""), (0.0121, "12 ms"), (4.04, "4.0 s")])
def test_the_time_of_a_step_is_told_in_few_letters(seconds: float, shown: str) -> None:
    assert took(Step("names", "a", "ok", seconds=seconds)) == shown
