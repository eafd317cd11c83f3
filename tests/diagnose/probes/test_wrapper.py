from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.wrapper import dial_outside, read_wrapper, written
from hfpush.net.routes import Route

CONFIG = "strict_chain\n[ProxyList]\nsocks5 10.0.0.5 1080 ada secret\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "proxychains.conf"
    file.write_text(CONFIG)
    return file


def test_a_wrapper_that_is_loaded_is_read_with_its_configuration_and_without_its_password(config: Path) -> None:
    environment = {"LD_PRELOAD": "/usr/lib/libproxychains.so.4", "PROXYCHAINS_CONF_FILE": str(config)}
    found = read_wrapper(environment)
    assert found.wrapper is not None
    assert (found.wrapper.name, found.wrapper.preload) == ("proxychains", "/usr/lib/libproxychains.so.4")
    assert (found.wrapper.config, found.wrapper.proxies) == (str(config), ("socks5h://10.0.0.5:1080",))
    (line,) = found.lines([("hf.test", 443)])
    assert line.name == "hf.test:443 through socks5h://10.0.0.5:1080"
    assert line.route.proxy == "socks5h://ada:secret@10.0.0.5:1080"
    assert "secret" not in repr(found)
    assert "secret" not in repr(line)


def test_a_wrapper_that_is_configured_and_not_loaded_is_read_as_such(config: Path) -> None:
    found = read_wrapper({"PROXYCHAINS_CONF_FILE": str(config)}).wrapper
    assert found is not None
    assert (found.preload, found.proxies) == ("", ("socks5h://10.0.0.5:1080",))


def test_a_user_s_own_configuration_comes_before_the_machine_s(tmp_path: Path) -> None:
    own = tmp_path / ".proxychains/proxychains.conf"
    own.parent.mkdir()
    own.write_text(CONFIG)
    found = read_wrapper({"HOME": str(tmp_path)}).wrapper
    assert found is not None
    assert found.config == str(own)


def test_a_wrapper_without_a_configuration_is_told_all_the_same(tmp_path: Path) -> None:
    environment = {"LD_PRELOAD": "libtorsocks.so", "TORSOCKS_CONF_FILE": str(tmp_path / "none")}
    found = read_wrapper(environment)
    assert found.wrapper is not None
    assert (found.wrapper.name, found.wrapper.proxies, found.lines([("hf.test", 443)])) == ("torsocks", (), ())


def test_what_is_dialled_outside_is_told_as_a_dial() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = Line("127.0.0.1", listener.getsockname()[1])
        (found,) = dial_outside([line], 2.0)
    assert (found.line, found.outcome, found.address) == (line.name, "ok", "127.0.0.1")
    assert dial_outside([Line("hf.test", 443, "http://p:1", route=Route("http://p:1"))], 2.0) == ()


def test_dials_are_written_as_plain_values() -> None:
    (row,) = json.loads(written([Dial("hf.test:443 straight", outcome="silent")]))
    assert row["outcome"] == "silent"
