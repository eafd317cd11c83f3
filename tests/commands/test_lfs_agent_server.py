"""Whom an agent asks for fresh leases, and as whom."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command_line import git, make_repo

from hfpush.commands.lfs_agent_server import AgentServer, agent_server
from hfpush.endpoints import RepoAddress
from hfpush.errors import Misuse
from hfpush.lfs.agent import Init

pytestmark = pytest.mark.needs("git")
HUB = "https://huggingface.co"
TOKEN = "hf_notARealTokenButShapedLikeOne"
ENV = {"HF_TOKEN": TOKEN}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", {})


def server(repo: Path, remote: str = "origin", *, push: bool = True, **environment: str) -> AgentServer:
    state = {"HFPUSH_STATE_DIR": str(repo.parent / "state")}
    return agent_server(Init("upload" if push else "download", remote), repo, {**ENV, **state, **environment})


def test_a_repository_at_the_hub_has_the_name_that_it_has_for_a_publish(repo: Path) -> None:
    git(repo, "remote", "add", "origin", f"{HUB}/datasets/ada/data")
    found = server(repo)
    wanted = RepoAddress.parse(found.repo.endpoint, "ada/data", "dataset")
    assert (found.repo, found.token) == (wanted, TOKEN)
    assert TOKEN not in repr(found)


@pytest.mark.parametrize(
    ("remote", "url", "token"),
    [
        (f"{HUB}/ada/model", f"{HUB}/ada/model", TOKEN),
        (f"https://ada:hf_other@{HUB[8:]}/ada/model", f"{HUB}/ada/model", "hf_other"),
        ("git@hf.co:ada/model", f"{HUB}/ada/model", TOKEN),
        ("https://lfs.example.com/x", "https://lfs.example.com/x", None),
        ("https://hf-mirror.com/ada/model", "https://hf-mirror.com/ada/model", None),
    ],
)
def test_our_token_goes_to_trusted_endpoints_only(remote: str, url: str, token: str | None, repo: Path) -> None:
    git(repo, "remote", "add", "origin", remote)
    for name in ("origin", remote):
        found = server(repo, name)
        assert (found.repo.web_url, found.token) == (url, token)


def test_the_endpoint_of_this_run_counts(repo: Path) -> None:
    git(repo, "remote", "add", "origin", "http://127.0.0.1:9/ada/model")
    assert server(repo).token is None
    found = server(repo, HF_ENDPOINT="http://127.0.0.1:9")
    assert (found.token, found.repo.lfs_url) == (TOKEN, "http://127.0.0.1:9/ada/model.git/info/lfs")


def test_pushes_go_where_pushes_go(repo: Path) -> None:
    git(repo, "remote", "add", "origin", f"{HUB}/ada/model")
    git(repo, "remote", "set-url", "--push", "origin", f"{HUB}/ada/other")
    git(repo, "config", "url.https://mirror.example.com/.insteadOf", f"{HUB}/")
    assert server(repo).repo.web_url == "https://mirror.example.com/ada/other"
    assert server(repo, push=False).repo.web_url == "https://mirror.example.com/ada/model"


def test_a_server_that_a_commit_has_chosen_elsewhere_gets_no_token_of_ours(repo: Path) -> None:
    git(repo, "remote", "add", "origin", "https://git.example.com/ada/model")
    (repo / ".lfsconfig").write_text(f"[lfs]\n\turl = {HUB}/eve/model.git/info/lfs\n")
    found = server(repo)
    assert (found.repo.web_url, found.token) == (f"{HUB}/eve/model", None)
    git(repo, "config", "lfs.url", f"{HUB}/ada/model.git/info/lfs")
    assert server(repo).token == TOKEN


def test_gits_helpers_are_asked_about_that_very_server(repo: Path) -> None:
    git(repo, "remote", "add", "origin", "https://lfs.example.com/x")
    helper = "!f() { test $1 = get && echo username=ada && echo password=hf_fromHelper; }; f"
    git(repo, "config", "credential.https://lfs.example.com.helper", helper)
    found = server(repo)
    other = found.otherwise()
    assert other is not None
    assert other.endpoint == found.http.endpoint
    git(repo, "config", "credential.https://lfs.example.com.helper", "")
    assert server(repo).otherwise() is None


def test_without_a_remote_there_is_nobody_to_ask(repo: Path) -> None:
    with pytest.raises(Misuse) as told:
        server(repo)
    assert told.value.finding.reference == "lfs-remote"
