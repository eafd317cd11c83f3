"""A publish whose git part is the large one: it goes through our process, whatever git can or cannot do by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from support.command_line import SECONDS, CommandLine, git, make_repo
from support.proxies import ProxyServer, running

from hfpush.localhub import Fault, LocalHub, drop_after, lost_answer, stall, status

SPY = """#!/bin/sh
exec 3>{spied}
for pid in $PPID $(cat /proc/$PPID/task/$PPID/children); do cat /proc/$pid/cmdline /proc/$pid/environ >&3; done
git config --list >&3
echo "$1 $2 $HFPUSH_REMOTE_URL" >&3
"""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with one LFS object and 3 MB of text that git itself carries."""
    words = b"\n".join(b64encode(os.urandom(60)) for _ in range(37_000))
    return make_repo(tmp_path / "repo", {"a.bin": os.urandom(50_000)}, {"words.txt": words})


def moves(hub: LocalHub) -> int:
    """How often a branch was moved at the Hub, its creation by the Hub not counted."""
    logs = list(hub.config.root.rglob("logs/refs/heads/main"))
    return sum(len(log.read_text().splitlines()) for log in logs)


def hub_with(tmp_path: Path, *faults: Fault) -> LocalHub:
    hub = LocalHub(*faults, root=tmp_path / "hub")
    made = hub.create("local/model")
    git(made.path, "config", "core.logAllRefUpdates", "always")
    return hub


@pytest.mark.parametrize(
    "faults",
    [
        [drop_after(1_000_000, on="git-push", times=2), status(503, on="git-refs", times=2)],
        [lost_answer(on="git-push", times=2), lost_answer(on="git-refs")],
        pytest.param(
            [stall(2, bytes=500_000, on="git-push"), status(429, on="git-push", retry_after=0)], marks=pytest.mark.slow
        ),
    ],
    ids=lambda faults: " ".join(map(str, faults)),
)
def test_a_push_that_breaks_off_is_made_once(tmp_path: Path, home: Path, repo: Path, faults: list[Fault]) -> None:
    with hub_with(tmp_path, *faults) as hub:
        said = CommandLine(home, hub).publish(repo, HFPUSH_IDLE_SECONDS="1", HFPUSH_ANSWER_SECONDS="5")
        assert said.code == 0, said
        assert said.document["pushed"]
        assert moves(hub) == 1
        assert not hub.faults.live()


def test_the_hub_s_token_is_nowhere_near_git(tmp_path: Path, home: Path, repo: Path) -> None:
    spied = tmp_path / "spied"
    hook = repo / ".git/hooks/pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(SPY.format(spied=spied))
    hook.chmod(0o755)
    with hub_with(tmp_path) as hub:
        secrets = {"HTTPS_PROXY": "http://ada:proxysecret@127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
        said = CommandLine(home, hub).publish(repo, **secrets)
        assert said.code == 0, said
        seen = spied.read_text(errors="replace")
        assert "push" in seen
        assert hub.token not in seen
        assert "proxysecret" not in seen
        name, url, real = seen.splitlines()[-1].split()
        assert name == url
        assert url.startswith("http://127.0.0.1:")
        assert url.endswith("/local/model")
        assert real == f"{hub.url}/local/model"


def test_git_s_own_way_out_is_not_used(tmp_path: Path, home: Path, repo: Path) -> None:
    theirs = Path(subprocess.check_output(["git", "--exec-path"], text=True, timeout=SECONDS).strip())
    programs = tmp_path / "git-core"
    programs.mkdir()
    for program in theirs.iterdir():
        if program.name != "git-remote-https":
            (programs / program.name).symlink_to(program.resolve())
    git(repo, "config", "--global", "http.proxy", "http://127.0.0.1:9")
    git(repo, "config", "--global", "http.http://127.0.0.1.proxy", "http://127.0.0.1:9")
    git(repo, "config", "--global", "http.sslVersion", "nonsense")
    git(repo, "config", "--global", "http.sslCert", "/nowhere.pem")
    git(repo, "config", "--global", "http.extraHeader", "Authorization: Basic bm9uc2Vuc2U=")
    git(repo, "config", "--global", "credential.http://127.0.0.1.helper", f"!touch {tmp_path}/asked; :")
    with hub_with(tmp_path) as hub:
        odd = {"GIT_EXEC_PATH": str(programs), "GIT_SSL_CERT": "/nowhere", "GIT_SSL_VERSION": "x"}
        said = CommandLine(home, hub).publish(repo, **odd, NO_PROXY="127.0.0.1", no_proxy="127.0.0.1")
        assert said.code == 0, said
        assert moves(hub) == 1
    assert not (tmp_path / "asked").exists()


@pytest.mark.needs("proxychains4")
def test_under_proxychains_all_of_it_goes_through_the_proxy(tmp_path: Path, home: Path, repo: Path) -> None:
    with hub_with(tmp_path) as hub, running(ProxyServer("socks5")) as proxy:
        config = tmp_path / "proxychains.conf"
        host, port = proxy.address
        config.write_text(f"strict_chain\ntcp_read_time_out 15000\n[ProxyList]\nsocks5 {host} {port}\n")
        hfpush = CommandLine(home, hub)
        wrapped = [shutil.which("proxychains4") or "", "-q", "-f", str(config)]
        words = [*wrapped, *hfpush.command("publish", str(repo), "--to", "local/model", "--json")]
        done = subprocess.run(words, env=hfpush.environment, capture_output=True, text=True, timeout=SECONDS)
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert moves(hub) == 1
        requests = {row.op for row in hub.seen.rows()}
        assert {"git-push", "git-refs", "put"} <= requests
        ours = hub.url.removeprefix("http://"), hub.storage_url.removeprefix("http://")
        assert set(proxy.targets) == set(ours), "nothing of the loopback between git and us went there"
