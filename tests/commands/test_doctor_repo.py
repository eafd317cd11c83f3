from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from support.ailing import Room
from support.ailments.repositories import commit, git, lfs_repo, new_repo, write

from hfpush.commands.doctor_repo import read_repository
from hfpush.diagnose.facts.asked import Question

HUB = Question(endpoint="https://hf.test", endpoint_name="hf")
SECONDS = 30.0


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_no_path_and_a_folder_without_a_repository_are_none(tmp_path: Path) -> None:
    assert read_repository(None, HUB, SECONDS)[0].state == "none"
    known, findings = read_repository(tmp_path, HUB, SECONDS)
    assert (known.state, findings) == ("none", ())


def test_a_folder_within_a_repository_stands_for_it_and_logins_are_not_shown(room: Room) -> None:
    repo = new_repo(room, {"deep/er/file.txt": "text\n"}, remote="https://ada:secret@hf.test/acme/model")
    known, _ = read_repository(repo / "deep/er", HUB, SECONDS)
    assert (known.state, known.root, known.branch) == ("repository", str(repo), "main")
    assert known.remotes == ("https://hf.test/acme/model",)
    assert (known.connected, known.ssh, known.unpushed, known.looked) == (True, False, 1, "all")


@pytest.mark.parametrize(
    ("url", "ssh"),
    [
        ("git@hf.co:acme/model", True),
        ("ssh://git@hf.co/acme/model", True),
        ("https://hf.test/acme/model", False),
        ("/srv/model.git", False),
    ],
)
def test_remotes_over_ssh_are_known_as_such(room: Room, url: str, ssh: bool) -> None:
    assert read_repository(new_repo(room, remote=url), HUB, SECONDS)[0].ssh is ssh


def test_a_bare_repository_and_one_without_a_commit_are_looked_at(room: Room) -> None:
    bare = room.place / "bare.git"
    git(room.place, "clone", "-q", "--bare", str(new_repo(room)), str(bare))
    assert read_repository(bare, HUB, SECONDS)[0].state == "bare"
    git(room.place, "init", "-q", "unborn")
    known, findings = read_repository(room.place / "unborn", HUB, SECONDS)
    assert (known.state, findings) == ("repository", ())


def test_a_repository_that_git_cannot_read_is_broken(room: Room) -> None:
    repo = new_repo(room)
    (repo / ".git/HEAD").write_text("nothing\n")
    known, findings = read_repository(repo, HUB, SECONDS)
    assert known.state == "broken"
    assert [one.reference for one in findings] == ["repo-damaged"]


def test_what_a_repository_is_refused_for_matters_where_it_is_to_go_to_the_hub(room: Room) -> None:
    repo = new_repo(room, {"weights.dat": bytes(range(256)) * 9}, remote="https://git.example/acme/tool")
    assert [one.severity for one in read_repository(repo, HUB, SECONDS)[1]] == ["note"]
    named = replace(HUB, repo_id="acme/model")
    assert [one.severity for one in read_repository(repo, named, SECONDS)[1]] == ["error"]
    assert read_repository(repo, replace(named, purpose="fetch"), SECONDS)[1] == ()


def test_a_publish_to_a_remote_that_has_it_all_has_nothing_to_say_of_the_history(room: Room) -> None:
    repo = new_repo(room, {"weights.dat": bytes(range(256)) * 9})
    git(repo, "update-ref", "refs/remotes/origin/main", "HEAD")
    known, findings = read_repository(repo, HUB, SECONDS)
    assert (known.unpushed, known.looked, findings) == (0, "all", ())
    assert known.tracked == (git(repo, "rev-parse", "HEAD"),)


@pytest.mark.needs("git-lfs")
def test_all_of_an_lfs_repository_is_seen(room: Room) -> None:
    repo = lfs_repo(room)
    write(repo, {"token.txt": "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH"})
    commit(repo)
    known, findings = read_repository(repo, HUB, SECONDS)
    assert (known.lfs_filter, known.hook_by, known.lfs_hook) == ("git-lfs", "git-lfs", True)
    assert (known.lfs_files, known.largest_lfs, known.hashed, known.text_count) == (1, 57_000, 1, 0)
    assert [one.partition(",")[0] for one in known.tokens] == ["token.txt"]
    assert findings == ()


def test_it_ends_when_it_must(room: Room) -> None:
    repo = new_repo(room)
    began = time.monotonic()
    known, _ = read_repository(repo, HUB, 0.0)
    assert time.monotonic() - began < 5
    assert known.looked == "nothing"
    assert known.why


def test_offline_a_history_that_git_cannot_read_is_a_finding_as_well(room: Room) -> None:
    repo = new_repo(room)
    tree = git(repo, "rev-parse", "HEAD^{tree}")
    (repo / ".git/objects" / tree[:2] / tree[2:]).unlink()
    known, findings = read_repository(repo, replace(HUB, offline=True), SECONDS)
    assert known.state == "repository"
    assert [one.reference for one in findings] == ["repo-damaged"]
