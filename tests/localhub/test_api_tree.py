"""Trees page by page, and entries by path."""

import pytest

from hfpush.localhub.gitcommit import Change, commit
from hfpush.localhub.gittree import resolve_revision
from hfpush.localhub.names import RepoKey
from hfpush.localhub.pointer import Pointer

POINTER = Pointer("cd" * 32, 5_000_000)
PATHS = [".gitattributes", "d", "d/e", "d/e/f.txt", "d/x.bin", "ü #1.txt"]


@pytest.fixture
def hub(start):
    with start(page_size=4) as hub:
        repo = hub.create("acme/model")
        changes = [Change("d/e/f.txt", b"hi"), Change("d/x.bin", bytes(POINTER)), Change("ü #1.txt", b"")]
        head = resolve_revision(repo.path, "main")
        commit(repo.path, changes, message="Title\n\nBody", author="local", when=1700000000, parent=head)
        yield hub


def tree(hub, send, rest):
    return send("GET", f"{hub.url}/api/models/acme/model/tree/{rest}")


def test_a_folder_lists_its_entries(hub, send):
    answer = tree(hub, send, "main")
    assert [(entry["type"], entry["path"]) for entry in answer.json()] == [
        ("file", ".gitattributes"),
        ("directory", "d"),
        ("file", "ü #1.txt"),
    ]
    assert answer.headers["x-repo-commit"] == resolve_revision(
        hub.repos.get(RepoKey("models", "acme/model")).path, "main"
    )


@pytest.mark.parametrize("folder", ["d/e", "d%2Fe", "d/e/"])
def test_a_folder_below(hub, send, folder):
    [entry] = tree(hub, send, f"main/{folder}").json()
    assert entry == {"type": "file", "oid": entry["oid"], "size": 2, "path": "d/e/f.txt"}


def test_an_lfs_file_tells_its_object(hub, send):
    entry = tree(hub, send, "main/d").json()[1]
    assert entry["size"] == POINTER.size
    assert entry["lfs"] == {"oid": POINTER.oid, "size": POINTER.size, "pointerSize": len(bytes(POINTER))}


def test_pages_are_of_one_commit_though_the_branch_moves(hub, send):
    first = tree(hub, send, "main?recursive=true")
    assert len(first.json()) == 4
    repo = hub.repos.get(RepoKey("models", "acme/model"))
    head = resolve_revision(repo.path, "main")
    commit(repo.path, [Change("a", b"")], message="m", author="local", when=0, parent=head)
    link = first.headers["link"].partition("<")[2].partition(">")[0]
    assert link.startswith(f"{hub.url}/api/models/acme/model/tree/main?recursive=true&cursor=")
    second = send("GET", link)
    assert [entry["path"] for entry in first.json() + second.json()] == PATHS
    assert "link" not in second.headers


def test_a_smaller_limit_and_expanded_entries(hub, send):
    answer = tree(hub, send, "main/d?expand=true&limit=1")
    [entry] = answer.json()
    assert entry["lastCommit"]["title"] == "Title"
    assert entry["lastCommit"]["date"] == "2023-11-14T22:13:20.000Z"
    assert 'rel="next"' in answer.headers["link"]


@pytest.mark.parametrize(
    ("rest", "status", "code"),
    [
        ("main/nope", 404, "EntryNotFound"),
        ("main/d/x.bin", 404, "EntryNotFound"),
        ("nope", 404, "RevisionNotFound"),
        ("main/..%2Fx", 400, None),
        ("main?cursor=nope", 400, None),
        ("main?limit=-1", 400, None),
    ],
)
def test_refusals(hub, send, rest, status, code):
    answer = tree(hub, send, rest)
    assert (answer.status, answer.headers.get("x-error-code")) == (status, code)


def test_the_size_of_a_tree_counts_objects(hub, send):
    url = f"{hub.url}/api/models/acme/model/treesize/main/d"
    assert send("GET", url).json() == {"path": "d", "size": POINTER.size + 2}


@pytest.mark.parametrize("expand", ["", "&expand=True"])
def test_paths_info_by_form(hub, send, expand):
    body = f"paths=d&paths=d%2Fx.bin&paths=nope&paths=%C3%BC+%231.txt&paths=..%2Fx{expand}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = send("POST", f"{hub.url}/api/models/acme/model/paths-info/main", body, headers=headers)
    assert [entry["path"] for entry in answer.json()] == ["d", "d/x.bin", "ü #1.txt"]
    assert all(("lastCommit" in entry) is bool(expand) for entry in answer.json())


def test_paths_info_by_json_and_its_limit(hub, send):
    url, headers = f"{hub.url}/api/models/acme/model/paths-info/main", {"Content-Type": "application/json"}
    assert len(send("POST", url, {"paths": ["d", "d"]}, headers=headers).json()) == 1
    assert send("POST", url, {"paths": ["a"] * 1001}, headers=headers).status == 413
    assert send("POST", url, {"paths": [1]}, headers=headers).status == 400
