import hashlib

import pytest

from hfpush.localhub import User

SMALL = b"a small object"
OID = hashlib.sha256(SMALL).hexdigest()
BODY = {"oid": OID, "size": len(SMALL)}


def verify(hub):
    return f"{hub.url}/acme/model.git/info/lfs/verify"


def test_verify_answers_for_oid_and_size(hub, lfs, send):
    missing = send("POST", verify(hub), BODY, token=hub.token)
    lfs.upload(SMALL)
    found = send("POST", verify(hub), BODY, token=hub.token)
    other = send("POST", verify(hub), BODY | {"size": 1}, token=hub.token)
    senseless = send("POST", verify(hub), {}, token=hub.token)
    assert [each.status for each in (missing, found, other, senseless)] == [404, 200, 422, 422]


def test_the_header_of_the_batch_answer_is_authorization_enough(start, lfs_of, send):
    with start() as hub:
        hub.create("acme/model", private=True)
        lfs = lfs_of(hub)
        action = lfs.lease(SMALL)["verify"]
        assert send("POST", action["href"], BODY).status == 401
        assert send("POST", action["href"], BODY, headers=action["header"]).status == 404
        lfs.upload(SMALL)
        assert send("POST", action["href"], BODY, headers=action["header"]).status == 200


@pytest.mark.parametrize("path", ["nothing", "objects", "objects/batch/more", "locks/1/2/3"])
def test_calls_that_do_not_exist_are_404_in_json(hub, send, path):
    answer = send("POST", f"{hub.url}/acme/model.git/info/lfs/{path}", {}, token=hub.token)
    assert answer.status == 404
    assert answer.json()["message"]


def test_batch_is_post(hub, send):
    assert send("GET", f"{hub.url}/acme/model.git/info/lfs/objects/batch", token=hub.token).status == 404


def test_who_may_do_what(start, send):
    users = (User("ada", "hf_ada"), User("ada", "hf_read", "read"), User("bob", "hf_bob"))
    with start(users=users) as hub:
        hub.create("ada/open")
        hub.create("ada/closed", private=True)

        def status(repo, operation, **credentials):
            url = f"{hub.url}/{repo}.git/info/lfs/objects/batch"
            return send("POST", url, {"operation": operation, "objects": []}, **credentials).status

        assert status("ada/open", "download") == 200
        assert status("ada/open", "upload") == 401
        assert status("ada/open", "upload", token="hf_ada") == 200
        assert status("ada/open", "upload", basic="hf_ada") == 200
        assert status("ada/open", "upload", token="hf_read") == 403
        assert status("ada/open", "upload", token="hf_bob") == 403
        assert status("ada/open", "download", token="hf_wrong") == 401
        assert status("ada/closed", "download") == 401
        assert status("ada/closed", "download", token="hf_read") == 200
        assert status("ada/closed", "download", token="hf_bob") == 404
        assert status("ada/nothing", "download", token="hf_ada") == 404
        assert status("..", "download", token="hf_ada") == 404
