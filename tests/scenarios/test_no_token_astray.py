"""No command sends a token to an endpoint that the user has not trusted, whoever named it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support.agent_talk import AgentProcess, init
from support.command_line import git, make_repo

pytestmark = pytest.mark.needs("git")
USERS, OWN = "the-users-own-token", "the-endpoints-own-token"
DATA = b"content of an object" * 50
OID = hashlib.sha256(DATA).hexdigest()


class Listener:
    """A server that says "not you" to everything, and writes down who said what."""

    url = ""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str | None]] = []


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def answer(self) -> None:
            found.heard.append((f"{self.command} {self.path}", self.headers.get("Authorization")))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_PUT = do_HEAD = answer

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield found
        server.shutdown()


class Room:
    """A repository whose remote is an endpoint without trust, for which a token is kept."""

    def __init__(self, folder: Path, url: str) -> None:
        self.repo, self.url = make_repo(folder / "repo", {"a.bin": DATA}), url
        git(self.repo, "remote", "add", "origin", f"{url}/ada/model")
        self.environment = {**os.environ, "HF_TOKEN": USERS, "HFPUSH_STATE_DIR": str(folder / "state")}
        self.run("endpoint", "add", "astray", url, "--kind", "relay", "--token-stdin", stdin=f"{OWN}\n".encode())
        self.run("endpoint", "trust", "astray", "--no-trust")

    def run(self, *words: str, stdin: bytes = b"", more: Mapping[str, str] | None = None) -> bytes:
        done = subprocess.run(
            [sys.executable, "-m", "hfpush", *words],
            cwd=self.repo,
            env={**self.environment, **(more or {})},
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )
        for secret in (USERS.encode(), OWN.encode()):
            assert secret not in done.stdout + done.stderr
        return done.stdout + done.stderr


def told_by_git_lfs(room: Room) -> None:
    """git-lfs has an agent send the object; the address that it brings along is good no more."""
    stored = room.repo / ".git/lfs/objects" / OID[:2] / OID[2:4] / OID
    action = {"href": f"{room.url}/put/{OID}"}
    with AgentProcess(room.repo, {**room.environment, "HF_ENDPOINT": "astray"}) as agent:
        agent.say(init("upload"))
        assert agent.hear() == {}
        _, end = agent.carry({"event": "upload", "oid": OID, "size": len(DATA), "path": str(stored), "action": action})
        assert "error" in end


def spoken(room: Room, command: str) -> None:
    if command == "agent":
        told_by_git_lfs(room)
        return
    head = git(room.repo, "rev-parse", "HEAD")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {len(DATA)}\n".encode()
    named = {"HF_ENDPOINT": "astray"}
    if command == "smudge":
        for stored in (room.repo / ".git/lfs/objects").rglob(OID):
            stored.unlink()
    words: dict[str, tuple[tuple[str, ...], bytes]] = {
        "publish": (("publish", ".", "--to", "ada/model"), b""),
        "fetch": (("fetch", "ada/model", "--local-dir", str(room.repo.parent / "there")), b""),
        "endpoint test": (("endpoint", "test", "astray", "--repo", "ada/model"), b""),
        "pre-push": (
            ("hook", "run", "pre-push", "origin", f"{room.url}/ada/model"),
            f"refs/heads/main {head} refs/heads/main {'0' * 40}\n".encode(),
        ),
        "smudge": (("lfs", "smudge", "a.bin"), pointer),
        "audit": (("audit", "."), b""),
    }
    given, stdin = words[command]
    room.run(*given, stdin=stdin, more=named)


@pytest.mark.parametrize("command", ["publish", "fetch", "endpoint test", "pre-push", "smudge", "agent", "audit"])
def test_no_command_gives_a_token_to_an_endpoint_without_trust(
    command: str, tmp_path: Path, listener: Listener
) -> None:
    room = Room(tmp_path, listener.url)
    spoken(room, command)
    asks_nobody = command in ("publish", "pre-push", "audit")
    assert bool(listener.heard) is not asks_nobody, listener.heard
    assert [one for one in listener.heard if one[1] is not None] == []


def test_the_users_own_password_for_a_server_goes_to_it_as_git_lfs_sends_it(tmp_path: Path, listener: Listener) -> None:
    room = Room(tmp_path, listener.url)
    git(room.repo, "config", f"credential.{listener.url}.helper", "!f() { echo username=ada; echo password=x y; }; f")
    spoken(room, "agent")
    asked = [header for request, header in listener.heard if request.endswith("/objects/batch")]
    assert asked == [None, f"Basic {b64encode(b'ada:x y').decode()}"]
