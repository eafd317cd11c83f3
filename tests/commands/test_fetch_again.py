"""Files that are known to be wrong count as absent, and go when a right one takes their place."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from hfpush.commands.fetch_again import LocalDirAgain, SnapshotAgain
from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, claim
from hfpush.endpoints import RepoAddress
from hfpush.endpoints.known import HF
from hfpush.hub.cache import RepoCache
from hfpush.hub.local_dir import LocalDir
from hfpush.hub.presence import Presence

COMMIT = "0" * 40
RIGHT = b"right\n"
CONTENT = Content(hashlib.sha256(RIGHT).hexdigest(), len(RIGHT))


def draft_of(place: SnapshotAgain | LocalDirAgain) -> Draft:
    draft = claim(place.home("a.bin", CONTENT))
    assert isinstance(draft, Draft)
    draft.write(0, memoryview(RIGHT))
    return draft


def cache_at(root: Path) -> RepoCache:
    return RepoCache(root, RepoAddress.parse(HF, "ada/model"))


def test_a_wrong_blob_stays_until_the_right_one_replaces_it(tmp_path: Path) -> None:
    cache = cache_at(tmp_path)
    blob, pointer = cache.folder / "blobs" / CONTENT.id, cache.folder / "snapshots" / COMMIT / "a.bin"
    blob.parent.mkdir(parents=True)
    pointer.parent.mkdir(parents=True)
    blob.write_bytes(b"wrong\n")
    os.symlink(f"../../blobs/{CONTENT.id}", pointer)
    assert cache.snapshot(COMMIT).presence("a.bin", CONTENT) is Presence.PLACED
    place = SnapshotAgain(cache, COMMIT, ["a.bin"])
    assert place.presence("a.bin", CONTENT) is Presence.ABSENT
    draft = draft_of(place)
    assert pointer.read_bytes() == b"wrong\n"
    place.put(CONTENT, ["a.bin"], draft)
    assert pointer.read_bytes() == RIGHT
    assert place.presence("a.bin", CONTENT) is Presence.PLACED


def test_a_wrong_plain_file_and_a_link_astray_make_way(tmp_path: Path) -> None:
    cache = cache_at(tmp_path)
    folder = cache.folder / "snapshots" / COMMIT
    folder.mkdir(parents=True)
    (folder / "a.bin").write_bytes(b"wrong\n")
    (tmp_path / CONTENT.id).write_bytes(b"mine!\n")
    os.symlink(tmp_path / CONTENT.id, folder / "b.bin")
    place = SnapshotAgain(cache, COMMIT, ["a.bin", "b.bin"])
    place.put(CONTENT, ["a.bin", "b.bin"], draft_of(place))
    assert (folder / "a.bin").read_bytes() == (folder / "b.bin").read_bytes() == RIGHT
    assert (tmp_path / CONTENT.id).read_bytes() == b"mine!\n"


def test_small_files_make_way_as_well(tmp_path: Path) -> None:
    cache = cache_at(tmp_path)
    folder = cache.folder / "snapshots" / COMMIT
    folder.mkdir(parents=True)
    (folder / "a.bin").write_bytes(b"wrong\n")
    place = SnapshotAgain(cache, COMMIT, ["a.bin"])
    place.put_small(CONTENT, ["a.bin"], RIGHT)
    place.flush()
    assert (folder / "a.bin").read_bytes() == RIGHT


def test_a_note_about_a_wrong_file_is_not_believed(tmp_path: Path) -> None:
    right = LocalDir(tmp_path, COMMIT)
    for path in ("a.bin", "b.bin", "c.bin"):
        right.put_small(CONTENT, [path], RIGHT)
    right.flush()
    (tmp_path / "a.bin").write_bytes(b"wrong\n")
    (tmp_path / "c.bin").write_bytes(b"wrong\n")
    place = LocalDirAgain(tmp_path, COMMIT, ["a.bin", "c.bin"])
    assert place.presence("a.bin", CONTENT) is Presence.ABSENT
    place.put(CONTENT, ["a.bin", "b.bin"], None)  # of b.bin, which is right
    assert (tmp_path / "a.bin").read_bytes() == RIGHT
    place.put_small(CONTENT, ["c.bin"], RIGHT)
    place.flush()
    assert (tmp_path / "c.bin").read_bytes() == RIGHT
