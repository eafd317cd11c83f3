"""What is asked of an endpoint to know a revision and its files, and what no endpoint must be asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hfpush.commands.fetch_disk import Disk, disk_of
from hfpush.commands.fetch_known import Known, known_here, learn, plain_names
from hfpush.commands.fetch_report import FetchRequest
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import HfpushError, NotFound, Refused
from hfpush.hub.api import HubApi
from hfpush.hub.resolved import Resolved
from hfpush.hub.tree import TreeFile
from hfpush.localhub import LocalHub, html, status
from hfpush.localhub.gitcmd import git_text
from hfpush.localhub.gitcommit import Change, commit
from hfpush.net.http import Http
from hfpush.net.retry import RetryPolicy

NAMES = ["a.txt", "b.txt", "d/c.txt"]


class Asked:
    def __init__(self, hub: LocalHub, api: HubApi, disk: Disk, commit_id: str) -> None:
        self.hub, self.api, self.disk, self.commit = hub, api, disk, commit_id

    def learn(self, *names: str, revision: str = "main", told: Resolved | None = None) -> Known:
        self.hub.seen.clear()
        return learn(self.api, self.disk, revision, names, told)

    @property
    def questions(self) -> list[str]:
        return [f"{row.method} {row.op}" for row in self.hub.seen.rows()]


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with LocalHub(root=tmp_path / "hub", page_size=2) as hub:
        hub.create("ada/model")
        repo = next(iter(hub.repos.list("models"))).path
        parent = git_text(repo, "rev-parse", "refs/heads/main")
        changes = [Change(name, name.encode()) for name in NAMES]
        made = commit(repo, changes, message="x", author="ada", when=1.0, parent=parent)
        address = RepoAddress.parse(Endpoint("hub", hub.url), "ada/model")
        with Http(address.endpoint, hub.token) as http:
            api = HubApi(http, address, policy=RetryPolicy(attempts=1), sleep=time.sleep)
            yield Asked(hub, api, disk_of(FetchRequest(address, cache_dir=tmp_path / "cache")), made)


def paths(known: Known) -> list[str]:
    return [file.path for file in known.files]


def test_one_file_is_one_question(asked: Asked) -> None:
    known = asked.learn("d/c.txt")
    assert (known.commit, paths(known), known.complete) == (asked.commit, ["d/c.txt"], False)
    assert asked.questions == ["HEAD resolve"]
    assert asked.learn("d/c.txt", told=Resolved(asked.commit, known.files[0])) == known
    assert asked.questions == []


def test_a_few_files_are_two_questions_and_one_where_the_commit_is_known(asked: Asked) -> None:
    assert paths(asked.learn("a.txt", "d/c.txt")) == ["a.txt", "d/c.txt"]
    assert asked.questions == ["GET info", "POST tree"]
    asked.learn("a.txt", "d/c.txt", revision=asked.commit)
    assert asked.questions == ["POST tree"]
    asked.learn("a.txt", "d/c.txt", told=Resolved(asked.commit))
    assert asked.questions == ["POST tree"]


def test_all_files_are_the_list(asked: Asked) -> None:
    known = asked.learn()
    assert (known.complete, len(known.files)) == (True, 4)
    assert set(asked.questions) == {"GET info", "GET tree"}


@pytest.mark.parametrize("names", [("d",), ("a.txt", "d")])
def test_a_folder_that_looks_like_a_name_takes_the_list(asked: Asked, names: tuple[str, ...]) -> None:
    assert asked.learn(*names).complete


def test_a_missing_name_takes_the_list_for_what_is_like_it(asked: Asked) -> None:
    assert asked.learn("a.tx").complete
    assert asked.learn("a.txt", "b.tx").complete


def test_a_list_that_was_kept_is_not_asked_for(asked: Asked) -> None:
    whole = asked.learn()
    assert known_here(asked.disk, asked.commit) is None
    asked.disk.finish("main", asked.commit, whole.files, complete=True)
    kept = known_here(asked.disk, asked.commit)
    assert kept is not None
    assert kept.kept
    assert known_here(asked.disk, "main") is None
    assert asked.learn() == kept
    assert asked.questions == ["GET info"]


@pytest.mark.parametrize("fault", [status(404, on="tree", times=None), status(405, on="tree", times=None)], ids=str)
def test_at_an_endpoint_without_lists_files_are_asked_for_one_by_one(asked: Asked, fault: object) -> None:
    asked.hub.faults.add(fault)  # type: ignore[arg-type]
    known = asked.learn("a.txt", "d/c.txt")
    assert paths(known) == ["a.txt", "d/c.txt"]
    with pytest.raises(HfpushError):
        asked.learn()


def test_an_endpoint_of_files_alone_names_the_commit_too(asked: Asked) -> None:
    for operation in ("tree", "info"):
        asked.hub.faults.add(html(on=operation, times=None))
    known = asked.learn("a.txt", "b.txt")
    assert (known.commit, paths(known)) == (asked.commit, ["a.txt", "b.txt"])


@pytest.mark.parametrize("names", [(), ("model.bin",), ("a.txt", "model.bin")])
def test_of_a_gated_repository_the_gate_is_told_and_not_the_list_without_digests(
    asked: Asked, names: tuple[str, ...]
) -> None:
    repo = next(iter(asked.hub.repos.list("models")))
    oid = asked.hub.objects.add_bytes(b"large")
    asked.hub.objects.grant(repo.record.uid, oid)
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 5\n".encode()
    commit(repo.path, [Change("model.bin", pointer)], message="x", author="ada", when=2.0, parent=asked.commit)
    asked.hub.repos.update(repo.key, lambda record: replace(record, gated="auto"))
    with Http(asked.api.repo.endpoint) as http:
        stranger = HubApi(http, asked.api.repo, policy=RetryPolicy(attempts=1), sleep=time.sleep)
        with pytest.raises(Refused, match="repo-gated"):
            learn(stranger, asked.disk, "main", names)


def test_what_is_not_there_is_told(asked: Asked) -> None:
    with pytest.raises(NotFound, match="revision-not-found"):
        asked.learn("a.txt", revision="nowhere")


@pytest.mark.parametrize(
    ("files", "names"),
    [(("a.txt", "b", "a.txt"), ("a.txt", "b")), (("a.txt", "*.json"), ()), (("d/",), ()), ((), ())],
)
def test_only_plain_names_are_asked_by_name(files: tuple[str, ...], names: tuple[str, ...], tmp_path: Path) -> None:
    address = RepoAddress.parse(Endpoint("hub", "http://127.0.0.1:1"), "ada/model")
    assert plain_names(FetchRequest(address, files=files)) == names


def test_a_file_of_another_name_is_not_believed(asked: Asked) -> None:
    other = TreeFile("b.txt", 5, "b" * 40)
    assert paths(asked.learn("a.txt", told=Resolved(asked.commit, other))) == ["a.txt"]
