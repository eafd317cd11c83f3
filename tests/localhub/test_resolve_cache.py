"""Where resolve redirects to for files that git itself holds."""

import gzip
import hashlib

import pytest

from hfpush.localhub.gitcommit import Change, commit
from hfpush.localhub.gittree import resolve_revision

TEXT = b"0123456789" * 100
ETAG = f'"{hashlib.sha1(b"blob 1000" + bytes(1) + TEXT).hexdigest()}"'


@pytest.fixture
def hub(start):
    with start(redirect_small=True) as hub:
        repo = hub.create("acme/model")
        changes = [Change("deep/a b#1%.txt", TEXT), Change("empty", b"")]
        head = resolve_revision(repo.path, "main")
        commit(repo.path, changes, message="m", author="local", when=0, parent=head)
        yield hub


@pytest.fixture
def redirected(hub, send):
    def ask(path="deep/a%20b%231%25.txt", method="GET"):
        return send(method, f"{hub.url}/acme/model/resolve/main/{path}")

    return ask


def test_the_redirect_is_relative_and_names_the_commit(hub, redirected):
    head = resolve_revision(next(hub.repos.list()).path, "main")
    for method in ("GET", "HEAD"):
        answer = redirected(method=method)
        assert answer.status == 307
        assert answer.headers["location"].startswith(f"/api/resolve-cache/models/acme/model/{head}/deep%2Fa%20b%231%25")
        assert answer.headers["x-repo-commit"] == head
        assert "etag" not in answer.headers


def test_the_file_is_there_whole_and_in_ranges(hub, redirected, send):
    url = hub.url + redirected().headers["location"]
    whole, some, head = send("GET", url), send("GET", url, headers={"Range": "bytes=3-5"}), send("HEAD", url)
    assert (whole.status, whole.body, whole.headers["etag"]) == (200, TEXT, ETAG)
    assert (some.status, some.body) == (206, b"345")
    assert (head.status, head.headers["content-length"]) == (200, "1000")
    assert "x-repo-commit" in whole.headers
    assert send("GET", hub.url + redirected("empty").headers["location"]).body == b""


def test_it_comes_encoded_to_whoever_accepts_that_but_no_range_does(hub, redirected, send):
    url = hub.url + redirected().headers["location"]
    answer = send("GET", url, headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert (answer.headers["content-encoding"], gzip.decompress(answer.body)) == ("gzip", TEXT)
    assert answer.headers["etag"] == f"W/{ETAG}"
    assert send("GET", url, headers={"Accept-Encoding": "gzip;q=0"}).body == TEXT
    assert send("GET", url, headers={"Accept-Encoding": "gzip", "Range": "bytes=0-0"}).body == b"0"
    assert send("HEAD", url, headers={"Accept-Encoding": "gzip"}).headers["content-length"] == "1000"


def test_it_is_a_file_by_revision_and_path_in_what_the_hub_has_seen(hub, redirected, send):
    send("GET", hub.url + redirected().headers["location"])
    assert [(row.op, row.status) for row in hub.seen.rows()] == [("resolve", 307), ("resolve", 200)]


@pytest.mark.parametrize("path", ["models/acme/model/main/x", "models", "models/acme/model/" + "0" * 40 + "/x"])
def test_what_is_no_file_of_a_commit_is_not_there(hub, send, path):
    assert send("GET", f"{hub.url}/api/resolve-cache/{path}").status == 404


def test_a_private_file_comes_directly(start, send, tmp_path):
    with start(redirect_small=True, root=tmp_path / "other") as hub:
        hub.create("local/model", private=True)
        answer = send("GET", f"{hub.url}/local/model/resolve/main/.gitattributes", token=hub.token)
        assert answer.status == 200
