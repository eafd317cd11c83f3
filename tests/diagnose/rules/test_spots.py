"""Names of lines, and who needs them."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.ways import Way, line_name
from hfpush.diagnose.rules.spots import clients_of, host_of, is_of_use, place_of, via_of


@pytest.mark.parametrize(
    ("host", "port", "via"),
    [("hf.test", 443, ""), ("hf.test", 8443, "http://proxy.test:3128"), ("fd77::2", 443, "socks5h://[fd77::5]:1080")],
)
def test_a_lines_name_is_taken_apart(host: str, port: int, via: str) -> None:
    name = line_name(host, port, via)
    assert (host_of(name), via_of(name)) == (host, via)
    assert place_of(name).endswith(f":{port}")


def test_only_those_that_go_there_count() -> None:
    ways = [Way(client, "storage", "s3.test", 443) for client in ("git", "git-lfs", "curl")]
    facts = Facts(
        ways=(*ways, Way("hf_xet", "xet", "s3.test", 443), Way("hfpush", "storage", "s3.test", 443, error="x"))
    )
    assert clients_of(facts, "s3.test:443 straight") == ("git-lfs",)
    assert is_of_use(facts, "s3.test:443 straight")
    assert not is_of_use(facts, "s3.test:443 through http://p:1")


def test_every_line_counts_where_ways_are_not_known() -> None:
    assert is_of_use(Facts(), "hf.test:443 straight")
