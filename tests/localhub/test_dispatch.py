import pytest


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/acme/model", 200),
        ("/acme/model/tree/main", 200),
        ("/acme/model/resolve/main/.gitattributes", 200),
        ("/acme/model/raw/main/.gitattributes", 200),
        ("/acme/model/info/refs?service=git-upload-pack", 200),
        ("/acme/model.git/info/lfs/locks", 200),
        ("/acme/model/nothing/at/all", 404),
        ("//", 404),
        ("/%2e%2e/%2e%2e/etc/passwd", 404),
    ],
)
def test_every_door_answers(hub, send, path, status):
    assert send("GET", hub.url + path, token=hub.token).status == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_no_door_takes_any_method(hub, send, method):
    for path in (
        "/acme/model",
        "/acme/model/resolve/main/.gitattributes",
        "/acme/model/info/refs?service=git-upload-pack",
    ):
        assert send(method, hub.url + path, b"", token=hub.token).status == 405
