from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hfpush.errors import Damaged
from hfpush.lfs.pointer import Pointer
from hfpush.repo.filter.store import Store
from hfpush.repo.process import Git
from hfpush.repo.rewrite.clean import clean

NewRepo = Callable[..., "Place"]  # noqa: F821


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_blobs_are_stored_under_their_sha256_and_once_only(new_repo: NewRepo, tmp_path: Path) -> None:
    place, store = new_repo(), tmp_path / "lfs/objects"
    contents = [b"", b"one", b"x" * 3_000_000]
    ids = [place.git("hash-object", "-w", "--stdin", stdin=content) for content in contents]
    told: list[int] = []
    sizes = {id: len(content) for id, content in zip(ids, contents, strict=True)}
    pointers = clean(Git(place.path), sizes, store, told.append)
    assert pointers == {
        id: Pointer(hashlib.sha256(content).hexdigest(), len(content))
        for id, content in zip(ids, contents, strict=True)
    }
    assert [Store((store,)).path(pointers[id].oid).read_bytes() for id in ids] == contents
    assert sum(told) == 3_000_003
    assert len(files_in(store.parent)) == 3
    assert clean(Git(place.path), sizes, store, told.append) == pointers
    assert len(files_in(store.parent)) == 3


def test_a_damaged_object_is_replaced_and_a_shared_repository_shares_what_is_new(
    new_repo: NewRepo, tmp_path: Path
) -> None:
    place, store = new_repo(), tmp_path / "lfs/objects"
    id = place.git("hash-object", "-w", "--stdin", stdin=b"one")
    place.git("config", "core.sharedRepository", "0660")
    (pointer,) = clean(Git(place.path), {id: 3}, store, lambda _: None).values()
    object = Store((store,)).path(pointer.oid)
    assert object.stat().st_mode & 0o777 == 0o660
    assert object.parent.stat().st_mode & 0o777 == 0o770
    object.write_bytes(b"two")
    clean(Git(place.path), {id: 3}, store, lambda _: None)
    assert object.read_bytes() == b"one"


def test_a_blob_that_is_not_here_is_damage(new_repo: NewRepo, tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="repo-damaged"):
        clean(Git(new_repo().path), {"a" * 40: 5}, tmp_path / "objects", lambda _: None)


_NO_ROOM = """
import resource, sys
from pathlib import Path
from hfpush.errors import LocalTrouble
from hfpush.repo.filter.store import Store
from hfpush.repo.process import Git
from hfpush.repo.rewrite.clean import clean

blobs = {id: int(size) for id, size in zip(sys.argv[2::2], sys.argv[3::2])}
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    clean(Git(Path(sys.argv[1])), blobs, Path(sys.argv[1]) / "lfs/objects", lambda _: None)
except LocalTrouble as trouble:
    print(trouble.finding.reference)
"""


def test_a_disk_that_refuses_is_a_finding_and_leaves_nothing(new_repo: NewRepo) -> None:
    place = new_repo()
    contents = [b"small", b"x" * 300_000]
    blobs = [(place.git("hash-object", "-w", "--stdin", stdin=content), str(len(content))) for content in contents]
    command = [sys.executable, "-c", _NO_ROOM, str(place.path), *(word for blob in blobs for word in blob)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.strip() == "file-too-large-for-disk", done.stderr
    assert not files_in(place.path / "lfs")
