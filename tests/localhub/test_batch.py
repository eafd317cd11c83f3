import hashlib
import os

import pytest
import requests

from hfpush.localhub import LocalHub, expired_lease, new_upload_per_lease, unknown_oid, unpadded_parts, wrong_size
from hfpush.localhub.batch import Asked, parse_objects, part_keys, wants_multipart
from hfpush.localhub.lfsdoor import LfsError

SMALL = b"a small object"
LARGE = os.urandom(700_000)


def oid_of(content):
    return hashlib.sha256(content).hexdigest()


def upload_id(entry):
    return entry["actions"]["upload"]["href"].partition("uploadId=")[2].partition("&")[0]


def test_small_objects_go_basic(hub, lfs):
    answer = lfs.batch(SMALL)
    assert answer.headers["content-type"].startswith("application/vnd.git-lfs+json")
    body = answer.json()
    assert (body["transfer"], body["hash_algo"]) == ("basic", "sha256")
    [entry] = body["objects"]
    assert (entry["oid"], entry["size"], entry["authenticated"]) == (oid_of(SMALL), len(SMALL), True)
    assert entry["actions"]["upload"]["href"].startswith(hub.storage_url)
    assert entry["actions"]["upload"]["expires_in"] == 900
    assert entry["actions"]["verify"]["href"] == f"{hub.url}/acme/model.git/info/lfs/verify"


def test_one_large_object_makes_every_object_a_multipart_one(lfs):
    body = lfs.batch(LARGE, SMALL).json()
    assert body["transfer"] == "multipart"
    for entry, count in zip(body["objects"], (11, 1), strict=True):
        header = entry["actions"]["upload"]["header"]
        assert header.pop("chunk_size") == "65536"
        assert list(header) == [f"{n:05d}" for n in range(1, count + 1)]


def test_it_can_be_told_to_give_small_objects_no_parts_and_downloads_another_name(tmp_path):
    switches = {"multipart_downloads": True, "small_ones_whole": True}
    with LocalHub(root=tmp_path / "hub", part_size=65536, multipart_threshold=262144, **switches) as hub:
        hub.create("acme/model")
        body = ask(hub, "upload", LARGE, SMALL)
        assert body["transfer"] == "multipart"
        large, small = (entry["actions"]["upload"] for entry in body["objects"])
        assert large["header"]["chunk_size"] == "65536"
        assert "header" not in small
        assert small["href"].startswith(hub.storage_url)
        assert ask(hub, "download", SMALL)["transfer"] == "multipart"
        assert ask(hub, "download", SMALL, transfers=["basic"])["transfer"] == "basic"


