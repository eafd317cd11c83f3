from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.command_line import git, make_repo

from hfpush.commands.audit import audit, remotes_of
from hfpush.commands.audit_report import AuditReport, AuditRequest
from hfpush.endpoints import endpoint_of
from hfpush.errors import Misuse
from hfpush.repo.repository import Repository

pytestmark = pytest.mark.needs("git")
HUB = "https://huggingface.co/ada/m"


class Silent:
    """Notes what an audit tells its observer."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.counts: list[tuple[str, int, int | None]] = []

    def stage(self, text: str) -> None:
        self.stages.append(text)

    def looked_at(self, what: str, count: int, of: int | None) -> None:
        self.counts.append((what, count, of))


def audited(path: Path, **more: object) -> AuditReport:
    return audit(AuditRequest(Repository.around(path), **more), Silent())  # type: ignore[arg-type]


def with_two_commits(path: Path) -> Path:
    """The first commit brings a binary file in, the second one a plain one."""
    repo = make_repo(path, {}, {"a.dat": b"\0"})
    (repo / "b.txt").write_text("b")
    git(repo, "add", "b.txt")
    git(repo, "commit", "-q", "-m", "two")
    return repo


def test_what_a_hub_has_is_not_looked_at(tmp_path: Path) -> None:
    repo = with_two_commits(tmp_path / "r")
    git(repo, "remote", "add", "hub", HUB)
    assert audited(repo).scan.commits == 2  # type: ignore[union-attr]
    git(repo, "update-ref", "refs/remotes/hub/main", "HEAD~")
    report = audited(repo)
    assert report.scan is not None
    assert (report.scan.commits, report.clean) == (1, True)
    assert report.about == "that hub may not have"


def test_what_another_place_has_still_has_to_travel(tmp_path: Path) -> None:
    repo = with_two_commits(tmp_path / "r")
    git(repo, "remote", "add", "origin", "https://github.com/ada/m")
    git(repo, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert not audited(repo).clean
    assert audited(repo).about == "in all, since no remote is a Hub"
    assert audited(repo, remote="origin").clean
    assert not audited(repo, everything=True).clean


def test_the_chosen_endpoint_is_a_hub_too(tmp_path: Path) -> None:
    repo = with_two_commits(tmp_path / "r")
    git(repo, "remote", "add", "mirror", "http://127.0.0.1:9/ada/m")
    git(repo, "update-ref", "refs/remotes/mirror/main", "HEAD~")
    assert not audited(repo).clean
    assert audited(repo, endpoint=endpoint_of("http://127.0.0.1:9")).clean


def test_a_range_is_looked_at_as_git_understands_it(tmp_path: Path) -> None:
    repo = with_two_commits(tmp_path / "r")
    assert audited(repo, revisions="main~..main").clean
    assert not audited(repo, revisions="main").clean


@pytest.mark.parametrize(
    ("more", "reference"),
    [
        ({"revisions": "main", "everything": True}, "audit-twofold"),
        ({"remote": "x", "everything": True}, "audit-twofold"),
        ({"remote": "x"}, "remote-unknown"),
        ({"revisions": "nothing"}, "range-unknown"),
        ({"revisions": "--all"}, "range-unknown"),
    ],
)
def test_a_wrong_question_is_refused(tmp_path: Path, more: dict[str, object], reference: str) -> None:
    repo = with_two_commits(tmp_path / "r")
    with pytest.raises(Misuse) as refused:
        audited(repo, **more)
    assert refused.value.finding.reference == reference


def test_a_question_of_size_alone(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {}, {"a.dat": b"\0" * 1001, "b": b"x" * 1000})
    report = audited(repo, above=1000)
    assert [one.reference for one in report.verdict.findings] == ["file-above-size"]
    assert report.verdict.findings[0].evidence[0].startswith("a.dat: 1.0 kB")
    assert audited(repo, above=1001).clean


def test_a_repository_without_a_commit_has_nothing_to_look_at(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "r")
    report = audited(tmp_path / "r")
    assert (report.scan, report.clean) == (None, True)


def test_a_card_is_judged_by_the_type_that_the_remote_names(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {}, {"README.md": b"---\ntitle: x\n---\n"})
    git(repo, "remote", "add", "hub", "https://huggingface.co/spaces/ada/m")
    assert [one.reference for one in audited(repo).verdict.findings] == ["model-card-invalid"]
    assert audited(repo, repo_type="model").clean


def test_remotes_are_seen_as_git_pushes_to_them(tmp_path: Path) -> None:
    repo = with_two_commits(tmp_path / "r")
    git(repo, "config", "url.https://huggingface.co/.insteadOf", "hub:")
    git(repo, "remote", "add", "short", "hub:ada/m")
    git(repo, "remote", "add", "two", "https://github.com/a/b")
    git(repo, "remote", "set-url", "--push", "two", HUB)
    git(repo, "config", "remote.none.fetch", "+refs/*:refs/*")
    assert dict(remotes_of(Repository.around(repo)))["short"] == HUB
    assert dict(remotes_of(Repository.around(repo)))["two"] == HUB


def test_an_audit_changes_nothing(tmp_path: Path) -> None:
    repo = with_two_commits(tmp_path / "r")

    def state() -> dict[str, int]:
        return {str(file): file.stat().st_mtime_ns for file in sorted(tmp_path.rglob("*"))}

    before = state()
    audited(repo, everything=True)
    assert state() == before


def test_an_observer_hears_of_each_stage(tmp_path: Path) -> None:
    seen = Silent()
    audit(AuditRequest(Repository.around(with_two_commits(tmp_path / "r"))), seen)
    assert seen.stages[0] == "looking for new commits"
    assert len(seen.stages) == 4
    assert seen.counts


def test_a_report_is_plain_values(tmp_path: Path) -> None:
    report = audited(with_two_commits(tmp_path / "r"))
    assert replace(report).as_json()["clean"] is False
