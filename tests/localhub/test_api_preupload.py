"""Which files go where, before anything is sent."""

import base64

import pytest

from hfpush.localhub.api_preupload import Asked, ignored_paths, upload_mode
from hfpush.localhub.gitcommit import Change, commit
from hfpush.localhub.gittree import resolve_revision
from hfpush.localhub.names import RepoKey
from hfpush.localhub.pointer import Pointer

MAX = 10 * 1024 * 1024


@pytest.mark.parametrize(
    ("asked", "by_attributes", "mode"),
    [
        (Asked("a.txt", b"text", 10), False, "regular"),
        (Asked("a.bin", b"text", 10), True, "lfs"),
        (Asked("a.txt", b"text", MAX), False, "regular"),
        (Asked("a.txt", b"text", MAX + 1), False, "lfs"),
        (Asked("a.png", b"\x89PNG\0", 10), False, "lfs"),
        (Asked("a.bin", b"", 0), True, "regular"),
        (Asked(".gitattributes", b"\0", 10), True, "regular"),
        (Asked("README.md", b"text", 10), True, "regular"),
    ],
)
def test_the_mode_of_a_file(asked, by_attributes, mode):
    assert upload_mode(asked, by_attributes=by_attributes, max_git_file=MAX) == mode


@pytest.fixture
def repo(hub):
    return hub.repos.get(RepoKey("models", "acme/model"))


@pytest.mark.parametrize(
    ("ignore", "ignored"),
    [
        ("", set()),
        ("*.tmp\n", {"a.tmp", "d/b.tmp"}),
        ("/a.tmp", {"a.tmp"}),
        ("d/", {"d/b.tmp"}),
        ("*\n!keep.txt\n", {"a.tmp", "d/b.tmp"}),
    ],
)
def test_gitignore_is_gits_own(repo, ignore, ignored):
    assert ignored_paths(repo, ["a.tmp", "d/b.tmp", "keep.txt"], ignore) == ignored


def file(path, content=b"text", size=None):
    sample = base64.b64encode(content).decode()
    return {"path": path, "sample": sample, "size": len(content) if size is None else size}


def test_the_answer_has_mode_ignore_and_the_present_oid(hub, send, repo):
    pointer = Pointer("ab" * 32, 12)
    head = resolve_revision(repo.path, "main")
    changes = [Change("x.bin", bytes(pointer)), Change("x.txt", b"hello\n")]
    commit(repo.path, changes, message="m", author="local", when=0, parent=head)
    asked = [file("x.bin"), file("x.txt"), file("new.tmp"), file("ü.safetensors")]
    answer = send("POST", f"{hub.url}/api/models/acme/model/preupload/main", {"files": asked, "gitIgnore": "*.tmp"})
    assert answer.json()["files"] == [
        {"path": "x.bin", "uploadMode": "lfs", "shouldIgnore": False, "oid": pointer.oid},
        {
            "path": "x.txt",
            "uploadMode": "regular",
            "shouldIgnore": False,
            "oid": "ce013625030ba8dba906f756967f9e9ca394464a",
        },
        {"path": "new.tmp", "uploadMode": "regular", "shouldIgnore": True},
        {"path": "ü.safetensors", "uploadMode": "lfs", "shouldIgnore": False},
    ]


@pytest.mark.parametrize(
    ("files", "status"),
    [
        (None, 400),
        ([1], 400),
        ([{"path": "a"}], 400),
        ([{"path": "a", "size": "1", "sample": ""}], 400),
        ([{"path": "a", "size": 1, "sample": "%"}], 400),
        ([{"path": "../a", "size": 1, "sample": ""}], 400),
        ([{"path": "a", "size": 1, "sample": ""}] * 257, 413),
    ],
)
def test_refusals(hub, send, files, status):
    body = {"files": files}
    assert send("POST", f"{hub.url}/api/models/acme/model/preupload/main", body).status == status


def test_a_branch_that_is_not_there(hub, send):
    answer = send("POST", f"{hub.url}/api/models/acme/model/preupload/nope", {"files": []})
    assert answer.headers["x-error-code"] == "RevisionNotFound"
