from __future__ import annotations

import os
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.git_server import Answering, GitServer, line, running

from hfpush.commands.git_side import GitSide, git_side
from hfpush.commands.publish_report import PublishRequest
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import NotFound, Unavailable
from hfpush.localhub import LocalHub, drop_after, status
from hfpush.net.http import Http
from hfpush.net.retry import RetryPolicy
from hfpush.repo.repository import Repository

TOKEN = "hf_madeupfortests"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    place = tmp_path / "repo"
    place.mkdir()
    (place / "README.md").write_text("# model\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=place, check=True, timeout=30)
    return Repository.open(place)


class Watching:
    """A publish's observer that notes what is waited for, and the stages."""

    def __init__(self, waits: list[str]) -> None:
        self._waits = waits
        self.stages: list[str] = []

    def waiting(self, seconds: float, why: Unavailable) -> None:
        self._waits.append(why.finding.reference)

    def stage(self, text: str) -> None:
        self.stages.append(text)


@contextmanager
def side_of(
    url: str, tmp_path: Path, waits: list[str], token: str = TOKEN, *, attempts: int = 3, watch: Watching | None = None
) -> Iterator[GitSide]:
    address = RepoAddress.parse(Endpoint("test", url), "acme/model")
    request = PublishRequest(tmp_path, address, tmp_path, token=token)
    policy = RetryPolicy(attempts=attempts, first_wait=0.01)
    observer: Any = watch or Watching(waits)
    with Http(address.endpoint, token) as http, git_side(http, request, observer, policy) as side:
        yield side


def test_what_fails_behind_the_door_is_tried_again_there_and_not_once_more(
    tmp_path: Path, repository: Repository
) -> None:
    waits: list[str] = []
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("acme/model", empty=True)
        with side_of(hub.url, tmp_path, waits, hub.token) as side:
            hub.faults.add(status(503, on="git-refs"), drop_after(1, on="git-push"))
            side.push(repository, repository.head, "main", expected=None)
            assert side.refs(repository).branch("main") == repository.head
            assert waits == ["hub-unavailable", "connection-cut"]
            hub.faults.add(status(503, on="git-refs", times=None))
            hub.seen.clear()
            with pytest.raises(Unavailable):
                side.refs(None)
            assert hub.seen.count("git-refs") == 3


def test_what_only_git_saw_is_tried_again_after_a_look(tmp_path: Path, repository: Repository) -> None:
    waits: list[str] = []

    def report(answering: Answering, unpacked: bytes, ref: bytes) -> None:
        answering.head()
        answering.send(line(b"\2by the way: " + TOKEN.encode() + b"\n"))
        answering.send(line(b"\1" + line(b"unpack " + unpacked + b"\n") + line(ref + b"\n") + b"0000") + b"0000")
        answering.done()

    def no_room_yet(answering: Answering) -> None:
        report(answering, b"unpack-objects abnormal exit", b"ng refs/heads/main unpacker error")

    def take(answering: Answering) -> None:
        answering.git.refs["refs/heads/main"] = repository.head
        report(answering, b"ok", b"ok refs/heads/main")

    git = GitServer(no_room_yet, take)
    with running(git), side_of(git.url, tmp_path, waits) as side:
        side.push(repository, repository.head, "main", expected=None)
        assert waits == ["push-interrupted"]
        assert side.refs(repository).branch("main") == repository.head
    refused = GitServer(no_room_yet)
    with running(refused), side_of(refused.url, tmp_path, waits, attempts=1) as side:
        with pytest.raises(Unavailable) as caught:
            side.push(repository, repository.head, "main", expected=None)
        told = repr(caught.value.finding)
    assert TOKEN not in told
    assert "127.0.0.1" not in told.replace(refused.url, "")


def test_a_repository_that_is_not_there_is_told(tmp_path: Path) -> None:
    with (
        LocalHub(root=tmp_path / "hub") as hub,
        side_of(hub.url, tmp_path, [], hub.token) as side,
        pytest.raises(NotFound),
    ):
        side.refs(None)


def test_how_far_a_large_push_is_is_told_tenth_by_tenth(tmp_path: Path, repository: Repository) -> None:
    (tmp_path / "repo/words.txt").write_bytes(b"\n".join(b64encode(os.urandom(60)) for _ in range(150_000)))
    for words in (["add", "."], ["-c", "core.compression=0", "commit", "-qm", "two"]):
        subprocess.run(["git", *words], cwd=tmp_path / "repo", check=True, timeout=30)
    repository = Repository.open(tmp_path / "repo")
    watch = Watching([])
    with LocalHub(root=tmp_path / "hub", max_git_file=2**30) as hub:
        hub.create("acme/model", empty=True)
        with side_of(hub.url, tmp_path, [], hub.token, watch=watch) as side:
            side.push(repository, repository.head, "main", expected=None)
    assert len(watch.stages) == 11
    assert watch.stages[0].startswith("pushing the commits, ")
    assert len(set(watch.stages[-1].partition(", ")[2].split(" of "))) == 1
