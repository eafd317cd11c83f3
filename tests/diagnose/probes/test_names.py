"""What the system's resolver says, on machines whose name servers are of every sort."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.name_server import ADDRESS, ask_in_the_world, use_servers
from support.stage import NAMES, Ended, Stage

from hfpush.diagnose.facts.names import Lookup
from hfpush.diagnose.probes.names import line_of_hosts, look_up

LOOK = """\
import sys, dataclasses, json
from hfpush.diagnose.probes.names import look_up
print(json.dumps([dataclasses.asdict(look_up(host, 3.0)) for host in sys.argv[1:]]))
"""


def looked_up(stage: Stage, *hosts: str) -> list[dict[str, object]]:
    ended: Ended = stage.run([sys.executable, "-c", LOOK, *hosts], cwd=stage.place)
    assert ended.code == 0, ended.text
    found: list[dict[str, object]] = ended.document
    return found


@pytest.mark.needs("ip", "nft")
def test_a_failure_is_told_by_its_kind(stage: Stage) -> None:
    ask_in_the_world(
        stage, {"hf.test": ["10.77.0.2"], "bad.test": "SERVFAIL", "gone.test": "silent", "sink.test": ["0.0.0.0"]}
    )
    well, none, bad, gone, sink = looked_up(stage, "hf.test", "none.test", "bad.test", "gone.test", "sink.test")
    assert (well["outcome"], well["addresses"], well["asked"]) == ("ok", ["10.77.0.2"], [])
    assert (none["outcome"], bad["outcome"], gone["outcome"]) == ("no-such-name", "server-failure", "no-answer")
    assert isinstance(gone["seconds"], float)
    assert gone["seconds"] < 3.5
    assert (sink["outcome"], sink["kinds"]) == ("ok", ["sinkhole"])
    assert sink["asked"] == [{"server": ADDRESS, "said": "NOERROR", "addresses": ["0.0.0.0"]}]


@pytest.mark.needs("ip", "nft")
def test_a_server_that_is_not_there_and_a_network_that_is_not_there(stage: Stage) -> None:
    stage.call({"hf.test": "127.0.0.1"})
    there, missing = looked_up(stage, "hf.test", "none.test")
    assert (there["kinds"], there["hosts_line"], there["asked"]) == (["sinkhole"], 3, [])
    assert missing["outcome"] == "server-failure"
    assert missing["asked"] == [{"server": "127.0.0.1", "said": "no-server", "addresses": []}]
    use_servers(stage, NAMES["other.test"])
    stage.on_client("ip", "link", "set", "c0", "down")
    (cut,) = looked_up(stage, "hf2.test")
    assert cut["outcome"] == "no-answer"
    assert cut["asked"] == [{"server": NAMES["other.test"], "said": "unreachable", "addresses": []}]


def test_an_address_needs_nobody() -> None:
    assert look_up("10.0.0.1", 3.0) == Lookup("10.0.0.1", "address", ("10.0.0.1",), ("private",))


def test_a_hosts_file_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text("127.0.0.1 localhost\n# 0.0.0.0 hf.test\n\n0.0.0.0 other.test HF.test  # blocked\n")
    assert line_of_hosts("hf.test", file) == 4
    assert line_of_hosts("s3.hf.test", file) == 0
    assert line_of_hosts("hf.test", tmp_path / "missing") == 0