def ask(hub, operation, *contents, transfers=("basic", "multipart")):
    wanted = [{"oid": oid_of(content), "size": len(content)} for content in contents]
    answer = requests.post(
        f"{hub.url}/acme/model.git/info/lfs/objects/batch",
        json={"operation": operation, "transfers": transfers, "objects": wanted},
        headers={"Authorization": f"Bearer {hub.token}", "Accept": "application/vnd.git-lfs+json"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_client_that_does_not_know_multipart_gets_basic(lfs):
    assert lfs.batch(LARGE, transfers=["basic"]).json()["transfer"] == "basic"
    assert lfs.batch(LARGE, transfers=[]).json()["transfer"] == "basic"


def test_a_stored_object_has_no_actions_and_does_not_make_the_answer_multipart(lfs):
    lfs.upload(LARGE)
    body = lfs.batch(LARGE, SMALL).json()
    assert body["transfer"] == "basic"
    assert body["objects"][0] == {"oid": oid_of(LARGE), "size": len(LARGE)}


def test_an_object_of_another_repository_is_missing_here(hub, lfs, lfs_of):
    lfs.upload(SMALL)
    hub.create("acme/other", type="datasets")
    other = lfs_of(hub, "datasets/acme/other")
    assert "upload" in other.batch(SMALL).json()["objects"][0]["actions"]
    assert other.batch(SMALL, operation="download").json()["objects"][0]["error"]["code"] == 404


def test_downloads_are_signed_urls_or_errors_by_object(hub, lfs, send):
    lfs.upload(SMALL)
    found, missing = lfs.batch(SMALL, LARGE, operation="download").json()["objects"]
    assert send("GET", found["actions"]["download"]["href"]).body == SMALL
    assert missing["error"]["code"] == 404


def test_an_object_listed_twice_gets_two_uploads_and_both_can_end(lfs, send):
    first, second = lfs.batch(LARGE, LARGE).json()["objects"]
    assert upload_id(first) != upload_id(second)
    for entry in (first, second):
        upload = entry["actions"]["upload"]
        etags = [send("PUT", *part).headers["etag"] for part in lfs.parts(LARGE, upload)]
        assert lfs.complete(upload, oid_of(LARGE), etags).status == 200


def test_asking_again_leases_the_same_upload(lfs):
    assert len({upload_id(lfs.batch(LARGE).json()["objects"][0]) for _ in range(3)}) == 1


@pytest.mark.parametrize("algorithm", ["sha256", "sha_256"])
@pytest.mark.parametrize("ref", [{"name": "refs/heads/main"}, {"name": "main"}, None])
def test_all_spellings_of_clients_are_understood(lfs, algorithm, ref):
    assert lfs.batch(SMALL, hash_algo=algorithm, ref=ref).status == 200


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"hash_algo": "sha512"}, 409), ({"operation": "sideways"}, 422), ({"objects": {}}, 422), ({"objects": [1]}, 422)],
)
def test_what_makes_no_sense_is_refused(lfs, changes, status):
    answer = lfs.batch(SMALL, **changes)
    assert answer.status == status
    assert answer.json()["message"]


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"oid": 1, "size": 1},
        {"oid": "x", "size": 1},
        {"oid": "0" * 64, "size": "1"},
        {"oid": "0" * 64, "size": True},
    ],
)
def test_a_wrong_object_is_refused_by_itself(value):
    good, wrong = parse_objects([{"oid": "0" * 64, "size": 5}, value])
    assert good == Asked("0" * 64, 5)
    assert wrong.error is not None
    assert wrong.error[0] == 422


def test_objects_must_be_a_list():
    with pytest.raises(LfsError):
        parse_objects(None)


@pytest.mark.parametrize(
    ("sizes", "offered", "expected"),
    [([100], True, False), ([101], True, True), ([5, 101], False, False), ([], True, False)],
)
def test_multipart_is_for_larger_than_the_threshold_where_it_is_known(sizes, offered, expected):
    assert wants_multipart([Asked("0" * 64, n) for n in sizes], offered=offered, threshold=100) is expected


def test_part_keys_sort_as_text_as_they_count():
    assert part_keys(10_000, 5) == sorted(part_keys(10_000, 5))
    assert part_keys(3, 1) == ["1", "2", "3"]


def test_expired_lease_leases_urls_that_are_dead(start, lfs_of, send):
    with start(expired_lease()) as hub:
        hub.create("acme/model")
        lfs = lfs_of(hub)
        dead = lfs.lease(SMALL)["upload"]
        assert dead["expires_in"] == 900
        assert b"Request has expired" in send("PUT", dead["href"], SMALL).body
        assert send("PUT", lfs.lease(SMALL)["upload"]["href"], SMALL).status == 200


def test_new_upload_per_lease_never_leases_one_again(start, lfs_of):
    with start(new_upload_per_lease()) as hub:
        hub.create("acme/model")
        lfs = lfs_of(hub)
        assert len({upload_id(lfs.batch(LARGE).json()["objects"][0]) for _ in range(3)}) == 3


def test_answers_can_be_about_something_else(start, lfs_of):
    with start(wrong_size(), unknown_oid(), unpadded_parts()) as hub:
        hub.create("acme/model")
        lfs = lfs_of(hub)
        [entry] = lfs.batch(LARGE).json()["objects"]
        assert entry["size"] != len(LARGE)
        assert entry["oid"] != oid_of(LARGE)
        [entry] = lfs.batch(LARGE).json()["objects"]
        assert (entry["size"], entry["oid"]) == (len(LARGE), oid_of(LARGE))
        assert {"1", "10"} < entry["actions"]["upload"]["header"].keys()
