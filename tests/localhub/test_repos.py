"""Repositories appear and disappear whole."""

import json
import threading
from dataclasses import replace

import pytest

from hfpush.localhub.attributes import default_attributes
from hfpush.localhub.gitcmd import git, git_text
from hfpush.localhub.gittree import blob, list_tree, resolve_revision
from hfpush.localhub.repos import BadName, RepoExists, RepoKey, RepoNotFound, Repos

DEMO = RepoKey("models", "local/demo")


@pytest.fixture
def repos(tmp_path):
    return Repos(tmp_path, clock=lambda: 1700000000.0)


@pytest.mark.parametrize(
    "key", [DEMO, RepoKey("datasets", "local/demo"), RepoKey("spaces", "a/b"), RepoKey("models", "gpt2")]
)
def test_a_new_repository_has_the_hubs_first_commit(repos, key):
    repo = repos.create(key, author="ann")
    head = resolve_revision(repo.path, "main")
    [entry] = list_tree(repo.path, head)
    assert (entry.path, blob(repo.path, entry.oid)) == (".gitattributes", default_attributes(key.type))
    assert git_text(repo.path, "log", "--format=%s by %an at %ct", head) == "initial commit by ann at 1700000000"
    assert repos.get(key) == repo
    assert git_text(repo.path, "rev-parse", "--is-bare-repository") == "true"


def test_an_empty_repository_has_no_commit(repos):
    assert resolve_revision(repos.create(DEMO, empty=True).path, "main") is None


def test_an_id_is_taken_once(repos):
    first = repos.create(DEMO, private=True)
    with pytest.raises(RepoExists) as exists:
        repos.create(DEMO)
    assert exists.value.repo == first
    repos.create(RepoKey("datasets", DEMO.id))


def test_of_two_who_create_at_once_one_wins(repos, tmp_path):
    outcomes = []

    def create():
        try:
            outcomes.append(repos.create(DEMO).record.uid)
        except RepoExists as exists:
            outcomes.append(exists.repo.record.uid)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcomes == [repos.get(DEMO).record.uid] * 4
    assert list((tmp_path / "aside").iterdir()) == []


def test_delete_and_create_again_is_another_repository(repos):
    first = repos.create(DEMO)
    repos.delete(DEMO)
    assert repos.find(DEMO) is None
    with pytest.raises(RepoNotFound):
        repos.delete(DEMO)
    assert repos.create(DEMO).record.uid != first.record.uid


@pytest.mark.parametrize("new", ["other/name", "single"])
def test_move_keeps_uid_content_and_hook(repos, new, tmp_path):
    repo = repos.create(DEMO)
    moved = repos.move(DEMO, RepoKey("models", new))
    assert moved.record == repo.record
    assert repos.find(DEMO) is None
    assert resolve_revision(moved.path, "main") == resolve_revision(repos.get(RepoKey("models", new)).path, "main")
    hooks = moved.path / git_text(moved.path, "config", "core.hooksPath")
    assert hooks.resolve() == tmp_path / "hooks"


def test_move_does_not_overwrite_or_change_type(repos):
    repos.create(DEMO)
    repos.create(RepoKey("models", "a/b"))
    with pytest.raises(RepoExists):
        repos.move(DEMO, RepoKey("models", "a/b"))
    with pytest.raises(BadName):
        repos.move(DEMO, RepoKey("datasets", "a/c"))
    with pytest.raises(RepoNotFound):
        repos.move(RepoKey("models", "no/no"), RepoKey("models", "a/c"))


def test_the_record_changes_but_not_its_uid(repos):
    repo = repos.create(DEMO)
    repos.update(DEMO, lambda record: replace(record, gated="auto", allowed=("ann",), uid="x"))
    record = repos.get(DEMO).record
    assert (record.gated, record.allowed, record.uid) == ("auto", ("ann",), repo.record.uid)


def test_the_list_is_sorted_and_by_type(repos):
    for key in (DEMO, RepoKey("models", "a/z"), RepoKey("models", "gpt2"), RepoKey("datasets", "d/d")):
        repos.create(key, empty=True)
    assert [str(repo.key) for repo in repos.list("models")] == ["models/gpt2", "models/a/z", "models/local/demo"]
    assert [str(repo.key) for repo in repos.list()][-1] == "datasets/d/d"


def test_a_second_start_finds_everything_and_clears_the_half_made(repos, tmp_path):
    repos.create(DEMO)
    (tmp_path / "aside" / "half").mkdir()
    again = Repos(tmp_path)
    assert again.get(DEMO).key == DEMO
    assert list((tmp_path / "aside").iterdir()) == []


def test_the_record_is_json_of_a_known_version(repos):
    record = json.loads((repos.create(DEMO).path / "hub.json").read_text())
    assert record["version"] == 1
    assert len(record["uid"]) == 24


def test_git_clones_and_pushes_by_path(repos, tmp_path):
    repo = repos.create(DEMO)
    git(tmp_path / "w" / ".git", "clone", "-q", str(repo.path), str(tmp_path / "w"))
    assert (tmp_path / "w" / ".gitattributes").read_bytes() == default_attributes("models")
