"""Branches and tags by REST."""

import pytest

from hfpush.localhub.gitcmd import git
from hfpush.localhub.gittree import resolve_revision
from hfpush.localhub.names import RepoKey


@pytest.fixture
def call(hub, send):
    def call(method, path, body=None, token=None):
        return send(method, f"{hub.url}/api/models/acme/model/{path}", body, token=token or hub.token)

    return call


@pytest.fixture
def repo(hub):
    return hub.repos.get(RepoKey("models", "acme/model"))


def test_refs_lists_what_there_is(call, repo):
    head = resolve_revision(repo.path, "main")
    git(repo.path, "update-ref", "refs/pr/1", head)
    git(repo.path, "-c", "user.name=x", "-c", "user.email=x", "tag", "-a", "-m", "m", "v1", head)
    main = {"name": "main", "ref": "refs/heads/main", "targetCommit": head}
    tag = {"name": "v1", "ref": "refs/tags/v1", "targetCommit": head}
    assert call("GET", "refs").json() == {"branches": [main], "tags": [tag], "converts": []}
    assert call("GET", "refs?include_prs=1").json()["pullRequests"][0]["ref"] == "refs/pr/1"


def test_a_branch_starts_where_it_is_told(call, repo):
    head = resolve_revision(repo.path, "main")
    assert call("POST", "branch/dev%2Fx", {"startingPoint": head[:8]}).status == 200
    assert resolve_revision(repo.path, "dev/x") == head
    assert call("POST", "branch/dev%2Fx", {}).status == 409
    assert call("POST", "branch/other", {"startingPoint": "nope"}).headers["x-error-code"] == "RevisionNotFound"
    assert call("DELETE", "branch/dev%2Fx").status == 200
    assert call("DELETE", "branch/dev%2Fx").status == 404


@pytest.mark.parametrize("name", ["a..b", "-x", "x.lock", "a%20b", "a~1", "%2Fx"])
def test_a_bad_name_is_400(call, name):
    answer = call("POST", f"branch/{name}", {})
    assert (answer.status, answer.json()["error"]) == (400, "Invalid reference for a branch")


def test_main_stays(call, repo):
    answer = call("DELETE", "branch/main")
    assert (answer.status, answer.json()["error"]) == (403, "Cannot delete refs/heads/main")
    assert resolve_revision(repo.path, "main")


def test_tags(call, repo):
    assert call("POST", "tag/main", {"tag": "v1", "message": "one"}).status == 200
    assert call("POST", "tag/main", {"tag": "v1"}).status == 409
    assert call("POST", "tag/main", {"tag": "a b"}).status == 400
    assert call("POST", "tag/nope", {"tag": "v2"}).headers["x-error-code"] == "RevisionNotFound"
    assert call("DELETE", "tag/v1").status == 200
    assert call("DELETE", "tag/v1").status == 404


def test_a_reader_changes_nothing(hub, call):
    for method, path, body in (
        ("POST", "branch/b", {}),
        ("DELETE", "branch/main", None),
        ("POST", "tag/main", {"tag": "t"}),
    ):
        assert call(method, path, body, token=hub.read_token).status == 403
