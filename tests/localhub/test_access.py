"""Who may have which repository, seen from outside."""

from dataclasses import replace

import pytest

from hfpush.localhub import User
from hfpush.localhub.names import RepoKey

WRITER, STRANGER, READER = User("ann", "t-ann"), User("bob", "t-bob"), User("ann", "t-ann-read", "read")


@pytest.fixture
def hub(start):
    with start(users=(WRITER, STRANGER, READER)) as hub:
        hub.create("ann/open")
        hub.create("ann/private", private=True)
        for name, change in {"gated": {"gated": "auto"}, "off": {"disabled": True}}.items():
            hub.repos.update(hub.create(f"ann/{name}").key, lambda record, change=change: replace(record, **change))
        yield hub


@pytest.mark.parametrize(
    ("repo", "token", "status", "code"),
    [
        ("ann/open", None, 200, None),
        ("ann/open", "nonsense", 401, None),
        ("ann/nope", None, 401, "RepoNotFound"),
        ("ann/nope", "t-bob", 404, "RepoNotFound"),
        ("ann/..", "t-bob", 404, "RepoNotFound"),
        ("ann/private", None, 401, "RepoNotFound"),
        ("ann/private", "t-bob", 404, "RepoNotFound"),
        ("ann/private", "t-ann-read", 200, None),
        ("ann/gated", None, 401, "GatedRepo"),
        ("ann/gated", "t-bob", 403, "GatedRepo"),
        ("ann/gated", "t-ann", 200, None),
        ("ann/off", "t-ann", 403, None),
    ],
)
def test_reading(hub, send, repo, token, status, code):
    answer = send("GET", f"{hub.url}/{repo}/resolve/main/.gitattributes", token=token)
    assert (answer.status, answer.headers.get("x-error-code")) == (status, code)
    assert status == 200 or answer.json()["error"] == answer.headers["x-error-message"]


@pytest.mark.parametrize(
    ("repo", "token", "status"),
    [
        ("ann/open", None, 401),
        ("ann/open", "t-bob", 403),
        ("ann/open", "t-ann-read", 403),
        ("ann/open", "t-ann", 200),
        ("ann/private", "t-bob", 404),
        ("ann/nope", "t-ann", 404),
    ],
)
def test_writing(hub, send, repo, token, status):
    assert send("POST", f"{hub.url}/api/models/{repo}/branch/b", {}, token=token).status == status


def test_basic_is_as_good_as_bearer(hub, send):
    assert send("GET", f"{hub.url}/api/models/ann/private", basic="t-ann").status == 200
    assert send("POST", f"{hub.url}/api/models/ann/private/branch/b", {}, basic="t-ann").status == 200


def test_the_listing_of_a_gated_repository_is_public_but_for_its_digests(hub, send):
    oid = hub.objects.add_bytes(b"secret")
    repo = hub.repos.get(RepoKey("models", "ann/gated"))
    hub.objects.grant(repo.record.uid, oid)
    body = (
        b'{"key":"header","value":{"summary":"s"}}\n{"key":"lfsFile","value":{"path":"a.bin","oid":"%s"}}'
        % oid.encode()
    )
    assert send("POST", f"{hub.url}/api/models/ann/gated/commit/main", body, token="t-ann").status == 200
    for path in ("tree/main", "revision/main?blobs=true"):
        url = f"{hub.url}/api/models/ann/gated/{path}"
        assert oid not in send("GET", url).body.decode()
        assert oid in send("GET", url, token="t-ann").body.decode()


def test_the_readme_of_a_gated_repository_is_public(hub, send):
    body = b'{"key":"header","value":{"summary":"s"}}\n{"key":"file","value":{"path":"README.md","content":"Hi"}}'
    send("POST", f"{hub.url}/api/models/ann/gated/commit/main", body, token="t-ann")
    assert send("GET", f"{hub.url}/ann/gated/resolve/main/README.md").body == b"Hi"
    assert send("GET", f"{hub.url}/ann/gated/resolve/main/nonsense").headers["x-error-code"] == "GatedRepo"


@pytest.mark.parametrize("body", [b"nope", b"[1]", b'"text"', b'{"a":' + b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(hub, send, body):
    answer = send("POST", f"{hub.url}/api/repos/create", body, token="t-ann")
    assert answer.status == 400
    assert "JSON" in answer.json()["error"]
