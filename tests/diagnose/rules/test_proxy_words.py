from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.ways_there import dialled as dials
from support.ways_there import facts, machine, to_both

from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.tls import Handshake
from hfpush.diagnose.rules.proxy_words import dialled, except_for, open_ways, respelt


@pytest.mark.parametrize(
    ("hub", "storage", "state"), [("ok", "ok", True), ("ok", "silent", False), ("ok", "", None), ("", "silent", False)]
)
def test_ways_are_open_where_all_are_and_closed_where_one_is(hub: str, storage: str, state: bool | None) -> None:
    found = [dials("", outcome, host) for outcome, host in ((hub, "hf.test"), (storage, "s3.hf.test")) if outcome]
    assert open_ways(facts(machine(), to_both("git-lfs"), *found), to_both("git-lfs")) is state
    assert open_ways(facts(machine()), ()) is None


def test_what_came_of_a_line_is_told_in_few_words() -> None:
    line = "hf.test:443 straight"
    assert dialled(facts(machine()), line) == "was not tried"
    assert dialled(facts(machine(), dials("", "silent", address="10.0.0.1")), line) == "gives no answer (10.0.0.1)"
    cut = Handshake(line, outcome="reset", tries=3, failed=3)
    assert "no TLS" in dialled(facts(machine(), dials("", "ok"), handshakes=(cut,)), line)


def test_an_address_gets_another_scheme_and_keeps_its_login() -> None:
    script = respelt(facts(machine()), "HTTPS_PROXY", "http") + '; printf %s "$HTTPS_PROXY"'
    for value in ("socks5h://ada:secret@p:1", "ada:secret@p:1"):
        done = subprocess.run(
            ["sh", "-c", script], env={"HTTPS_PROXY": value}, capture_output=True, text=True, check=True
        )
        assert done.stdout == "http://ada:secret@p:1"


def test_a_setting_gets_another_scheme_where_it_stands(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "config", "http.proxy", "https://ada:x@p:1"], check=True)
    around = facts(machine(settings={"http.proxy": "https://***@p:1"}), question=Question(path=str(tmp_path)))
    subprocess.run(["sh", "-c", respelt(around, "http.proxy", "http")], check=True)
    words = ["git", "-C", str(tmp_path), "config", "http.proxy"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "http://ada:x@p:1\n"


@pytest.mark.parametrize(("before", "after"), [("", "hf.test,s3"), ("x.test", "hf.test,s3,x.test")])
def test_hosts_are_excepted_beside_those_that_are_already(before: str, after: str) -> None:
    script = except_for(["hf.test", "s3"]) + '; printf "%s %s" "$NO_PROXY" "$no_proxy"'
    done = subprocess.run(["sh", "-c", script], env={"NO_PROXY": before}, capture_output=True, text=True, check=True)
    assert done.stdout == f"{after} {after}"
