from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hfpush.errors import LocalTrouble, SourceChanged
from hfpush.lfs.pointer import Pointer
from hfpush.repo.hash_cache import HashCache
from hfpush.repo.index_file import write_index
from hfpush.repo.listing import Entry
from hfpush.repo.process import Git
from hfpush.repo.snapshot import Blob, blob_id, blobs_of, read_entry, store, trees

NewRepo = Callable[..., "Place"]  # noqa: F821


def entries(folder: Path, *names: str) -> dict[str, Entry]:
    return {name: Entry(name, (folder / name).lstat()) for name in names}


def blobs(folder: Path, *names: str, lfs: tuple[str, ...] = ()) -> list[Blob]:
    return blobs_of(folder, entries(folder, *names), lfs, HashCache(None), None)


def test_ids_are_those_of_git_and_large_files_become_pointers(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("t", b"text\r\n")
    place.write("w", b"weights")
    (place.path / "l").symlink_to("t")
    text, weights, link = blobs(place.path, "t", "w", "l", lfs=("w",))
    assert text.id == place.git("hash-object", "--no-filters", "t")
    assert link.id == place.git("hash-object", "--stdin", stdin=b"t")
    assert (text.pointer, weights.pointer) == (None, Pointer(hashlib.sha256(b"weights").hexdigest(), 7))
    assert weights.id == blob_id(weights.pointer.encode())  # type: ignore[union-attr]


def test_a_file_that_is_a_pointer_already_stays_one(new_repo: NewRepo) -> None:
    place = new_repo()
    pointer = Pointer("ab" * 32, 10**9)
    place.write("w", pointer.encode().replace(b"\n", b"\r\n"))
    (blob,) = blobs(place.path, "w", lfs=("w",))
    assert (blob.pointer, blob.id) == (pointer, blob_id((place.path / "w").read_bytes()))


def test_objects_are_stored_once_and_the_index_describes_them(new_repo: NewRepo) -> None:
    place = new_repo()
    for name in ("a", "d/b", "d-c", "d.e", "ü"):
        place.write(name, name.encode())
    (place.path / "a").chmod(0o755)
    place.write("w.bin", b"\0" * 1000)
    git = Git(place.path, place.path / ".git", place.path)
    made = blobs(place.path, "w.bin", "ü", "d/b", "d-c", "d.e", "a", lfs=("w.bin",))
    index = place.path / ".git/index"
    write_index(index, [blob.indexed for blob in made])
    tree, tree_objects = trees(made)
    store(git, place.path, made, tree_objects)
    before = place.git("count-objects", "-v")
    store(git, place.path, made, tree_objects)
    assert place.git("count-objects", "-v") == before
    assert place.git("status", "--porcelain").replace("A  ", "").splitlines() == place.git("ls-files").splitlines()
    assert place.git("ls-tree", tree, "a").startswith("100755 blob")
    assert place.git("ls-tree", tree, "d.e").startswith("100644 blob")
    assert place.git("cat-file", "blob", f"{tree}:d/b") == "d/b"
    place.git("fsck", "--strict")


@pytest.mark.parametrize("change", ["grown", "touched", "gone", "link"])
def test_a_file_that_is_not_what_it_was_is_told(tmp_path: Path, change: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"1")
    listed = entries(tmp_path, "f")
    if change == "touched":
        os.utime(path, ns=(1, 1))
    else:
        path.unlink()
    if change == "grown":
        path.write_bytes(b"12")
    elif change == "link":
        path.symlink_to("/etc/hostname")
    kind = LocalTrouble if change == "link" else SourceChanged
    for lfs in ((), ("f",)):
        with pytest.raises(kind):
            blobs_of(tmp_path, listed, lfs, HashCache(None), None)
    with pytest.raises(kind):
        read_entry(tmp_path, listed["f"])
