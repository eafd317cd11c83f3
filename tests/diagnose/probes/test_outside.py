from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support.proxies import ProxyServer, running
from support.tcp_door import closed_port

PROGRAM = [sys.executable, "-m", "hfpush.diagnose.probes.outside"]


def asked(*ports: int) -> bytes:
    lines = [{"host": "127.0.0.1", "port": port, "secure": True} for port in ports]
    return json.dumps({"seconds": 2.0, "lines": lines}).encode()


def test_each_line_is_dialled_and_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ports = listener.getsockname()[1], closed_port()
        done = subprocess.run(PROGRAM, input=asked(*ports), capture_output=True, check=True, timeout=20)
    assert [row["outcome"] for row in json.loads(done.stdout)] == ["ok", "refused"]
    assert done.stderr == b""


@pytest.mark.needs("proxychains4")
def test_a_wrapper_is_left_behind(tmp_path: Path) -> None:
    """Under proxychains everything goes to the proxy; what is dialled outside does not."""
    config = tmp_path / "proxychains.conf"
    script = (
        "import sys; from hfpush.diagnose.line import Line; from hfpush.diagnose.probes.wrapper import dial_outside\n"
        "print(dial_outside([Line('127.0.0.1', int(sys.argv[1]))], 2.0)[0].outcome)"
    )
    with running(ProxyServer("socks5")) as proxy, socket.create_server(("127.0.0.1", 0)) as listener:
        config.write_text(f"strict_chain\n[ProxyList]\nsocks5 127.0.0.1 {proxy.address[1]}\n")
        words = [str(shutil.which("proxychains4")), "-q", "-f", str(config), sys.executable, "-c", script]
        words.append(str(listener.getsockname()[1]))
        done = subprocess.run(words, capture_output=True, timeout=20, env=os.environ, text=True)
    assert (done.stdout, done.stderr) == ("ok\n", "")
    assert proxy.connections == 0
