import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hfpush.commands.fetch_disk import CacheDisk, FolderDisk, check_revision, check_room, disk_of, gather
from hfpush.commands.fetch_report import FetchRequest
from hfpush.disk.content import Content
from hfpush.disk.draft import waiting_bytes
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import LocalTrouble, Misuse
from hfpush.hub.tree import TreeFile
from hfpush.receive.events import Event, Gathering
from hfpush.receive.plan import Plan, Step

REQUEST = FetchRequest(RepoAddress.parse(Endpoint("h", "http://h"), "ada/m"))
COMMIT = "1" * 40
EMPTY = TreeFile("a", 0, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")


def test_cache_is_the_hub_librarys_unless_another_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(disk_of(REQUEST), CacheDisk)
    monkeypatch.chdir(tmp_path)
    disk = disk_of(replace(REQUEST, cache_dir=Path("rel")))
    assert disk.place(COMMIT).folder == tmp_path / "rel" / "models--ada--m" / "snapshots" / COMMIT


def test_folder_is_a_folder_also_below_home(home: Path) -> None:
    disk = disk_of(replace(REQUEST, local_dir=Path("~/here")))
    assert isinstance(disk, FolderDisk)
    assert disk.place(COMMIT).folder == home / "here"


def test_two_places_are_a_misuse(tmp_path: Path) -> None:
    with pytest.raises(Misuse):
        disk_of(replace(REQUEST, local_dir=tmp_path, cache_dir=tmp_path))


def test_room_is_counted_where_the_folder_will_be(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    fits = Plan((Step(Content("a" * 64, 1000), ("a",), "fetch"),))
    check_room(fits, tmp_path / "not" / "there")
    too_much = Plan((Step(Content("a" * 64, free + 10**9), ("a",), "fetch"),))
    with pytest.raises(LocalTrouble) as error:
        check_room(too_much, tmp_path / "not" / "there")
    assert error.value.finding.reference == "disk-full"


@pytest.mark.parametrize("kind", ["cache", "folder"])
def test_what_is_noted_at_the_end_is_known_afterwards(tmp_path: Path, kind: str) -> None:
    disk = disk_of(replace(REQUEST, **{"cache_dir" if kind == "cache" else "local_dir": tmp_path / "x"}))
    assert disk.commit_of("main") is None
    assert disk.finish("main", COMMIT, [EMPTY], complete=False) == ()
    assert disk.tree(COMMIT) is None
    assert disk.finish("main", COMMIT, [EMPTY], complete=True) == ()
    assert disk.tree(COMMIT) == [EMPTY]
    assert disk.commit_of(COMMIT) == COMMIT


def test_cache_takes_every_name_and_a_folder_not_those_of_its_notes(tmp_path: Path) -> None:
    files = [EMPTY, replace(EMPTY, path=".cache/huggingface/x")]
    assert disk_of(replace(REQUEST, cache_dir=tmp_path)).usable(files) == (files, ())
    usable, findings = disk_of(replace(REQUEST, local_dir=tmp_path)).usable(files)
    assert usable == [EMPTY]
    assert [(finding.reference, finding.severity) for finding in findings] == [("path-reserved", "warning")]


@pytest.mark.parametrize("revision", ["../x", "", "a//b", "/x"])
def test_revision_that_is_no_path_is_a_misuse(revision: str) -> None:
    with pytest.raises(Misuse):
        check_revision(revision)


@pytest.mark.parametrize("revision", ["main", "refs/pr/1", COMMIT, "v1.0"])
def test_revision_is_a_name(revision: str) -> None:
    assert check_revision(revision) == revision


@pytest.mark.parametrize("kind", ["cache_dir", "local_dir"])
def test_files_of_one_name_are_refused_one_by_one(tmp_path: Path, kind: str) -> None:
    disk = disk_of(replace(REQUEST, **{kind: tmp_path / "x"}))
    files = [EMPTY, replace(EMPTY, path="a/b"), replace(EMPTY, path="c")]
    assert [one.path for one in disk.refused(files)] == ["a/b"]
    assert not (tmp_path / "x").exists()


def test_a_file_that_a_commit_lacks_is_noted_in_a_cache_only(tmp_path: Path) -> None:
    disk_of(replace(REQUEST, cache_dir=tmp_path / "cache")).remember_absent(COMMIT, ["chat.jinja", "../out"])
    disk_of(replace(REQUEST, local_dir=tmp_path / "folder")).remember_absent(COMMIT, ["chat.jinja"])
    assert [path.name for path in (tmp_path / "cache" / "models--ada--m" / ".no_exist").rglob("*.jinja")]
    assert not (tmp_path / "folder").exists()


def test_gathering_leaves_what_must_come_anyway_alone(tmp_path: Path) -> None:
    place = disk_of(replace(REQUEST, cache_dir=tmp_path)).place(COMMIT)
    data = b"large" * 300_000
    content = Content(hashlib.sha256(data).hexdigest(), len(data))
    other = tmp_path / "models--ada--other" / "blobs" / content.id
    other.parent.mkdir(parents=True)
    other.write_bytes(data)
    gather(Plan((Step(content, ("m",), "fetch"),)), place)
    assert waiting_bytes(place.home("m", content)) == 0
    size, told = place.waiting("m", content), list[Event]()
    gather(Plan((Step(content, ("m",), "resume", have=size, copied=size),)), place, told.append)
    assert told == [Gathering("m", 0, size)]
    assert waiting_bytes(place.home("m", content)) == content.size
