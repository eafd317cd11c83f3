"""Somebody else is faster."""

from hfpush.localhub import race
from hfpush.localhub.gitcmd import git_text
from hfpush.localhub.rival import somebody_else_commits


def test_the_branch_moves_by_one_commit_each_time(hub):
    repo = next(hub.repos.list())
    first = somebody_else_commits(repo, when=0)
    second = somebody_else_commits(repo, when=0)
    assert git_text(repo.path, "log", "--format=%H", "-2", "main").split() == [second, first]
    assert git_text(repo.path, "log", "-1", "--format=%an: %s", "main") == "somebody-else: Somebody else's commit"


def test_a_commit_arrives_on_a_branch_that_just_moved(start, send):
    with start(race()) as hub:
        repo = hub.create("acme/model")
        body = b'{"key":"header","value":{"summary":"mine"}}\n{"key":"file","value":{"path":"a","content":"a"}}'
        assert send("POST", f"{hub.url}/api/models/acme/model/commit/main", body, token=hub.token).status == 200
        titles = git_text(repo.path, "log", "--format=%s", "main").split("\n")
        assert titles == ["mine", "Somebody else's commit", "initial commit"]
