"""One commit call: all of it, or nothing."""

import base64
import json

import pytest

from hfpush.localhub.gitcmd import git, git_text
from hfpush.localhub.gittree import list_tree, resolve_revision
from hfpush.localhub.names import RepoKey
from hfpush.localhub.pointer import Pointer


@pytest.fixture
def repo(hub):
    return hub.repos.get(RepoKey("models", "acme/model"))


@pytest.fixture
def post(hub, send):
    def post(*operations, branch="main", token=None, repo="acme/model", query="", **header):
        lines = [{"key": "header", "value": {"summary": "Title", **header}}, *operations]
        body = "\n".join(map(json.dumps, lines)).encode()
        headers = {"Content-Type": "application/x-ndjson"}
        url = f"{hub.url}/api/models/{repo}/commit/{branch}{query}"
        return send("POST", url, body, token=token or hub.token, headers=headers)

    return post


def put(path, content=b"x"):
    return {"key": "file", "value": {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64"}}


def lfs_file(path, oid, size=None):
    value = {"path": path, "algo": "sha256", "oid": oid}
    return {"key": "lfsFile", "value": value if size is None else {**value, "size": size}}


def delete(path, key="deletedFile"):
    return {"key": key, "value": {"path": path}}


def names(repo):
    return [entry.path for entry in list_tree(repo.path, "main", recursive=True) if entry.type == "blob"]


def test_files_become_one_commit(hub, repo, post):
    before = resolve_revision(repo.path, "main")
    answer = post(put("a.txt", b"A"), put("d/b.txt"), description="Body").json()
    head = resolve_revision(repo.path, "main")
    assert answer["commitOid"] == head
    assert answer["commitUrl"] == f"{hub.url}/acme/model/commit/{head}"
    assert answer["success"] is True
    assert git_text(repo.path, "rev-parse", "main^") == before
    assert git_text(repo.path, "log", "-1", "--format=%B by %an", head) == "Title\n\nBody by local"
    assert git(repo.path, "show", "main:a.txt") == b"A"


def test_deletions(repo, post):
    post(put("a"), put("d/1"), put("d/e/2"), put("f"))
    assert post(delete("a"), delete("d/", "deletedFolder")).status == 200
    assert names(repo) == [".gitattributes", "f"]


@pytest.mark.parametrize(
    "operation", [delete("nope"), delete("nope/", "deletedFolder"), delete("d"), delete("d/1", "deletedFolder")]
)
def test_deleting_what_is_not_there_is_404(repo, post, operation):
    post(put("d/1"))
    head = resolve_revision(repo.path, "main")
    answer = post(operation, put("new"))
    assert (answer.status, answer.headers["x-error-code"]) == (404, "EntryNotFound")
    assert answer.json()["error"] == "A file with this name doesn't exist"
    assert resolve_revision(repo.path, "main") == head


def test_an_lfs_file_becomes_a_pointer(repo, post, lfs):
    lfs.upload(b"content")
    oid = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    assert post(lfs_file("m.safetensors", oid, 7)).status == 200
    assert git(repo.path, "show", "main:m.safetensors") == bytes(Pointer(oid, 7))
    assert len(git_text(repo.path, "log", "--format=%H", "--", ".gitattributes").split()) == 1


def test_an_uncovered_lfs_file_gets_its_line_in_the_same_commit(repo, post, lfs):
    lfs.upload(b"content")
    oid = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    assert post(lfs_file("data 1.csv", oid), lfs_file("d/x.json", oid), lfs_file("a.bin", oid)).status == 200
    added = git(repo.path, "show", "main:.gitattributes").splitlines()[35:]
    assert added == [
        b"/data[[:space:]]1.csv filter=lfs diff=lfs merge=lfs -text",
        b"d/x.json filter=lfs diff=lfs merge=lfs -text",
    ]
    assert len(git_text(repo.path, "rev-list", "main").split()) == 2


def test_an_object_that_was_never_uploaded_is_400(hub, repo, post, lfs):
    oid = hub.objects.add_bytes(b"only another repository has this")
    for missing in (oid, "0" * 64):
        answer = post(put("a"), lfs_file("m.bin", missing, 3))
        assert answer.status == 400
        assert "LFS pointer pointed to a file that does not exist" in answer.json()["error"]
    assert names(repo) == [".gitattributes"]


def test_a_size_that_is_not_the_objects_is_400(post, lfs):
    lfs.upload(b"content")
    answer = post(lfs_file("m.bin", "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73", 8))
    assert answer.status == 400
    assert "has 7 bytes, not 8" in answer.json()["error"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"text " * 500_000, "contains files larger than 2 MiB"),
        (b"\0" * 1_100_000, "contains binary files"),
        (bytes(Pointer("1" * 64, 3)), "LFS pointer pointed to a file that does not exist"),
    ],
)
def test_the_rules_of_a_push_hold_here_too(start, send, content, words):
    with start(max_git_file=2 * 1024 * 1024) as hub:
        repo = hub.create("acme/model")
        lines = [{"key": "header", "value": {"summary": "s"}}, put("small.txt"), put("w/bad.dat", content)]
        body = "\n".join(map(json.dumps, lines)).encode()
        answer = send("POST", f"{hub.url}/api/models/acme/model/commit/main", body, token=hub.token)
        assert answer.status == 400
        text = answer.json()["error"]
        assert words in text
        assert "Offending files:\n  - w/bad.dat (ref: refs/heads/main)\n" + "-" * 73 in text
        assert "small.txt" not in text
        assert names(repo) == [".gitattributes"]


