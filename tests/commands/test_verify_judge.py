"""What must be read, and what follows from what was read: values in, values out."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hfpush.commands.verify_found import Blob, CacheRepo, Entry, Item, Listing, Sighting, Verdict
from hfpush.commands.verify_judge import (
    is_digest,
    judged,
    merged,
    named_contents,
    needs_list,
    never_fetched,
    sightings,
)
from hfpush.disk.content import Content
from hfpush.hub.tree import TreeFile
from hfpush.lfs.pointer import Pointer

COMMIT = "1" * 40
OID, GIT = hashlib.sha256(b"abc").hexdigest(), "b" * 40
LARGE, SMALL = TreeFile("a.bin", 3, "c" * 40, Pointer(OID, 3)), TreeFile("b.txt", 5, GIT)


def entry(path: str, blob: str = "", kind: str = "link") -> Entry:
    return Entry(path, kind, 3, Path("snapshot") / path, blob)  # type: ignore[arg-type]


def repo(*entries: Entry, blobs: tuple[Blob, ...] = ()) -> CacheRepo:
    return CacheRepo(
        Path("repo"),
        "model",
        "ada/model",
        {blob.name: blob for blob in blobs},
        {COMMIT: {one.path: one for one in entries}},
    )


def blob(name: str, size: int = 3, seen: str = "") -> Blob:
    return Blob(name, size, Path("blobs") / name, seen)


def one(found: list[Sighting], path: str) -> Sighting:
    return next(each for each in found if each.path == path)


def listing(*files: TreeFile, lost: bool = False) -> dict[str, Listing]:
    return {COMMIT: Listing({file.path: file for file in files}, lost)}


@pytest.mark.parametrize(
    ("name", "is_one"), [(OID, True), (GIT, True), (OID[1:], False), ("etag", False), (OID.upper(), False)]
)
def test_a_name_is_a_digest_or_not(name: str, is_one: bool) -> None:
    assert is_digest(name) is is_one


def test_a_name_of_64_digits_may_be_of_either_kind() -> None:
    assert named_contents(OID, 3) == (Content(OID, 3), Content(OID, 3, git=True))
    assert named_contents(GIT, 3) == (Content(GIT, 3, git=True),)
    assert named_contents("etag", 3) == ()


def test_a_listed_file_must_be_what_the_list_says() -> None:
    found = sightings(repo(entry("a.bin", OID), blobs=(blob(OID, 2),)), listing(LARGE))
    assert one(found, "a.bin").item == Item(Path("blobs") / OID, 2, (Content(OID, 3),))
    assert one(found, "a.bin").content == Content(OID, 3)


def test_without_a_list_a_blob_must_be_what_its_name_says() -> None:
    found = sightings(repo(entry("a.bin", OID), entry("x", "etag"), blobs=(blob(OID), blob("etag"))), {})
    assert one(found, "a.bin").item is not None
    assert (one(found, "x").item, one(found, "x").state) == (None, "unjudged")


@pytest.mark.parametrize(
    ("given", "lists", "state"),
    [
        (entry("a.bin", "gone" * 10), {}, "missing"),
        (entry("a.bin", OID), listing(SMALL), "unlisted"),
        (entry("a.bin", "bad"), {}, "misplaced"),
        (entry("a.bin", kind="odd"), {}, "misplaced"),
        (entry("a.bin", kind="odd"), listing(SMALL), "unlisted"),
        (entry("a.bin", kind="plain"), {}, "unjudged"),
        (entry("a.bin", kind="plain"), listing(LARGE), "fine"),
        (entry("a.bin", "gone" * 10), listing(SMALL), "missing"),
    ],
)
def test_what_is_known_before_anything_is_read(given: Entry, lists: dict[str, Listing], state: str) -> None:
    found = sightings(repo(given, blobs=(blob(OID), blob("bad", seen="it is a pipe"))), lists)
    assert one(found, "a.bin").state == state


def test_only_files_that_were_there_once_are_missing() -> None:
    here = repo(entry("b.txt", GIT), blobs=(blob(GIT, 5),))
    assert [each.path for each in sightings(here, listing(LARGE, SMALL))] == ["b.txt"]
    assert never_fetched(here, listing(LARGE, SMALL)) == {COMMIT: [LARGE]}
    lost = sightings(here, listing(LARGE, SMALL, lost=True))
    assert (one(lost, "a.bin").state, one(lost, "a.bin").size) == ("missing", 3)
    assert never_fetched(here, listing(LARGE, SMALL, lost=True)) == {}


def test_a_blob_that_no_snapshot_shows_is_looked_at_as_well() -> None:
    here = repo(blobs=(blob(OID),))
    assert [(each.path, each.commit) for each in sightings(here, {})] == [(f"blobs/{OID}", "")]
    assert sightings(here, {}, spare=False) == []


def test_a_link_to_the_blob_of_another_file_is_misplaced() -> None:
    here = repo(entry("a.bin", GIT), entry("b.txt", GIT), blobs=(blob(GIT, 5),))
    found = sightings(here, listing(LARGE, SMALL))
    items = merged(found)
    assert items == [Item(Path("blobs") / GIT, 5, (Content(OID, 3), Content(GIT, 5, git=True)))]
    fine = Verdict("fine", content=Content(GIT, 5, git=True))
    assert {each.path: each.state for each in judged(found, {items[0].where: fine})} == {
        "a.bin": "misplaced",
        "b.txt": "fine",
    }


def test_a_verdict_goes_to_every_path_that_shows_the_blob() -> None:
    found = sightings(repo(entry("a.bin", OID), entry("c.bin", OID), blobs=(blob(OID),)), listing(LARGE))
    verdicts = {Path("blobs") / OID: Verdict("damaged", "it is wrong")}
    assert {each.path: (each.state, each.seen) for each in judged(found, verdicts)} == {
        "a.bin": ("damaged", "it is wrong"),
        "c.bin": ("damaged", "it is wrong"),
    }


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        (entry("a.bin", OID), False),
        (entry("a.bin", "etag"), True),
        (entry("a", kind="plain"), True),
        (entry("a", kind="odd"), True),
    ],
)
def test_a_list_is_asked_for_where_names_do_not_tell(given: Entry, needed: bool) -> None:
    assert needs_list(repo(given), COMMIT) is needed
