from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hfpush.lfs.pointer import LfsObject, Pointer
from hfpush.repo.content import Contents, corrupt_finding, locate, missing_finding
from hfpush.repo.hash_cache import HashCache
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821


def object_of(content: bytes, *paths: str) -> LfsObject:
    return LfsObject(Pointer(hashlib.sha256(content).hexdigest(), len(content)), paths)


def store(repository: Path, content: bytes, *, as_if: bytes | None = None) -> Path:
    oid = hashlib.sha256(content).hexdigest()
    path = repository / "objects" / oid[:2] / oid[2:4] / oid
    path.parent.mkdir(parents=True)
    path.write_bytes(content if as_if is None else as_if)
    return path


def located(path: Path, *objects: LfsObject, cache: HashCache | None = None) -> Contents:
    return locate(Repository.open(path), objects, cache or HashCache(None))


def test_an_object_in_the_store_is_found_without_hashing(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    file = store(place.path / ".git/lfs", b"weights")
    told: list[int] = []
    one = object_of(b"weights", "w.bin")
    seen = locate(Repository.open(place.path), [one], HashCache(None), progress=told.append)
    found = seen.found[one.pointer.oid]
    assert (found.path, found.size, found.mtime_ns, found.name) == (file, 7, file.stat().st_mtime_ns, "w.bin")
    assert told == []
    assert seen.missing == seen.corrupt == ()


@pytest.mark.parametrize("storage", ["lfs-elsewhere", "{tmp}/shared"])
def test_the_store_may_be_elsewhere(new_repo: NewRepo, tmp_path: Path, storage: str) -> None:
    place = new_repo()
    place.commit()
    storage = storage.format(tmp=tmp_path)
    place.git("config", "lfs.storage", storage)
    file = store(place.path / ".git" / storage, b"1")
    assert [found.path for found in located(place.path, object_of(b"1", "a")).found.values()] == [file]


def test_a_linked_work_tree_shares_the_store(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.commit()
    store(place.path / ".git/lfs", b"1")
    place.git("worktree", "add", "-q", str(tmp_path / "linked"))
    assert located(tmp_path / "linked", object_of(b"1", "a")).missing == ()


def test_a_borrowing_clone_finds_the_lenders_objects(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.commit()
    store(place.path / ".git/lfs", b"1")
    place.git("clone", "-q", "--shared", ".", str(tmp_path / "borrower"))
    assert located(tmp_path / "borrower", object_of(b"1", "a")).missing == ()


def test_a_file_of_the_work_tree_counts_only_with_its_digest(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("same-size", b"xx")
    place.write("right", b"ok")
    place.write("longer", b"okk")
    place.commit()
    one = object_of(b"ok", "longer", "gone", "same-size", "right")
    assert located(place.path, one).found[one.pointer.oid].path == place.path / "right"
    assert located(place.path, object_of(b"no", "same-size", "right")).missing != ()


def test_two_versions_of_one_path_are_told_apart(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("w", b"22")
    place.commit()
    old, new = object_of(b"11", "w"), object_of(b"22", "w")
    seen = located(place.path, old, new)
    assert (set(seen.found), seen.missing) == ({new.pointer.oid}, (old,))


def test_a_second_search_does_not_hash(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("w", b"1" * 3_000_000)
    place.commit()
    one = object_of(b"1" * 3_000_000, "w")
    cache = HashCache(None, clock_ns=lambda: time.time_ns() + 10 * 10**9)
    located(place.path, one, cache=cache)
    told: list[int] = []
    locate(Repository.open(place.path), [one], cache, progress=told.append)
    assert told == [3_000_000]


def test_a_damaged_file_of_the_store_is_told_and_the_work_tree_helps(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("w", b"whole")
    place.commit()
    file = store(place.path / ".git/lfs", b"whole", as_if=b"wh")
    seen = located(place.path, object_of(b"whole", "w"))
    assert [found.path for found in seen.found.values()] == [place.path / "w"]
    assert [(item.path, item.size) for item in seen.corrupt] == [(file, 2)]
    finding = corrupt_finding(seen.corrupt)
    assert finding.reference == "object-corrupt"
    assert "2 bytes instead of 5, for w" in finding.evidence[0]


def test_no_path_leads_out_of_the_work_tree(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.commit()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_bytes(b"1")
    (place.path / "link").symlink_to(tmp_path / "outside")
    (place.path / "file-link").symlink_to(tmp_path / "outside/secret")
    one = object_of(
        b"1", "../outside/secret", "link/secret", "file-link", "a//b", ".git/HEAD", str(tmp_path / "outside")
    )
    assert located(place.path, one).missing == (one,)


def test_a_bare_repository_has_only_its_store(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.commit()
    place.git("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    store(tmp_path / "bare/lfs", b"1")
    one, other = object_of(b"1", "a"), object_of(b"2", "HEAD")
    seen = located(tmp_path / "bare", one, other)
    assert (list(seen.found), seen.missing) == ([one.pointer.oid], (other,))


def test_missing_objects_are_told_with_path_oid_and_a_way_to_get_them() -> None:
    many = [object_of(b"%d" % number, f"f\n{number}") for number in range(25)]
    finding = missing_finding(many)
    assert finding.reference == "object-missing"
    assert many[0].pointer.oid in finding.evidence[0]
    assert "\n" not in finding.evidence[0]
    assert finding.evidence[-1] == "and 5 more"
    assert "git lfs fetch --all" in finding.remedy[0]
