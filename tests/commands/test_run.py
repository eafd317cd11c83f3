from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from support.command_line import git
from support.connect_doors import serving
from support.proxies import ProxyServer, running

from hfpush.commands.run import RunRequest, environment_changes, run
from hfpush.errors import LocalTrouble
from hfpush.net.network import Network
from hfpush.net.routes import Routes

ASK = """
import os, socket, sys
from urllib.parse import urlsplit
import base64
door = urlsplit(os.environ["HTTPS_PROXY"])
login = base64.b64encode(f"{door.username}:{door.password}".encode()).decode()
with socket.create_connection((door.hostname, door.port), timeout=20) as client:
    head = f"CONNECT hub.test:443 HTTP/1.1\\r\\nUser-Agent: asker/1\\r\\nProxy-Authorization: Basic {login}\\r\\n\\r\\n"
    client.sendall(head.encode())
    sys.exit(0 if client.recv(100).startswith(b"HTTP/1.1 200") else 7)
"""


def python(place: Path, code: str) -> tuple[str, ...]:
    (place / "program.py").write_text(code)
    return sys.executable, str(place / "program.py")


def test_a_command_reaches_out_by_the_rule_of_the_request(tmp_path: Path) -> None:
    # The server stays until the command has ended: one that goes before would be asked again.
    with serving(lambda client, number: client.recv(1)) as port, running(ProxyServer("socks5")) as proxy:
        proxy.hosts["hub.test"] = ("127.0.0.1", port)
        report = run(RunRequest(python(tmp_path, ASK), Network(routes=Routes.of({"all_proxy": proxy.url}))))
        assert (report.exit_code, report.findings) == (0, ())
        assert proxy.targets == ["hub.test:443"]


def test_what_was_met_is_an_error_where_the_command_failed_and_else_a_warning(tmp_path: Path) -> None:
    with running(ProxyServer("http", login=("ada", "secret"))) as proxy:
        network = Network(routes=Routes.of({"all_proxy": proxy.url}))
        failed = run(RunRequest(python(tmp_path, ASK), network))
        assert failed.exit_code == 7
        assert [(one.reference, one.severity) for one in failed.findings] == [("proxy-login", "error")]
        assert failed.findings[0].evidence[-1] == "asked for by asker/1"
        content = run(RunRequest(python(tmp_path, ASK.replace("else 7", "else 0")), network))
        assert content.exit_code == 0
        assert [one.severity for one in content.findings] == ["warning"]


def test_a_command_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LocalTrouble) as caught:
        run(RunRequest(("no-such-command",)))
    assert caught.value.exit_code == 127


def test_the_environment_is_made_from_the_request_s_alone(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "A": "b", "LD_PRELOAD": "/usr/lib/libproxychains.so.4"}
    script = 'test "$A" = b && test -z "$LD_PRELOAD" && test -z "$HOME" && test -n "$https_proxy"'
    assert run(RunRequest(("sh", "-c", script), environment=environment)).exit_code == 0


@pytest.mark.needs("git")
def test_changes_are_told_with_what_git_has_configured_here(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "http.https://hf.test.proxy", "socks5://p:1")
    environment = {**os.environ, "PROXYCHAINS_CONF_FILE": "x", "NO_PROXY": "localhost,127.0.0.1,::1"}
    network = Network(ca_bundle="/x/ca.pem")
    changes = environment_changes(RunRequest((), network, environment, tmp_path))
    assert changes["PROXYCHAINS_CONF_FILE"] is None
    assert "NO_PROXY" not in changes, "it is what it was"
    assert changes["GIT_SSL_CAINFO"] == "/x/ca.pem"
    assert "http.https://hf.test.proxy" in changes.values()
    assert list(changes) == sorted(changes)
