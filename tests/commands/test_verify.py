"""What a verify finds in a cache and in a folder, and what it does not take for a fault."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.fetched import BIG, Fetched, fetched, states

from hfpush.errors import Misuse, NotFound
from hfpush.hub.tree_cache import read_tree


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Fetched]:
    with fetched(tmp_path) as made:
        yield made


def references(report: object) -> set[str]:
    return {finding.reference for repo in report.repos for finding in repo.findings}  # type: ignore[attr-defined]


def test_what_was_fetched_is_well_and_each_blob_is_read_once(room: Fetched) -> None:
    report = room.verify()
    assert report.clean
    assert references(report) == set()
    assert report.read == len(list((room.repo_folder / "blobs").iterdir()))
    assert report.bytes < 2 * len(BIG)


def test_one_flipped_byte_is_found_without_the_hub(room: Fetched) -> None:
    shutil.rmtree(room.repo_folder / "trees")
    blob = (room.snapshot / "model.safetensors").resolve()
    blob.write_bytes(BIG[:1000] + bytes([BIG[1000] ^ 1]) + BIG[1001:])
    report = room.verify({"HF_HUB_OFFLINE": "1"})
    assert states(report) == {"model.safetensors": "damaged", "deep/again.safetensors": "damaged"}
    assert references(report) == {"file-damaged"}


def test_what_the_library_downloaded_is_verified_without_a_list(room: Fetched) -> None:
    hub = pytest.importorskip("huggingface_hub")
    shutil.rmtree(room.cache)
    hub.hf_hub_download("ada/model", "config.json", cache_dir=room.cache, endpoint=room.hub.url, token=room.hub.token)
    report = room.verify()
    assert (report.clean, report.read, references(report)) == (True, 1, set())
    named = room.verify(repo=room.address())
    assert (named.clean, references(named)) == (True, {"snapshot-partial"})


def test_files_that_were_all_there_once_are_missed(room: Fetched) -> None:
    (room.snapshot / "config.json").unlink()
    (room.snapshot / "deep/notes.txt").resolve().unlink()
    assert states(room.verify()) == {"config.json": "missing", "deep/notes.txt": "missing"}


def test_links_that_lead_elsewhere_are_found(room: Fetched) -> None:
    blobs = room.repo_folder / "blobs"
    other = (room.snapshot / "deep/notes.txt").resolve().name
    for path, target in (("config.json", f"../../blobs/{other}"), ("empty.txt", "/etc/hostname")):
        (room.snapshot / path).unlink()
        os.symlink(target, room.snapshot / path)
    assert (blobs / other).is_file()
    assert states(room.verify()) == {"config.json": "misplaced", "empty.txt": "misplaced"}


def test_a_pipe_holds_nobody_up(room: Fetched) -> None:
    blob = (room.snapshot / "config.json").resolve()
    blob.unlink()
    for path in (blob, room.snapshot / "pipe", room.repo_folder / "refs/pipe", room.repo_folder / "blobs/strange"):
        os.mkfifo(path)
    tree = room.repo_folder / "trees" / f"{'1' * 40}.json"
    os.mkfifo(tree)
    (room.repo_folder / "snapshots" / ("1" * 40)).mkdir()
    report = room.verify({"HF_HUB_OFFLINE": "1"})
    assert states(report) == {"config.json": "misplaced", "blobs/strange": "misplaced"}
    assert "file-unlisted" in references(report)


def test_a_blob_with_another_etag_is_judged_by_the_list_or_not_at_all(room: Fetched) -> None:
    pointer = room.snapshot / "config.json"
    pointer.resolve().rename(room.repo_folder / "blobs/etag-of-a-mirror")
    pointer.unlink()
    os.symlink("../../blobs/etag-of-a-mirror", pointer)
    assert room.verify().clean
    shutil.rmtree(room.repo_folder / "trees")
    report = room.verify({"HF_HUB_OFFLINE": "1"})
    assert (report.clean, references(report)) == (True, {"file-unjudged"})
    (room.repo_folder / "blobs/etag-of-a-mirror").write_bytes(b'{"layers": 3}\n')
    assert states(room.verify()) == {"config.json": "damaged"}  # the Hub has the list


def test_plain_files_in_a_snapshot_are_judged_by_the_list(room: Fetched) -> None:
    for name in ("config.json", "model.safetensors"):
        content = (room.snapshot / name).read_bytes()
        (room.snapshot / name).unlink()
        (room.snapshot / name).write_bytes(content)
    assert room.verify().clean
    (room.snapshot / "config.json").write_bytes(b'{"layers": 3}\n')
    assert states(room.verify()) == {"config.json": "damaged"}


def test_shared_blobs_are_read_once_through_two_links(room: Fetched) -> None:
    store = room.cache / "blobs/ab"
    store.mkdir(parents=True)
    (room.cache / "blobs/.huggingface-shared-blobs").write_text("1\n")
    blob = (room.snapshot / "model.safetensors").resolve()
    payload = store / ("ab" + "0" * 62)
    blob.rename(payload)
    os.symlink(f"../../blobs/ab/{payload.name}", blob)
    shutil.copytree(room.repo_folder, room.cache / "models--ada--other", symlinks=True)
    report = room.verify()
    assert report.clean
    assert report.bytes < 2 * len(BIG)
    payload.write_bytes(b"x" * len(BIG))
    assert len(room.verify().wrong) == 4


def test_a_blob_that_its_owner_moved_to_another_disk_is_well(room: Fetched) -> None:
    blob = (room.snapshot / "model.safetensors").resolve()
    blob.rename(room.root / "elsewhere")
    os.symlink(room.root / "elsewhere", blob)
    assert room.verify().clean


def test_what_is_no_fault_is_told_and_no_fault(room: Fetched) -> None:
    (room.snapshot / "mine.txt").write_text("mine")
    (room.repo_folder / ".no_exist" / room.commit).mkdir(parents=True)
    (room.repo_folder / ".no_exist" / room.commit / "gone.txt").touch()
    (room.repo_folder / "refs/old").write_text("1" * 40)
    (room.repo_folder / "blobs" / f"{'2' * 64}.incomplete").write_bytes(b"x" * 5000)
    report = room.verify()
    assert report.clean
    assert references(report) == {"file-unlisted", "ref-dangling", "drafts-left"}
    assert 0 < report.repos[0].drafts <= 5000


def test_a_revision_narrows_it_down_to_one_snapshot(room: Fetched) -> None:
    spare = room.repo_folder / "blobs" / ("3" * 64)
    spare.write_bytes(b"not that")
    assert states(room.verify()) == {f"blobs/{spare.name}": "damaged"}
    assert room.verify(repo=room.address(), revision="main").clean
    assert room.verify(repo=room.address(), revision=room.commit).clean
    with pytest.raises(NotFound, match="not-on-disk"):
        room.verify(repo=room.address(), revision="other")


def test_without_the_hub_the_rest_is_judged_all_the_same(room: Fetched) -> None:
    shutil.rmtree(room.repo_folder / "trees")
    report = room.verify({"HF_ENDPOINT": "http://127.0.0.1:9", "HFPUSH_CONNECT_SECONDS": "1"}, repo=room.address())
    assert (report.clean, references(report)) == (True, {"list-unknown"})


def test_two_places_at_once_are_refused(room: Fetched) -> None:
    with pytest.raises(Misuse, match="two-places"):
        room.verify(cache_dir=room.cache, local_dir=room.folder)


def test_an_empty_cache_is_well_and_a_repository_that_is_not_there_is_not(room: Fetched) -> None:
    shutil.rmtree(room.cache)
    assert room.verify().clean
    with pytest.raises(NotFound, match="not-on-disk"):
        room.verify(repo=room.address())


# ------------------------------------------------------------------ a folder


def test_a_folder_is_verified_by_its_list_and_by_its_notes(room: Fetched) -> None:
    room.fetch(local_dir=room.folder)
    (room.folder / "mine.txt").write_text("mine")
    assert read_tree(room.folder / ".cache/huggingface", room.commit) is not None
    for _ in range(2):
        report = room.verify({"HF_HUB_OFFLINE": "1"}, local_dir=room.folder)
        assert (report.clean, report.read) == (True, 6)
        shutil.rmtree(room.folder / ".cache/huggingface/trees", ignore_errors=True)
    (room.folder / "config.json").write_bytes(b'{"layers": 3}\n')
    (room.folder / "model.safetensors").write_bytes(BIG[:-1] + b"x")
    (room.folder / "empty.txt").unlink()
    report = room.verify({"HF_HUB_OFFLINE": "1"}, local_dir=room.folder)
    assert states(report) == {"config.json": "damaged", "model.safetensors": "damaged", "empty.txt": "missing"}


def test_a_later_edit_is_told_as_one(room: Fetched) -> None:
    room.fetch("config.json", local_dir=room.folder)
    (room.folder / "config.json").write_text("{}")
    os.utime(room.folder / "config.json", (2e9, 2e9))
    report = room.verify(local_dir=room.folder)
    assert [one.edited for one in report.wrong] == [True]
    assert "changed after it came" in str(report.repos[0].findings)


def test_a_folder_without_notes_is_compared_with_the_hub_list(room: Fetched) -> None:
    room.fetch(local_dir=room.folder)
    shutil.rmtree(room.folder / ".cache")
    with pytest.raises(NotFound, match="not-on-disk"):
        room.verify(local_dir=room.folder)
    assert room.verify(local_dir=room.folder, repo=room.address()).read == 6
    with pytest.raises(Misuse, match="verify-needs-repo"):
        room.verify(local_dir=room.fetch("config.json", local_dir=room.folder).folder, revision="main")
