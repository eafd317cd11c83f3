"""Name servers that answer, fail, or are silent, each asked itself."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from support.name_server import name_server

from hfpush.diagnose.facts.names import Asked
from hfpush.diagnose.probes.name_servers import ask_servers, named_servers

NAMES: dict[str, list[str] | str] = {"hf.test": ["10.0.0.1"], "bad.test": "SERVFAIL", "gone.test": "silent"}


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("hf.test", Asked("127.0.0.1", "NOERROR", ("10.0.0.1",))),
        ("none.test", Asked("127.0.0.1", "NXDOMAIN")),
        ("bad.test", Asked("127.0.0.1", "SERVFAIL")),
        ("gone.test", Asked("127.0.0.1", "silent")),
    ],
)
def test_a_server_tells_what_is_so(host: str, asked: Asked) -> None:
    with name_server(NAMES) as port:
        began = time.monotonic()
        assert ask_servers(host, ["127.0.0.1"], 0.3 if host == "gone.test" else 5, port=port) == (asked,)
        assert time.monotonic() - began < 5


def test_where_nothing_listens_that_is_told_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    assert ask_servers("hf.test", ["127.0.0.1"], 5, port=port) == (Asked("127.0.0.1", "no-server"),)


def test_each_server_is_told_of_in_its_turn() -> None:
    with name_server(NAMES) as port:
        said = ask_servers("hf.test", ["127.0.0.2", "127.0.0.1"], 5, port=port)
    assert [one.server for one in said] == ["127.0.0.2", "127.0.0.1"]
    assert said[0].said == "no-server"
    assert said[1].addresses == ("10.0.0.1",)


def test_what_is_no_name_is_not_asked_for() -> None:
    assert ask_servers("a..b", ["127.0.0.1"], 5) == ()


def test_the_resolvers_servers_are_read_as_it_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("# nameserver 1.1.1.1\nsearch test\nnameserver 10.0.0.1\nnameserver fd00::1\nnameserver what\n")
    assert named_servers(file) == ("10.0.0.1", "fd00::1")
    assert named_servers(tmp_path / "missing") == ("127.0.0.1",)
