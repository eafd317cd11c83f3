import hashlib
import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.localhub.objects import ObjectStore
from hfpush.localhub.uploads import DAY, MAX_PARTS, Upload, UploadRefused, Uploads, check_parts

REPO = "a" * 24
PART = 10
CONTENT = b"0123456789abcdefghijKLMN"
OID = hashlib.sha256(CONTENT).hexdigest()


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def open_again(tmp_path, clock):
    """The uploads of one folder, as after a start."""
    return lambda: Uploads(tmp_path, ObjectStore(tmp_path), clock)


@pytest.fixture
def uploads(open_again):
    return open_again()


@pytest.fixture
def objects(tmp_path):
    return ObjectStore(tmp_path)


def begin(uploads, **more):
    return uploads.begin(REPO, OID, len(CONTENT), PART, **more)


def store(uploads, upload, number, data=None, etag=None):
    piece = CONTENT[(number - 1) * PART : number * PART] if data is None else data
    writer = uploads.writer(upload, number)
    writer.write(piece)
    writer.finish(etag or f'"{number}"')
    writer.close()


def store_all(uploads, upload):
    for number in (3, 1, 2):
        store(uploads, upload, number)
    return [(number, f'"{number}"') for number in (1, 2, 3)]


def test_parts_in_any_order_become_the_object(uploads, objects):
    upload = begin(uploads)
    parts = store_all(uploads, upload)
    assert uploads.complete(upload.id, OID, parts) == REPO
    assert objects.path(OID).read_bytes() == CONTENT
    assert objects.has(REPO, OID)


def test_a_second_completion_is_as_good_as_the_first_also_after_a_start(uploads, open_again):
    upload = begin(uploads)
    parts = store_all(uploads, upload)
    for each in (uploads, uploads, open_again()):
        assert each.complete(upload.id, OID, parts) == REPO


def test_the_pending_upload_is_leased_again(uploads):
    upload = begin(uploads)
    assert begin(uploads) == upload
    assert begin(uploads, apart_from=[upload.id]).id != upload.id
    assert begin(uploads, reuse=False).id != upload.id
    assert uploads.begin("b" * 24, OID, len(CONTENT), PART).id != upload.id
    assert uploads.begin(REPO, OID, len(CONTENT), PART + 1).id != upload.id


def test_stored_parts_survive_a_start(uploads, open_again):
    upload = begin(uploads)
    store(uploads, upload, 2)
    again = open_again()
    assert begin(again) == upload
    assert again.stored_parts(upload) == {2: ('"2"', 10)}
    store(again, upload, 1)
    store(again, upload, 3)
    again.complete(upload.id, OID, [(n, f'"{n}"') for n in (1, 2, 3)])


def test_a_part_that_broke_off_does_not_count_and_takes_the_old_one_away(uploads):
    upload = begin(uploads)
    store(uploads, upload, 1)
    writer = uploads.writer(upload, 1)
    writer.write(b"01")
    writer.close()
    assert uploads.stored_parts(upload) == {}


def test_a_newer_put_of_a_part_supersedes_a_running_one(uploads):
    upload = begin(uploads)
    older = uploads.writer(upload, 1)
    older.write(b"xxx")
    assert not older.superseded
    newer = uploads.writer(upload, 1)
    assert older.superseded
    newer.write(CONTENT[:PART])
    newer.finish('"new"')
    older.close()
    newer.close()
    assert uploads.stored_parts(upload) == {1: ('"new"', 10)}


def test_completion_ends_the_writers(uploads):
    upload = begin(uploads)
    parts = store_all(uploads, upload)
    late = uploads.writer(upload, 2)
    late.finish('"2"')
    uploads.complete(upload.id, OID, parts)
    assert late.superseded
    late.close()
    with pytest.raises(KeyError):
        uploads.writer(upload, 2)


def test_other_bytes_are_refused_and_the_upload_is_thrown_away(uploads, objects):
    upload = begin(uploads)
    parts = store_all(uploads, upload)
    store(uploads, upload, 2, b"**********")
    with pytest.raises(UploadRefused) as refused:
        uploads.complete(upload.id, OID, parts)
    assert refused.value.code == "BadDigest"
    assert begin(uploads).id != upload.id
    assert objects.size(OID) is None