def test_a_parent_that_is_not_the_head_is_412(repo, post):
    first = resolve_revision(repo.path, "main")
    assert post(put("a"), parentCommit=first[:7]).status == 200
    answer = post(put("b"), parentCommit=first)
    assert answer.status == 412
    assert answer.json()["error"] == "A commit has happened since. Please refresh and try again."
    assert names(repo) == [".gitattributes", "a"]


@pytest.mark.parametrize("path", ["../x", "/etc/x", ".git/config", "a/../../x", "a\\b", "a\0b", ""])
def test_paths_that_escape_are_400(repo, post, path):
    for operation in (put(path), lfs_file(path, "0" * 64, 1), delete(path)):
        assert post(put("good"), operation).status == 400
    assert names(repo) == [".gitattributes"]


def test_other_branches_and_what_is_none(repo, post):
    head = resolve_revision(repo.path, "main")
    git(repo.path, "update-ref", "refs/heads/dev/x", head)
    assert post(put("a"), branch="dev%2Fx").status == 200
    assert resolve_revision(repo.path, "main") == head
    for branch in ("nope", head, "refs%2Ftags%2Fx", "a..b"):
        assert post(put("a"), branch=branch).headers["x-error-code"] == "RevisionNotFound"


def test_the_first_commit_of_an_empty_repository(hub, post):
    repo = hub.create("acme/empty", empty=True)
    assert post(put("a"), repo="acme/empty", branch="dev").status == 200
    assert resolve_revision(repo.path, "dev")
    assert post(put("a"), repo="acme/empty").headers["x-error-code"] == "RevisionNotFound"


def test_a_pull_request_leaves_the_branch_alone(hub, repo, post):
    head = resolve_revision(repo.path, "main")
    for number in (1, 2):
        answer = post(put("a"), query="?create_pr=1").json()
        assert answer["pullRequestUrl"] == f"{hub.url}/acme/model/discussions/{number}"
        assert resolve_revision(repo.path, f"refs/pr/{number}") == answer["commitOid"]
    assert resolve_revision(repo.path, "main") == head


def test_nobody_and_readers_commit_nothing(hub, send, post):
    assert post(put("a"), token=hub.read_token).status == 403
    assert send("POST", f"{hub.url}/api/models/acme/model/commit/main", b"").status == 401


def test_nothing_half_made_is_left(hub, post, tmp_path):
    post(put("a"))
    post(put("../a"))
    assert list((tmp_path / "hub" / "aside").iterdir()) == []
