"""A pre-push hook as a Python call, against a local Hub: judged first, then the objects are sent."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from support.command_line import git, make_repo, objects_at

from hfpush.commands.hook_push import PrePushRequest, pre_push
from hfpush.endpoints import Endpoint
from hfpush.errors import HfpushError, Refused, Unavailable
from hfpush.localhub import LocalHub
from hfpush.net.news import News
from hfpush.repo.hooks.pushed import PushedRef
from hfpush.transfer.observe import How


class Watch:
    """Looks away."""

    def stage(self, text: str) -> None: ...
    def hashed(self, count: int) -> None: ...
    def started(self, oid: str, name: str, size: int, already: int) -> None: ...
    def moved(self, oid: str, count: int) -> None: ...
    def finished(self, oid: str, how: How) -> None: ...
    def waiting(self, seconds: float, why: Unavailable) -> None: ...
    def paused(self, kept: int) -> None: ...
    def news(self, item: News) -> None: ...


def asked(hub: LocalHub, path: Path) -> PrePushRequest:
    url = f"{hub.url}/local/model"
    refs = (PushedRef(git(path, "rev-parse", "HEAD"), "refs/heads/main", None),)
    return PrePushRequest(
        path, "origin", url, refs, Endpoint("hub", hub.url), path.parent / "state", token=hub.token, attempts=3
    )


def test_the_objects_are_at_the_hub_before_git_pushes_and_go_once(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(50_000), "b.bin": os.urandom(20_000)})
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("local/model")
        report = pre_push(asked(hub, repo), Watch())
        assert report.upload is not None
        assert (report.objects, len(report.upload.sent), len(objects_at(hub))) == (2, 2, 2)
        again = pre_push(asked(hub, repo), Watch())
        assert again.upload is not None
        assert (again.objects, len(again.upload.sent)) == (2, 0)


def test_what_the_hub_refuses_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    small = {"logo.png": b"\x89PNG\0"}
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(50_000)}, small)
    git(repo, "rm", "-q", "--cached", "logo.png")
    git(repo, "commit", "-qm", "gone again, and of no help")
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("local/model")
        with pytest.raises(Refused) as told:
            pre_push(asked(hub, repo), Watch())
        assert told.value.finding.reference == "binary-file-in-git"
        assert objects_at(hub) == set()


def test_what_the_other_side_has_is_not_judged_again(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {}, {"logo.png": b"\x89PNG\0"})
    first = git(repo, "rev-parse", "HEAD")
    git(repo, "commit", "-q", "--allow-empty", "-m", "next")
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("local/model")
        request = asked(hub, repo)
        pre_push(replace(request, refs=(replace(request.refs[0], remote=first),)), Watch())
        git(repo, "update-ref", "refs/remotes/origin/main", first)
        pre_push(request, Watch())
        with pytest.raises(Refused):
            pre_push(replace(request, remote=request.url), Watch())


def test_refs_of_our_own_are_kept_back(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {})
    with LocalHub(root=tmp_path / "hub") as hub:
        request = asked(hub, repo)
        backup = replace(request.refs[0], remote_ref="refs/hfpush/backup/1/heads/main")
        with pytest.raises(Refused) as told:
            pre_push(replace(request, refs=(backup,)), Watch())
        assert told.value.finding.reference == "backup-in-push"


def test_another_place_or_a_missing_token_is_left_to_git_lfs(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(5_000)})
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("local/model")
        request = asked(hub, repo)
        assert pre_push(replace(request, url="https://example.com/x/y"), Watch()).upload is None
        assert pre_push(replace(request, token=None), Watch()).upload is None
        assert pre_push(replace(request, refs=(PushedRef(None, "refs/heads/main", "1" * 40),)), Watch()).objects == 0
        assert objects_at(hub) == set()


def test_a_token_in_the_url_is_that_of_this_push(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(5_000)})
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("local/model")
        request = asked(hub, repo)
        with pytest.raises(HfpushError):
            pre_push(replace(request, token="hf_of_someone_else"), Watch())
        url = request.url.replace("://", f"://local:{hub.token}@")
        assert pre_push(replace(request, token="hf_of_someone_else", url=url), Watch()).upload is not None
        assert hub.token not in repr(replace(request, url=url))
