import hashlib
import os

import pytest

from hfpush.localhub import forget_object, lost_answer
from hfpush.localhub.complete import parse_completion
from hfpush.localhub.uploads import UploadRefused

CONTENT = os.urandom(150_000)
OID = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def upload(lfs, send):
    """An upload action whose parts are all stored, and their ETags."""
    action = lfs.lease(CONTENT)["upload"]
    return action, [send("PUT", *part).headers["etag"] for part in lfs.parts(CONTENT, action)]


def test_completion_makes_the_object_and_may_be_asked_again(hub, lfs, upload):
    action, etags = upload
    assert [lfs.complete(action, OID, etags).status for _ in range(2)] == [200, 200]
    assert hub.objects.path(OID).read_bytes() == CONTENT
    assert hub.seen.rows("complete")[0].oid == OID


def test_no_authorization_is_needed_or_looked_at(lfs, upload, send):
    action, etags = upload
    body = {"oid": OID, "parts": [{"etag": etag, "partNumber": n} for n, etag in enumerate(etags, 1)]}
    assert send("POST", action["href"], body, token="wrong").status == 200


def test_etags_may_come_without_their_quotes(lfs, upload):
    action, etags = upload
    assert lfs.complete(action, OID, [etag.strip('"') for etag in etags]).status == 200


def test_a_changed_url_is_refused(lfs, upload):
    action, etags = upload
    href = action["href"].replace("bucket=", "bucket=x")
    assert lfs.complete({"href": href}, OID, etags).status == 403


def test_an_old_url_is_refused(start, lfs_of):
    now = [1_700_000_000.0]
    with start(clock=lambda: now[0]) as hub:
        hub.create("acme/model")
        lfs = lfs_of(hub)
        action = lfs.lease(CONTENT)["upload"]
        now[0] += 90_000
        answer = lfs.complete(action, OID, ["x"])
    assert (answer.status, "expired" in answer.json()["error"]) == (403, True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda etags: [], "not well-formed"),
        (lambda etags: [None, *etags[1:]], "not well-formed"),
        (lambda etags: etags[:-1], "could not be found"),
        (lambda etags: etags[::-1], "could not be found"),
    ],
)
def test_s3_sentences_come_back_for_wrong_parts(lfs, upload, change, words):
    action, etags = upload
    answer = lfs.complete(action, OID, change(etags))
    assert answer.status == 400
    assert words in answer.json()["error"]
    assert answer.headers["x-error-message"] == answer.json()["error"]


def test_another_oid_is_no_such_upload(lfs, upload):
    action, etags = upload
    assert lfs.complete(action, "0" * 64, etags).status == 404


def test_an_answer_can_be_lost_and_an_object_forgotten(start, lfs_of, send):
    with start(lost_answer(on="complete"), forget_object()) as hub:
        hub.create("acme/model")
        lfs = lfs_of(hub)
        action = lfs.lease(CONTENT)["upload"]
        etags = [send("PUT", *part).headers["etag"] for part in lfs.parts(CONTENT, action)]
        with pytest.raises(ConnectionError):
            lfs.complete(action, OID, etags)
        assert "actions" in lfs.batch(CONTENT).json()["objects"][0]
        assert lfs.upload(CONTENT).status == 200
        assert "actions" not in lfs.batch(CONTENT).json()["objects"][0]


@pytest.mark.parametrize(
    "body",
    [{}, {"oid": OID}, {"oid": 1, "parts": []}, {"oid": OID, "parts": {}}, {"oid": OID, "parts": [1]}]
    + [
        {"oid": OID, "parts": [part]}
        for part in ({}, {"partNumber": "1", "etag": "x"}, {"partNumber": 1, "etag": None})
    ],
)
def test_a_body_that_is_no_list_of_parts_is_refused(body):
    with pytest.raises(UploadRefused):
        parse_completion(body)
