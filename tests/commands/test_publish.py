"""Publish as a Python call: what its observer is told, and that a refusal comes before anything is made."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from support.command_line import git, make_repo, objects_at

from hfpush.commands.publish import publish
from hfpush.commands.publish_report import PublishPlan, PublishReport, PublishRequest
from hfpush.disk.lock import hold
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Busy, HfpushError, Misuse, NotFound, Refused, Unavailable
from hfpush.localhub import LocalHub, corrupt, status
from hfpush.net.news import News
from hfpush.transfer.observe import How

PARTS = {"part_size": 100_000, "multipart_threshold": 200_000}


@dataclass
class Watch:
    """Keeps what it is told."""

    stages: list[str] = field(default_factory=list)
    plans: list[PublishPlan] = field(default_factory=list)
    read: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    at: dict[str, int] = field(default_factory=dict)
    ends: dict[str, How] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def stage(self, text: str) -> None:
        self.stages.append(text)

    def hashed(self, count: int) -> None:
        with self.lock:
            self.read += count

    def planned(self, plan: PublishPlan) -> None:
        self.plans.append(plan)

    def started(self, oid: str, name: str, size: int, already: int) -> None:
        with self.lock:
            self.sizes[oid], self.at[oid] = size, already

    def moved(self, oid: str, count: int) -> None:
        with self.lock:
            self.at[oid] += count

    def finished(self, oid: str, how: How) -> None:
        self.ends[oid] = how

    def waiting(self, seconds: float, why: Unavailable) -> None:
        self.waits.append(seconds)

    def paused(self, kept: int) -> None: ...

    def news(self, item: News) -> None: ...


def asked(hub: LocalHub, path: Path, repo: str = "local/model") -> PublishRequest:
    address = RepoAddress.parse(Endpoint("hub", hub.url), repo)
    return PublishRequest(path, address, path.parent / "state", token=hub.token, attempts=3)


def test_the_observer_is_told_of_stages_plan_and_every_byte_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(550_000), "b.bin": os.urandom(50_000)})
    watch = Watch()
    with LocalHub(root=tmp_path / "hub", **PARTS) as hub:
        report = publish(asked(hub, repo), watch)
    assert isinstance(report, PublishReport)
    assert watch.plans == [report.plan]
    assert (report.plan.creates_repo, report.plan.missing, report.plan.missing_bytes) == (True, 2, 600_000)
    assert watch.at == watch.sizes
    assert set(watch.ends.values()) == {"sent"}
    assert (report.pushed, report.verified) == (True, 2)
    assert watch.stages[0] == "asking the Hub"
    assert watch.stages[-2:] == ["pushing the commits", "checking what the Hub has now"]
    assert capsys.readouterr() == ("", ""), "the Python call prints nothing"


def test_bytes_that_go_again_are_taken_back_before_they_count_twice(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(550_000)})
    watch = Watch()
    with LocalHub(status(503, on="put", times=2), root=tmp_path / "hub", **PARTS) as hub:
        publish(asked(hub, repo), watch)
    assert watch.at == watch.sizes
    assert watch.waits


def test_an_upload_that_is_lost_goes_back_to_the_start(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(550_000)})
    watch = Watch()
    with LocalHub(corrupt(on="put"), root=tmp_path / "hub", **PARTS) as hub:
        publish(asked(hub, repo), watch)
    assert watch.at == watch.sizes


def test_a_dry_run_asks_and_changes_nothing(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(5000)})
    watch = Watch()
    with LocalHub(root=tmp_path / "hub") as hub:
        for exists in (False, True):
            report = publish(replace(asked(hub, repo), dry_run=True), watch)
            assert (report.upload, report.pushed, report.plan.creates_repo) == (None, False, not exists)
            assert (hub.seen.count("put"), hub.seen.count("git-push"), objects_at(hub)) == (0, 0, set())
            assert len(list(hub.repos.list())) == exists
            if not exists:
                hub.create("local/model")


def refused(kind: type[HfpushError], request: PublishRequest) -> str:
    with pytest.raises(kind) as caught:
        publish(request, Watch())
    return caught.value.finding.reference


def test_what_stops_a_publish_stops_it_before_a_repository_is_made(tmp_path: Path) -> None:
    lacking = make_repo(tmp_path / "lacking", {"a.bin": os.urandom(5000)})
    next(file for file in (lacking / ".git/lfs/objects").rglob("*") if file.is_file()).unlink()
    large = make_repo(tmp_path / "large", {}, {"big.txt": b"x" * (10 * 2**20 + 1)})
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    with LocalHub(root=tmp_path / "hub") as hub:
        assert refused(NotFound, asked(hub, lacking)) == "object-missing"
        assert refused(Refused, asked(hub, large)) == "large-file-in-git"
        assert refused(Misuse, asked(hub, empty)) == "repo-empty"
        assert {row.op for row in hub.seen.rows()} <= {"info"}, "the Hub was asked whether it has the repository, only"


def test_one_works_on_a_folder_at_a_time_and_one_on_a_repository_of_the_hub(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {})
    other = make_repo(tmp_path / "other", {})
    with LocalHub(root=tmp_path / "hub") as hub:
        request = asked(hub, repo)
        publish(request, Watch())
        locks = sorted((tmp_path / "state/locks").glob("*.lock"))
        assert len(locks) == 2
        for lock in locks:
            with hold(lock, "It"):
                assert refused(Busy, request) == "busy"
        publish(asked(hub, other, "local/other"), Watch())
        assert len(list((tmp_path / "state/locks").glob("*.lock"))) == 4


def test_a_branch_that_is_there_already_is_not_pushed_again(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(5000)})
    with LocalHub(root=tmp_path / "hub") as hub:
        publish(asked(hub, repo), Watch())
        hub.seen.clear()
        watch = Watch()
        report = publish(asked(hub, repo), watch)
        assert report.plan.nothing_to_do
        assert (report.pushed, report.verified, hub.seen.count("git-push")) == (False, 1, 0)
        assert "pushing the commits" not in watch.stages
