"""git-lfs's side of the conversation with a transfer agent, without git-lfs: what it would say, and whom to."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests
from support.command_line import git, make_repo

from hfpush.localhub import LocalHub

REPO = "acme/model"


def init(operation: str, agents: int = 8) -> dict[str, Any]:
    return {
        "event": "init",
        "operation": operation,
        "remote": "origin",
        "concurrent": True,
        "concurrenttransfers": agents,
    }


def oid_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Room:
    """A repository with objects in its store, and a Hub that is its remote."""

    def __init__(self, folder: Path, hub: LocalHub, *contents: bytes, url: str | None = None) -> None:
        self.hub = hub
        self.repo = make_repo(folder / "repo", {f"{number}.bin": data for number, data in enumerate(contents)})
        self.state = folder / "state"
        git(self.repo, "remote", "add", "origin", url or hub.git_url(REPO, token=hub.token))

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "HFPUSH_STATE_DIR": str(self.state)}

    def asked(self, operation: str, *contents: bytes) -> list[dict[str, Any]]:
        """What git-lfs says to an agent about these objects, once it has asked the Hub."""
        answer = requests.post(
            f"{self.hub.url}/{REPO}.git/info/lfs/objects/batch",
            json={
                "operation": operation,
                "transfers": ["basic", "multipart"],
                "objects": [{"oid": oid_of(content), "size": len(content)} for content in contents],
            },
            headers={"Authorization": f"Bearer {self.hub.token}", "Accept": "application/vnd.git-lfs+json"},
            timeout=30,
        )
        found = []
        for entry in answer.json()["objects"]:
            said = {"event": operation, "oid": entry["oid"], "size": entry["size"]}
            said["action"] = entry["actions"][operation]
            if operation == "upload":
                said["path"] = str(self.stored(entry["oid"]))
            found.append(said)
        return found

    def stored(self, oid: str) -> Path:
        """Where git-lfs has an object."""
        return self.repo / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid

    def start(self, **environment: str) -> AgentProcess:
        """An agent in a process of its own."""
        return AgentProcess(self.repo, {**self.environment, **environment})


class AgentProcess:
    """An agent as git-lfs starts it."""

    def __init__(self, place: Path, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hfpush", "lfs", "agent"],
            cwd=place,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __enter__(self) -> AgentProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def say(self, said: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(said).encode() + b"\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """The next line; empty when nothing more comes."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else {}  # type: ignore[no-any-return]

    def carry(self, said: dict[str, Any]) -> tuple[list[tuple[int, int]], dict[str, Any]]:
        """Have one object carried: its progress, and how it ended."""
        self.say(said)
        told = []
        while (heard := self.hear()).get("event") == "progress":
            assert heard["oid"] == said["oid"]
            told.append((heard["bytesSoFar"], heard["bytesSinceLast"]))
        return told, heard

    def end(self) -> int:
        """Say goodbye; the exit code."""
        self.say({"event": "terminate"})
        return self.process.wait(30)
