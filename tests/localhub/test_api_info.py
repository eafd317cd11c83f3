"""What a repository tells about itself."""

import pytest

from hfpush.localhub.api_info import iso_time
from hfpush.localhub.gitcommit import Change, commit
from hfpush.localhub.gittree import resolve_revision
from hfpush.localhub.names import RepoKey
from hfpush.localhub.pointer import Pointer

POINTER = Pointer("cd" * 32, 5_000_000)


@pytest.fixture
def repo(hub):
    repo = hub.repos.get(RepoKey("models", "acme/model"))
    readme = b"---\nlicense: mit\ntags: [a, b]\ndate: 2026-01-02\n---\n"
    changes = [Change("README.md", readme), Change("d/x.bin", bytes(POINTER))]
    head = resolve_revision(repo.path, "main")
    commit(repo.path, changes, message="m", author="local", when=1700000000, parent=head)
    return repo


def test_info_has_what_clients_read(hub, send, repo):
    answer = send("GET", f"{hub.url}/api/models/acme/model")
    info, head = answer.json(), resolve_revision(repo.path, "main")
    assert (info["id"], info["sha"], info["author"], info["_id"]) == ("acme/model", head, "acme", repo.record.uid)
    assert (info["private"], info["gated"], info["disabled"]) == (False, False, False)
    assert info["lastModified"] == "2023-11-14T22:13:20.000Z"
    assert info["siblings"] == [{"rfilename": name} for name in (".gitattributes", "README.md", "d/x.bin")]
    assert info["cardData"] == {"license": "mit", "tags": ["a", "b"], "date": "2026-01-02"}
    assert info["tags"] == ["a", "b"]
    assert answer.headers["x-repo-commit"] == head


def test_blobs_adds_sizes_and_digests(hub, send, repo):
    siblings = send("GET", f"{hub.url}/api/models/acme/model/revision/main?blobs=true").json()["siblings"]
    assert siblings[0] == {
        "rfilename": ".gitattributes",
        "size": 1519,
        "blobId": "a6344aac8c09253b3b630fb776ae94478aa0275b",
    }
    assert siblings[2]["size"] == POINTER.size
    assert siblings[2]["lfs"] == {"sha256": POINTER.oid, "size": POINTER.size, "pointerSize": len(bytes(POINTER))}


def test_expand_picks_fields(hub, send, repo):
    info = send("GET", f"{hub.url}/api/models/acme/model?expand=sha&expand=gated").json()
    assert set(info) == {"_id", "id", "sha", "gated"}


def test_a_wrong_revision_has_its_code(hub, send, repo):
    answer = send("GET", f"{hub.url}/api/models/acme/model/revision/refs%2Fpr%2F9")
    assert (answer.status, answer.headers["x-error-code"]) == (404, "RevisionNotFound")
    assert answer.json()["error"] == "Invalid rev id: refs/pr/9"


def test_an_empty_repository_has_no_sha(hub, send):
    hub.create("acme/empty", empty=True)
    info = send("GET", f"{hub.url}/api/models/acme/empty").json()
    assert (info["sha"], info["siblings"]) == (None, [])


def test_the_list_hides_what_is_private_and_has_pages(start, send):
    with start(page_size=2) as hub:
        for name in ("a", "b", "c"):
            hub.create(f"acme/{name}", empty=True)
        hub.create("acme/secret", private=True, empty=True)
        first = send("GET", f"{hub.url}/api/models?author=acme&full=true")
        assert [repo["id"] for repo in first.json()] == ["acme/a", "acme/b"]
        link = first.headers["link"].partition("<")[2].partition(">")[0]
        second = send("GET", link)
        assert [repo["id"] for repo in second.json()] == ["acme/c"]
        assert "link" not in second.headers
        assert len(send("GET", f"{hub.url}/api/models?search=SECRET", token=hub.token).json()) == 1
        assert send("GET", f"{hub.url}/api/datasets").json() == []


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "1970-01-01T00:00:00.000Z"), (1700000000.25, "2023-11-14T22:13:20.250Z")]
)
def test_times(seconds, text):
    assert iso_time(seconds) == text
