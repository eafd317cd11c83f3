"""What lies in a cache is seen as it is, and not followed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from hfpush.commands.verify_cache import cached_repos, repo_of, survey
from hfpush.errors import LocalTrouble

COMMIT, OTHER = "1" * 40, "2" * 40
OID = "a" * 64


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("models--ada--model", ("model", "ada/model")),
        ("models--gpt2", ("model", "gpt2")),
        ("datasets--ada--x", ("dataset", "ada/x")),
        ("spaces--ada--x", ("space", "ada/x")),
        ("models--a--b--c", None),
        ("models--", None),
        ("blobs", None),
        (".locks", None),
        ("kernels--ada--x", None),
    ],
)
def test_a_folder_is_called_after_its_repository(name: str, found: object) -> None:
    assert repo_of(name) == found


def test_the_repositories_of_a_cache_are_found(tmp_path: Path) -> None:
    assert cached_repos(tmp_path / "none") == []
    for name in ("models--ada--b", "datasets--ada--a", ".locks", "blobs"):
        (tmp_path / name).mkdir()
    (tmp_path / "models--a-file").touch()
    assert [path.name for path in cached_repos(tmp_path)] == ["datasets--ada--a", "models--ada--b"]
    with pytest.raises(LocalTrouble):
        cached_repos(tmp_path / "models--a-file")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models--ada--model"
    for part in ("blobs", "refs/pr", f"snapshots/{COMMIT}/deep", f"snapshots/{OTHER}", ".hfpush"):
        (folder / part).mkdir(parents=True)
    (folder / "blobs" / OID).write_bytes(b"abc")
    (folder / "refs/main").write_text(COMMIT)
    (folder / "refs/pr/1").write_text(f"{OTHER}\n")
    (folder / "refs/odd").write_text("no commit")
    return folder


def test_links_files_and_other_things_are_told_apart(folder: Path) -> None:
    at = folder / "snapshots" / COMMIT
    os.symlink(f"../../blobs/{OID}", at / "link")
    os.symlink(f"../../../blobs/{OID}", at / "deep/link")
    os.symlink(folder / "blobs" / OID, at / "absolute")
    os.symlink("../../blobs/gone", at / "broken")
    os.symlink("../../blobs/..", at / "up")
    os.symlink("/", at / "root")
    (at / "plain").write_bytes(b"plain")
    os.mkfifo(at / "pipe")
    entries = survey(folder).snapshots[COMMIT]
    assert {path: entry.blob for path, entry in entries.items() if entry.kind == "link"} == {
        "link": OID,
        "deep/link": OID,
        "absolute": OID,
        "broken": "gone",
    }
    assert (entries["plain"].kind, entries["plain"].size) == ("plain", 5)
    assert {path for path, entry in entries.items() if entry.kind == "odd"} == {"up", "root", "pipe"}
    assert entries["pipe"].seen == "it is a pipe"


def test_a_cache_and_its_parts_may_be_links_themselves(folder: Path, tmp_path: Path) -> None:
    os.symlink(f"../../blobs/{OID}", folder / "snapshots" / COMMIT / "link")
    (folder / "blobs").rename(tmp_path / "far")
    os.symlink(tmp_path / "far", folder / "blobs")
    (tmp_path / "cache").mkdir()
    os.symlink(folder, tmp_path / "cache" / folder.name)
    found = survey(tmp_path / "cache" / folder.name)
    assert found.snapshots[COMMIT]["link"].blob == OID
    assert (found.blobs[OID].size, found.type, found.id) == (3, "model", "ada/model")


def test_blobs_behind_links_are_their_files_and_what_is_none_is_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "far").write_bytes(b"far away")
    os.symlink(tmp_path / "far", folder / "blobs/far")
    os.symlink("nothing", folder / "blobs/broken")
    os.mkfifo(folder / "blobs/pipe")
    (folder / "blobs/folder").mkdir()
    blobs = survey(folder).blobs
    assert (blobs["far"].size, blobs["far"].where, blobs["far"].seen) == (8, tmp_path / "far", "")
    assert blobs["broken"].seen == "it is a link to nothing"
    assert blobs["pipe"].seen == "it is a pipe"
    assert "folder" not in blobs


def test_what_was_on_its_way_into_place_long_ago_is_left_over(folder: Path) -> None:
    for name, age in (("old", 100_000), ("new", 10)):
        aside = folder / ".hfpush" / f"{name}.hfpush-new"
        aside.write_bytes(b"x")
        os.utime(aside, (time.time() - age,) * 2)
    assert sorted(survey(folder).drafts) == [".hfpush/old.hfpush-new"]


def test_refs_drafts_and_one_commit(folder: Path) -> None:
    (folder / ".hfpush" / f"{OID}.hfpush-draft").write_bytes(b"x" * 10)
    (folder / "blobs" / f"{OID}.12345678.incomplete").write_bytes(b"y" * 20)
    found = survey(folder, OTHER)
    assert found.refs == {"main": COMMIT, "pr/1": OTHER}
    assert sorted(found.drafts) == [f".hfpush/{OID}.hfpush-draft", f"blobs/{OID}.12345678.incomplete"]
    assert list(found.snapshots) == [OTHER]
    assert f"{OID}.12345678.incomplete" not in found.blobs
