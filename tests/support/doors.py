"""A door of ours before a repository at a local Hub, and git sent through it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hfpush.bridge.git_door import GitDoor, git_door
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.localhub import LocalHub
from hfpush.net.http import Http
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.net.retry import RetryPolicy
from hfpush.repo.credential import credential
from hfpush.repo.process import environment
from hfpush.repo.remote import Remote

SECONDS = 60


@contextmanager
def door_to(
    hub: LocalHub,
    id: str = "acme/model",
    *,
    token: str | None = "write",
    attempts: int = 4,
    patience: Patience | None = None,
) -> Iterator[GitDoor]:
    """A door with the Hub's token for writing (or reading, or the one given), and hardly a wait between attempts."""
    address = RepoAddress.parse(Endpoint("test", hub.url), id)
    known = {"write": hub.token, "read": hub.read_token}.get(token or "", token)
    policy = RetryPolicy(attempts=attempts, first_wait=0.01)
    with (
        Http(address.endpoint, known, network=Network(patience or Patience())) as http,
        git_door(http, address, policy) as door,
    ):
        yield door


def remote_through(door: GitDoor) -> Remote:
    """What hfpush.repo is given of a door."""
    return Remote(door.url, door.secret, shown=door.shown, link=door)


def git_through(
    door: GitDoor, *words: str, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A git command that knows the door's secret."""
    with credential(door.url, door.secret) as secret:
        settings = [part for one in secret.settings for part in ("-c", one)]
        return subprocess.run(
            ["git", *settings, *words],
            cwd=cwd,
            env=environment(env),
            pass_fds=secret.descriptors,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
