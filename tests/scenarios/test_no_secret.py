"""The token, a proxy's password and signed URLs stay where they belong, whatever a publish does.

Every byte that is printed, logged, traced or left on a disk, and the command line and the environment of every child,
are searched. hfpush's own environment is the user's business: that is where the token comes from.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.command_line import git, make_repo
from support.proxies import ProxyServer, running
from support.secrets_seen import PASSWORD, SIGNED, Secrets
from support.slowly import mostly_slow

from hfpush.localhub import Fault, LocalHub, drop_after, slow, status

pytestmark = pytest.mark.needs("git")
PARTS = {"part_size": 100_000, "multipart_threshold": 200_000}
SECONDS = 60


@dataclass
class Sampler:
    """Reads the command line and environment of a process's children, and theirs, again and again."""

    root: int
    own: bytes
    seen: dict[tuple[int, bytes], bytes] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self._over.wait(0.001):
            for pid in self._family():
                with suppress(OSError):
                    command = Path(f"/proc/{pid}/cmdline").read_bytes()
                    own = command == self.own  # the process itself, or its copy just before it becomes a child
                    surroundings = b"" if own else Path(f"/proc/{pid}/environ").read_bytes()
                    self.seen[pid, command] = command + b"\0" + surroundings

    def _family(self) -> list[int]:
        family, waiting = [], [self.root]
        while waiting:
            pid = waiting.pop()
            family.append(pid)
            with suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    waiting += map(int, (task / "children").read_text().split())
        return family

    @classmethod
    @contextmanager
    def over(cls, root: int, command: Sequence[str] = ()) -> Iterator[Sampler]:
        sampler = cls(root, b"".join(word.encode() + b"\0" for word in command))
        thread = threading.Thread(target=sampler.run)
        thread.start()
        try:
            yield sampler
        finally:
            sampler._over.set()
            thread.join()


@dataclass
class Room:
    """A Hub, a proxy before it that wants a login, and a repository with a hook that writes down what it can see."""

    place: Path
    hub: LocalHub
    proxy: ProxyServer
    home: Path

    @property
    def secrets(self) -> Secrets:
        return Secrets.of(self.hub.token)

    def environment(self) -> dict[str, str]:
        traces = {name: str(self.place / name.lower()) for name in ("GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE2_EVENT")}
        return {
            **os.environ,
            **traces,
            **dict.fromkeys(("http_proxy", "https_proxy", "ALL_PROXY"), self.proxy.url_with_login),
            "HF_TOKEN": self.hub.token,
            "HUGGING_FACE_HUB_TOKEN": self.hub.token,
            "HFPUSH_STATE_DIR": str(self.place / "state"),
            "HFPUSH_ATTEMPTS": "3",
        }

    def command(self, *words: str) -> list[str]:
        publish = ["publish", str(self.place / "repo"), "--to", "local/model", "--endpoint", "room"]
        return [sys.executable, "-m", "hfpush", *publish, "--log", str(self.place / "log"), *words]

    def start(self, *before: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*before, *self.command()],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def check_disk(self, *, unfinished: bool = False) -> None:
        """No secret lies in any file; signed URLs only in journals of unfinished uploads, that nobody else reads."""
        for file in (path for top in (self.place, self.home) for path in top.rglob("*")):
            if not file.is_file() or file.is_symlink() or self.hub.config.root in file.parents:
                continue
            data = file.read_bytes()
            assert self.secrets.found_in(data) == [], file
            if SIGNED.search(data):
                assert unfinished, file
                assert file.suffix == ".jsonl", file
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


@pytest.fixture
def room(tmp_path: Path, home: Path) -> Iterator[Room]:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(650_000)}, {"README.md": b"# Hello\n"})
    git(repo, "config", "remote.origin.url", "https://huggingface.co/local/model")
    hook = repo / ".git/hooks/pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f'#!/bin/sh\n(env; echo "$0 $@"; cat) >> {tmp_path}/hook\n')
    hook.chmod(0o755)
    with (
        LocalHub(root=tmp_path / "hub", **PARTS) as hub,
        running(ProxyServer("http", login=("ada", PASSWORD), hosts={"hub.test": "127.0.0.1"})) as proxy,
    ):
        url = hub.url.replace("127.0.0.1", "hub.test")  # this machine itself is never reached through a proxy
        add = ["endpoint", "add", "room", url, "--kind", "hub", "--trust"]
        subprocess.run([sys.executable, "-m", "hfpush", *add], check=True, capture_output=True)
        yield Room(tmp_path, hub, proxy, home)


