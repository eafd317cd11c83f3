"""Doctor shows no secret to anybody: a token, a proxy's login, what a remote, a helper or a log holds, signed URLs.

What it prints, the document and the zip, what a replay prints, the command line and the environment of every process
that it starts, and what lies on the disk afterwards, are searched.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.command_line import git, make_repo
from support.proxies import ProxyServer, running
from support.secrets_seen import PASSWORD, SIGNED, Secrets

from hfpush.localhub import LocalHub

pytestmark = pytest.mark.needs("git")
SECONDS = 60
IN_NETWORK = re.compile(
    rb'execve\("[^"]*/(?:git|git-remote-https?)", \[[^\]]*"(?:ls-remote|remote-https?|https?://[^"]*)"'
)
"""git that asks the Hub takes its proxy from its environment, as the user's does; nobody else can read that."""
PARTS = {"part_size": 100_000, "multipart_threshold": 200_000}
IN_REMOTE, IN_HELPER, IN_LOG = (f"hf_{letter * 34}" for letter in ("RemoteAb", "HelperCd", "InLogEf"))
URL_IN_LOG = "https://bucket.s3.example/key?X-Amz-Signature=0123456789abcdef"


@dataclass
class Room:
    """A Hub behind a proxy that wants a login, and a repository whose remote, helper and log hold tokens."""

    place: Path
    home: Path
    hub: LocalHub
    proxy: ProxyServer

    @property
    def secrets(self) -> Secrets:
        return Secrets.of(self.hub.token, IN_REMOTE, IN_HELPER, IN_LOG)

    def environment(self) -> dict[str, str]:
        traces = {name: str(self.place / name.lower()) for name in ("GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE2_EVENT")}
        return {
            **os.environ,
            **traces,
            **dict.fromkeys(("http_proxy", "https_proxy", "ALL_PROXY"), self.proxy.url_with_login),
            "HF_TOKEN": self.hub.token,
            "HUGGING_FACE_HUB_TOKEN": self.hub.token,
            "HFPUSH_STATE_DIR": str(self.place / "state"),
        }

    def run(self, *words: str, before: tuple[str, ...] = ()) -> tuple[int, bytes]:
        done = subprocess.run(
            [*before, sys.executable, "-m", "hfpush", "doctor", *words],
            env=self.environment(),
            cwd=self.place,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        self.check(done.stdout)
        self.check(done.stderr)
        return done.returncode, done.stdout

    def check(self, data: bytes) -> None:
        assert self.secrets.found_in(data) == [], data
        assert SIGNED.search(data) is None, data

    def check_disk(self, *mine: Path) -> None:
        """Of all files those that hold secrets by their nature are left out: the Hub's, and what the test wrote."""
        for file in (path for top in (self.place, self.home) for path in top.rglob("*")):
            kept = file in mine or self.hub.config.root in file.parents
            if file.is_file() and not file.is_symlink() and not kept:
                self.check(file.read_bytes())


@pytest.fixture
def room(tmp_path: Path, home: Path) -> Iterator[Room]:
    with (
        LocalHub(root=tmp_path / "hub", **PARTS) as hub,
        running(ProxyServer("http", login=("ada", PASSWORD), hosts={"hub.test": "127.0.0.1"})) as proxy,
    ):
        hub.create("local/model")
        url = hub.url.replace("127.0.0.1", "hub.test")
        repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(650_000)}, {"README.md": b"# Hello\n"})
        git(repo, "remote", "add", "origin", f"{url.replace('://', f'://me:{IN_REMOTE}@')}/local/model")
        helper = tmp_path / "helper"
        helper.write_text(f"#!/bin/sh\necho asked >> {tmp_path}/asked\necho username=me\necho password={IN_HELPER}\n")
        helper.chmod(0o755)
        git(repo, "config", "--global", f"credential.{url}.helper", str(helper))
        (tmp_path / "log").write_text(f"batch: https://me:{IN_LOG}@h/x\n> PUT {URL_IN_LOG}\n< HTTP/1.1 403 Forbidden\n")
        add = ["endpoint", "add", "room", url, "--kind", "hub", "--trust"]
        subprocess.run([sys.executable, "-m", "hfpush", *add], check=True, capture_output=True)
        yield Room(tmp_path, home, hub, proxy)


def mine(room: Room) -> tuple[Path, ...]:
    return (room.place / "helper", room.place / "log", room.place / "repo/.git/config")


@pytest.mark.needs("strace")
@pytest.mark.slow
def test_neither_what_is_printed_nor_a_child_nor_a_file_has_a_secret(room: Room) -> None:
    traced = room.place / "traced"
    strace = ("strace", "-f", "-qq", "-v", "-s", "65536", "-e", "trace=execve", "-o", str(traced))
    if subprocess.run([*strace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace may not trace here")
    words = ("repo", "--endpoint", "room", "--repo", "local/model", "--log", "log", "--json", "--bundle")
    _, out = room.run(*words, before=strace)
    assert room.proxy.connections > 0
    assert (room.place / "asked").exists(), "git's helper was asked"
    assert b'"puts": [\n' in out, "bytes were sent to signed URLs"
    own, *children = [line for line in traced.read_bytes().splitlines() if b"execve(" in line]
    assert room.hub.token.encode() in own, "that is hfpush itself: the search finds what is there"
    assert len(children) > 5
    for line in children:
        room.check(line.replace(PASSWORD.encode(), b"") if IN_NETWORK.search(line) else line)
    traced.unlink()
    (bundle,) = room.place.glob("hfpush-doctor-*.zip")
    with zipfile.ZipFile(bundle) as opened:
        for name in opened.namelist():
            room.check(opened.read(name))
        (room.place / "report.json").write_bytes(opened.read("report.json"))
    for more in ((), ("--json",), ("--verbose",)):
        code, said = room.run("--replay", "report.json", *more)
        assert code in (0, 1)
        assert said
    room.check_disk(*mine(room))


@pytest.mark.parametrize("words", [pytest.param(("--verbose",), marks=pytest.mark.slow), ("--offline", "--verbose")])
def test_what_is_printed_has_no_secret(room: Room, words: tuple[str, ...]) -> None:
    room.run("repo", "--endpoint", "room", "--repo", "local/model", "--log", "log", *words)
    room.check_disk(*mine(room))


def test_a_helper_that_names_the_variable_of_a_token_has_it_and_is_shown_as_it_is(room: Room) -> None:
    url = room.hub.url.replace("127.0.0.1", "hub.test")
    own = '!f() { echo username=me; echo "password=$HF_TOKEN"; }; f'
    git(room.place / "repo", "config", "--global", f"credential.{url}.helper", own)
    _, out = room.run("repo", "--endpoint", "room", "--json")
    assert b'"git_has": true' in out