@pytest.mark.parametrize("upload_id", ["nothing", "", "..", "../uploads", "a/b"])
def test_an_unknown_upload_is_refused(uploads, upload_id):
    with pytest.raises(UploadRefused) as refused:
        uploads.complete(upload_id, OID, [])
    assert refused.value.code == "NoSuchUpload"


def test_an_upload_is_completed_for_its_own_oid_only(uploads):
    upload = begin(uploads)
    parts = store_all(uploads, upload)
    with pytest.raises(UploadRefused):
        uploads.complete(upload.id, "0" * 64, parts)


def test_a_day_old_upload_is_gone_at_the_next_start(uploads, open_again, clock):
    upload = begin(uploads)
    clock.now += DAY + 1
    assert open_again().find(upload.id) is None


def test_a_hub_killed_after_any_step_goes_on(uploads, open_again, objects, tmp_path):
    upload = begin(uploads)
    parts = store_all(uploads, upload)
    folder = uploads.folder(upload.id)
    (folder / "parts" / ".00001-left").write_text("{")
    begun = tmp_path / "uploads" / ".begun"
    shutil.copytree(folder, begun)
    (begun / "upload.json").unlink()
    again = open_again()
    assert again.stored_parts(upload).keys() == {1, 2, 3}
    assert not begun.exists()
    # The step between the rename of the data and the mark that says so:
    objects.path(OID).parent.mkdir(exist_ok=True)
    os.replace(folder / "data", objects.path(OID))
    last = open_again()
    assert last.complete(upload.id, OID, parts) == REPO
    assert objects.has(REPO, OID)


def test_a_finished_and_forgotten_object_can_be_uploaded_again(uploads, objects):
    upload = begin(uploads)
    uploads.complete(upload.id, OID, store_all(uploads, upload))
    objects.revoke(REPO, OID)
    second = begin(uploads)
    assert second.id != upload.id
    uploads.complete(second.id, OID, store_all(uploads, second))
    assert objects.has(REPO, OID)


UPLOAD = Upload("id", REPO, OID, 25, PART, 0.0)
STORED = {1: ("a", 10), 2: ("b", 10), 3: ("c", 5)}


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ([], "MalformedXML"),
        ([(1, "a"), (2, "b")], "InvalidPart"),
        ([(1, "a"), (2, "b"), (3, "c"), (4, "d")], "InvalidPart"),
        ([(1, "a"), (2, "x"), (3, "c")], "InvalidPart"),
        ([(2, "b"), (1, "a"), (3, "c")], "InvalidPartOrder"),
        ([(1, "a"), (1, "a"), (2, "b"), (3, "c")], "InvalidPartOrder"),
        ([(0, "a"), (1, "b"), (2, "c")], "InvalidPart"),
    ],
)
def test_a_completion_names_all_parts_in_order_with_their_tags(named, code):
    with pytest.raises(UploadRefused) as refused:
        check_parts(UPLOAD, named, STORED)
    assert refused.value.code == code


def test_a_named_part_that_is_not_stored_is_refused():
    with pytest.raises(UploadRefused):
        check_parts(UPLOAD, [(1, "a"), (2, "b"), (3, "c")], {1: ("a", 10), 2: ("b", 10)})


@given(st.integers(0, 10**13), st.integers(1, 10**10))
def test_the_parts_make_up_the_object(size, part_size):
    upload = Upload("id", REPO, OID, size, max(part_size, -(-size // MAX_PARTS)), 0.0)
    assert upload.parts <= MAX_PARTS
    if upload.parts:
        last = upload.part_length(upload.parts)
        assert 0 < last <= upload.part_size
        assert (upload.parts - 1) * upload.part_size + last == size
    for outside in (0, upload.parts + 1):
        with pytest.raises(IndexError):
            upload.part_length(outside)


def test_parts_grow_where_there_would_be_too_many(uploads):
    assert uploads.begin(REPO, OID, MAX_PARTS * PART + 1, PART).part_size == PART + 1
