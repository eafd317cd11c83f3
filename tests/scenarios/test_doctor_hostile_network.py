"""Servers, proxies and storages that do their worst: doctor ends in time, in little memory, and with an answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support.hostile_server import HostileServer
from support.slowly import mostly_slow
from support.told_server import ToldServer, hub_of

pytestmark = pytest.mark.needs("git")
MOST_SECONDS, MOST_BYTES = 20.0, 150 * 2**20
TOKEN = "hf_theUsersOwnTokenOfTheHubItself"
WILD = {chr(code) for code in (*range(9), *range(11, 32), 127, *range(128, 160), 0x202E)}
HTTP = ("body", "chunks", "tiny-chunks", "head", "line", "interim", "bomb", "slow-head", "slow-body", "slow-lines")
MANNERS = ("noise", "drops", *HTTP, "around", "deep", "deeper", "objects", "strange")


def looked(place: Path, *words: str, **more: str) -> Any:
    """Doctor's document, within its time and its memory."""
    environment = {**os.environ, "HF_TOKEN": TOKEN, "HFPUSH_STATE_DIR": str(place / "state"), **more}
    command = [sys.executable, "-m", "hfpush", "doctor", "--json", "--repo", "ada/model", *words]
    out, err = place / "out", place / "err"
    with (
        out.open("wb") as to_out,
        err.open("wb") as to_err,
        subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=to_out, stderr=to_err) as process,
    ):
        most, end = 0, time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            most = max(most, resident(process.pid))
            time.sleep(0.02)
        process.kill()
    assert "Traceback" not in err.read_text()
    assert most < MOST_BYTES
    assert process.returncode in (0, 1), out.read_text()
    document = json.loads(out.read_text())
    assert document["seconds"] < MOST_SECONDS
    return document


def resident(process: int) -> int:
    """The most memory that it has had, in bytes; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def first(document: Any) -> str:
    found = document["findings"]
    return str(found[0]["reference"]) if found else ""


ROWS = [(manner,) for manner in MANNERS]


@pytest.mark.parametrize("manner", mostly_slow(ROWS, quick={"deep"}, slow={"slow-head"}))
def test_an_endpoint_that_does_its_worst(manner: str, tmp_path: Path) -> None:
    with HostileServer(manner).running() as server:
        document = looked(tmp_path, HF_ENDPOINT=server.url)
        assert not document["well"]
        assert server.asked < 100


@pytest.mark.rare
@pytest.mark.parametrize(("manner", "reference"), [("noise", "tls-plaintext"), ("silence", "tls-silent")])
def test_an_endpoint_that_does_its_worst_at_tls(manner: str, reference: str, tmp_path: Path) -> None:
    with HostileServer(manner).running() as server:
        document = looked(tmp_path, HF_ENDPOINT=server.url.replace("http:", "https:"))
        assert first(document) == reference


PROXIES = [(kind, manner) for kind in ("http", "socks5h") for manner in ("noise", "drops", "silence", "strange")]
SLOW = (("http", "slow-head"), ("socks5h", "noise"))
PROXIES += [("http", manner) for manner in ("head", "line", "interim", "slow-head", "body")]


@pytest.mark.parametrize(
    ("kind", "manner"),
    [pytest.param(*row, marks=pytest.mark.slow if row in SLOW else pytest.mark.rare) for row in PROXIES],
)
def test_a_proxy_that_does_its_worst(kind: str, manner: str, tmp_path: Path) -> None:
    with HostileServer(manner).running() as server:
        url = server.url.replace("http:", f"{kind}:")
        document = looked(tmp_path, HF_ENDPOINT="https://hub.test", HTTPS_PROXY=url, ALL_PROXY=url)
        assert not document["well"]


@pytest.mark.parametrize("manner", mostly_slow(ROWS, quick=(), slow={"slow-body"}))
def test_a_storage_that_does_its_worst(manner: str, tmp_path: Path) -> None:
    with HostileServer(manner).running() as server, ToldServer(hub_of(lambda: server.url)).running() as hub:
        document = looked(tmp_path, "--yes", HF_ENDPOINT=hub.url)
        assert document["facts"]["lfs"]["puts"]


@pytest.mark.slow
@pytest.mark.parametrize("words", [("--verbose",), pytest.param(("--json",), marks=pytest.mark.rare)])
def test_what_a_server_says_neither_moves_a_cursor_nor_turns_the_text(words: tuple[str, ...], tmp_path: Path) -> None:
    with HostileServer("strange").running() as server:
        done = subprocess.run(
            [sys.executable, "-m", "hfpush", "doctor", "--repo", "ada/model", *words],
            env={**os.environ, "HF_TOKEN": TOKEN, "HF_ENDPOINT": server.url},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
    text = done.stdout.decode() if words == ("--verbose",) else "".join(texts(json.loads(done.stdout)))
    assert "owned" in text, "what the server said is there"
    assert not WILD & set(text + done.stderr.decode())


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in values for text in texts(one)]
