import hashlib

import pytest

from hfpush.localhub.objects import ContentMismatch, ObjectStore, is_oid, sha256_of

REPO, OTHER = "a" * 24, "b" * 24
CONTENT = b"weights"
OID = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def store(tmp_path):
    return ObjectStore(tmp_path)


def incoming(store, content=CONTENT):
    file = store.new_file()
    file.write_bytes(content)
    return file


def test_an_added_object_is_there_and_its_file_is_gone(store):
    file = incoming(store)
    store.add_file(file, OID, size=len(CONTENT))
    assert store.path(OID).read_bytes() == CONTENT
    assert store.size(OID) == len(CONTENT)
    assert not file.exists()


def test_an_object_may_be_added_again(store):
    for _ in range(2):
        store.add_file(incoming(store), OID)
    assert store.path(OID).read_bytes() == CONTENT


@pytest.mark.parametrize("size", [None, len(CONTENT), 3])
def test_other_bytes_are_not_published_under_an_oid(store, size):
    file = incoming(store, b"another")
    with pytest.raises(ContentMismatch):
        store.add_file(file, OID, size=size)
    assert store.size(OID) is None
    assert file.exists()


def test_a_repository_has_what_was_granted_to_it_and_nothing_else(store):
    assert store.add_bytes(CONTENT) == OID
    assert not store.has(REPO, OID)
    store.grant(REPO, OID)
    store.grant(REPO, OID)
    assert store.has(REPO, OID)
    assert store.granted(REPO) == {OID}
    assert not store.has(OTHER, OID)
    assert store.granted(OTHER) == set()


def test_nothing_can_be_granted_that_is_not_stored(store):
    with pytest.raises(FileNotFoundError):
        store.grant(REPO, OID)


def test_revoking_and_forgetting_leave_the_bytes_to_others(store):
    store.add_bytes(CONTENT)
    store.grant(REPO, OID)
    store.grant(OTHER, OID)
    store.revoke(REPO, OID)
    store.revoke(REPO, OID)
    assert not store.has(REPO, OID)
    store.forget_repo(REPO)
    store.forget_repo(REPO)
    assert store.has(OTHER, OID)


def test_a_removed_object_is_missing_everywhere(store):
    store.add_bytes(CONTENT)
    store.grant(REPO, OID)
    store.remove(OID)
    store.remove(OID)
    assert not store.has(REPO, OID)
    assert store.size(OID) is None


def test_recovery_removes_what_was_on_its_way(store, tmp_path):
    file = incoming(store)
    store.add_bytes(CONTENT)
    ObjectStore(tmp_path).recover()
    assert not file.exists()
    assert store.size(OID) == len(CONTENT)


@pytest.mark.parametrize(
    "text", ["", "../../../etc/passwd", OID.upper(), OID + "0", OID[:-1], OID[:-1] + "g", OID + "\n"]
)
def test_what_is_no_oid_names_no_file(store, text):
    assert not is_oid(text)
    assert not store.has(REPO, text)
    with pytest.raises(ValueError, match="oid"):
        store.path(text)


def test_a_file_is_hashed_whole(tmp_path):
    content = bytes(range(256)) * 10_000
    (tmp_path / "f").write_bytes(content)
    assert sha256_of(tmp_path / "f") == hashlib.sha256(content).hexdigest()
