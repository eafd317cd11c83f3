"""The lines that lead programs by a way that works."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.names import Lookup
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.other_way import (
    asking,
    go_that_way,
    others_that_work,
    out_of_hosts,
    resolve_there,
    taken,
)

PROXY = "socks5://proxy.test:1080"


def way(via: str = "", by: str = "", why: str = "") -> Way:
    return Way("git", "hub", "hf.test", 443, via, why or by, by=by)


@pytest.mark.parametrize(
    ("ways", "lines"),
    [
        ([], ()),
        ([way()], ()),
        ([way("proxychains", "LD_PRELOAD")], ()),
        ([way(PROXY, "ALL_PROXY")], ('export HTTPS_PROXY="$ALL_PROXY"',)),
        ([way(PROXY, "HTTPS_PROXY")], (f"export HTTPS_PROXY={PROXY}",)),
        ([way(), way(PROXY, "http.proxy")], ('export HTTPS_PROXY="$(git config --get http.proxy)"',)),
        ([way(PROXY, "the endpoint's settings")], (f"export HTTPS_PROXY={PROXY}",)),
    ],
)
def test_a_login_stays_where_it_is(ways: list[Way], lines: tuple[str, ...]) -> None:
    assert go_that_way(ways) == lines


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (way(PROXY, "https_proxy"), 'export https_proxy="socks5h://${https_proxy#*://}"'),
        (way(PROXY, "http.proxy", "http.proxy, line 3 of /r/.git/config"), "git config http.proxy "),
        (way(PROXY, "http.proxy", "http.proxy, line 3 of /h/.gitconfig"), "git config --global http.proxy "),
        (way(PROXY), "export HTTPS_PROXY=socks5h://proxy.test:1080"),
    ],
)
def test_a_socks_proxy_is_told_to_resolve(given: Way, line: str) -> None:
    assert resolve_there(given)[0].startswith(line)


def test_only_ways_that_count_are_spoken_of() -> None:
    xet, none = Way("hf_xet", "xet", "hf.test", 443), Way("git", "hub", "hf.test", 443, error="no")
    given = Facts(ways=(way(), xet, none, Way("hfpush", "hub", "hf.test", 443, names="proxy")))
    assert [one.client for one in taken(given, "hf.test:443 straight")] == ["git", "hfpush"]
    assert [one.client for one in asking(given, "hf.test")] == ["git"]


def test_another_way_is_one_on_which_connections_stand() -> None:
    good, bad = way("http://a.test:1"), way("http://b.test:1")
    given = Facts(ways=(way(), good, bad), dials=(Dial(good.line), Dial(bad.line, outcome="proxy-failed")))
    assert others_that_work(given, "hf.test", ["hf.test:443 straight"]) == (good,)


def test_only_what_the_hosts_file_says_is_taken_out_of_it() -> None:
    assert out_of_hosts(Lookup("hf.test")) == ()
    assert "sed 4d /etc/hosts" in out_of_hosts(Lookup("hf.test", hosts_line=4))[0]
