"""Repositories come, go, move and change by REST."""

import pytest

from hfpush.localhub import User
from hfpush.localhub.names import RepoKey


def create(hub, send, token=None, **body):
    return send("POST", f"{hub.url}/api/repos/create", body, token=token or hub.token)


@pytest.mark.parametrize(
    ("body", "key", "private"),
    [
        ({"name": "a"}, "models/local/a", False),
        ({"name": "a", "organization": None, "type": "model"}, "models/local/a", False),
        ({"name": "a", "organization": "org", "type": "dataset", "private": True}, "datasets/org/a", True),
        ({"name": "a", "visibility": "private"}, "models/local/a", True),
        ({"name": "a", "visibility": "public", "private": True}, "models/local/a", False),
        ({"name": "org/a", "type": "space", "sdk": "static"}, "spaces/org/a", False),
    ],
)
def test_create(start, send, body, key, private):
    with start() as hub:
        answer = create(hub, send, **body)
        [repo] = hub.repos.list()
        assert (str(repo.key), repo.record.private) == (key, private)
        assert answer.json() == {"url": f"{hub.url}/{repo.key.path}", "name": repo.key.id, "id": repo.record.uid}


def test_a_taken_name_is_409_with_the_url(hub, send):
    answer = create(hub, send, name="model", organization="acme")
    assert answer.status == 409
    assert answer.json()["url"] == f"{hub.url}/acme/model"
    assert answer.json()["error"] == "You already created this model repo"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": 3},
        {"name": "a/b/c"},
        {"name": ".."},
        {"name": "a", "organization": "../x"},
        {"name": "a", "type": "bucket"},
        {"name": "a", "private": "yes"},
        {"name": "a", "visibility": "hidden"},
    ],
)
def test_a_create_that_makes_no_sense_is_400(hub, send, body):
    assert create(hub, send, **body).status == 400


def test_rights_are_needed(start, send):
    with start(users=(User("ann", "w"), User("bob", "r", "read"))) as hub:
        assert create(hub, send, "w", name="a", organization="other").status == 403
        assert create(hub, send, "r", name="a").status == 403
        assert send("POST", f"{hub.url}/api/repos/create", {"name": "a"}).status == 401
        assert create(hub, send, "w", name="a").status == 200
        move = {"fromRepo": "ann/a", "toRepo": "other/a"}
        assert send("POST", f"{hub.url}/api/repos/move", move, token="w").status == 403
        assert send("DELETE", f"{hub.url}/api/repos/delete", {"name": "ann/a"}, token="r").status == 403
        assert [str(repo.key) for repo in hub.repos.list()] == ["models/ann/a"]


def test_delete_takes_the_objects_grants_with_it(hub, send, lfs):
    lfs.upload(b"x")
    uid = hub.repos.get(RepoKey("models", "acme/model")).record.uid
    assert hub.objects.granted(uid)
    body = {"name": "model", "organization": "acme", "type": "model"}
    assert send("DELETE", f"{hub.url}/api/repos/delete", body, token=hub.token).status == 200
    assert not hub.objects.granted(uid)
    assert (
        send("DELETE", f"{hub.url}/api/repos/delete", body, token=hub.token).headers["x-error-code"] == "RepoNotFound"
    )


def test_move_keeps_the_objects(hub, send, lfs):
    lfs.upload(b"x")
    body = {"fromRepo": "acme/model", "toRepo": "acme/new", "type": "model"}
    assert send("POST", f"{hub.url}/api/repos/move", body, token=hub.token).status == 200
    assert hub.objects.granted(hub.repos.get(RepoKey("models", "acme/new")).record.uid)
    assert send("POST", f"{hub.url}/api/repos/move", body, token=hub.token).status == 404
    hub.create("acme/model")
    assert send("POST", f"{hub.url}/api/repos/move", body, token=hub.token).status == 409


def test_settings(hub, send):
    url = f"{hub.url}/api/models/acme/model/settings"
    for body, private, gated in (
        ({"private": True}, True, False),
        ({"gated": "auto"}, True, "auto"),
        ({"visibility": "public", "discussionsDisabled": True}, False, "auto"),
        ({"gated": False}, False, False),
    ):
        assert send("PUT", url, body, token=hub.token).json() == {"private": private, "gated": gated}
    record = hub.repos.get(RepoKey("models", "acme/model")).record
    assert (record.private, record.gated) == (False, False)
    assert send("PUT", url, {"gated": "maybe"}, token=hub.token).status == 400
    assert send("PUT", url, {"private": True}, token=hub.read_token).status == 403