def ended(process: subprocess.Popen[bytes]) -> bytes:
    out, _ = process.communicate(timeout=SECONDS)
    assert SIGNED.search(out) is None
    return out


def test_a_publish_shows_no_secret_to_anybody(room: Room) -> None:
    room.hub.faults.add(drop_after(bytes=1000), status(503, on="put", part=3), status(403, on="put", part=5))
    process = room.start()
    with Sampler.over(process.pid, room.command()) as sampler:
        out = ended(process)
    assert process.returncode == 0, out.decode()
    assert room.proxy.connections > 0, "all of it went through the proxy"
    assert room.secrets.found_in(out) == []
    assert any(b"git" in command for _, command in sampler.seen), "children were seen"
    for (pid, command), data in sampler.seen.items():
        assert room.secrets.found_in(data) == [], (pid, command)
        assert SIGNED.search(data) is None
    assert (room.place / "log").stat().st_size > 0
    assert (room.place / "hook").stat().st_size > 0, "the hook ran, and its environment is on the disk"
    room.check_disk()


@pytest.mark.needs("strace")
def test_no_child_however_short_gets_a_secret(room: Room) -> None:
    traced = room.place / "traced"
    strace = ["strace", "-f", "-qq", "-v", "-s", "65536", "-e", "trace=execve", "-o", str(traced)]
    if subprocess.run([*strace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace may not trace here")
    process = room.start(*strace)
    out = ended(process)
    assert process.returncode == 0, out.decode()
    own, *children = [line for line in traced.read_bytes().splitlines() if b"execve(" in line]
    assert room.hub.token.encode() in own, "that is hfpush itself: the search finds what is there"
    assert len(children) > 5
    for line in children:
        assert room.secrets.found_in(line) == [], line[:200]
        assert SIGNED.search(line) is None
    traced.unlink()
    room.check_disk()


def test_killed_half_way_it_leaves_signed_addresses_only_where_its_owner_alone_reads(room: Room) -> None:
    room.hub.faults.add(slow(rate=100_000))
    process = room.start()
    with Sampler.over(process.pid, room.command()) as sampler:
        end = time.monotonic() + SECONDS
        while not list((room.place / "state").rglob("*.jsonl")) or room.hub.seen.bytes_in("put") < 50_000:
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        out = ended(process)
    assert room.secrets.found_in(out) == []
    assert [data for data in sampler.seen.values() if room.secrets.found_in(data)] == []
    journals = list((room.place / "state/uploads").glob("*.jsonl"))
    assert any(SIGNED.search(journal.read_bytes()) for journal in journals), "the search finds what is there"
    room.check_disk(unfinished=True)


ECHOES: list[tuple[str, Any]] = [
    ("batch", lambda words: status(400, on="batch", message=words)),
    ("create", lambda words: status(403, on="create", message=words)),
    ("complete", lambda words: status(400, on="complete", times=None, message=words)),
    ("git-push", lambda words: status(403, on="git-push", times=None, message=words)),
    ("info", lambda words: status(503, on="info", times=None, message=words)),
    ("git-refs", lambda words: status(404, on="git-refs", times=None, message=words)),
]


@pytest.mark.parametrize(("on", "echo"), mostly_slow(ECHOES, quick={"batch", "git-push"}))
def test_a_server_that_says_the_token_aloud_is_not_quoted(room: Room, on: str, echo: Any) -> None:
    packed = base64.b64encode(f"hfpush:{room.hub.token}".encode()).decode()
    fault: Fault = echo(f"Bearer {room.hub.token} or {packed} at http://u:{room.hub.token}@h/x?sig={room.hub.token}")
    room.hub.faults.add(fault)
    process = room.start()
    out = ended(process)
    assert process.returncode == 1, out.decode()
    assert room.secrets.found_in(out) == [], out
    room.check_disk(unfinished=True)


def test_the_searches_find_what_they_are_for() -> None:
    secrets = Secrets.of("hf_token")
    assert secrets.found_in(b"xhf_tokenx")
    assert secrets.found_in(base64.b64encode(b"hfpush:hf_token"))
    assert SIGNED.search(b"https://h/o?X-Amz-Signature=0123456789")
    child = subprocess.Popen([shutil.which("sleep") or "sleep", "5"], env={"A": "hf_token"})
    with Sampler.over(os.getpid()) as sampler:
        time.sleep(0.1)
    child.kill()
    child.wait()
    assert any(secrets.found_in(data) for (pid, _), data in sampler.seen.items() if pid == child.pid)
