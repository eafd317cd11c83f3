"""Whole fetches, from a local Hub to a disk, and what huggingface_hub then finds there."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from support.slowly import mostly_slow

from hfpush import localhub
from hfpush.commands.fetch import fetch
from hfpush.commands.fetch_report import FetchRequest
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Damaged, LocalTrouble, Misuse, NotFound, Refused, Unavailable
from hfpush.localhub import LocalHub
from hfpush.localhub.gitcmd import git_text
from hfpush.localhub.gitcommit import Change, commit
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.receive.events import Bytes, Event, FileDone, FileStarted, Planned

REPO = "ada/model"
BIG = random.Random(1).randbytes(700_001)
OTHER = random.Random(2).randbytes(300_000)
PLAIN = {
    "README.md": b"# A model\n",
    "config.json": b'{"layers": 2}\n',
    "empty.txt": b"",
    "code/a b/müller.py": b"print(1)\n" * 30_000,
    "code/copy.json": b'{"layers": 2}\n',
}
LARGE = {"model.safetensors": BIG, "deep/er/other.bin": OTHER, "deep/model-again.safetensors": BIG}
ALL = PLAIN | LARGE


def add(hub: LocalHub, files: dict[str, bytes], *, large: dict[str, bytes] | None = None) -> str:
    """A commit with these files on top of main; the id of it."""
    repo = hub.repos.get(localhub_key(hub))
    changes = [Change(path, content) for path, content in files.items()]
    for path, content in (large or {}).items():
        oid = hub.objects.add_bytes(content)
        hub.objects.grant(repo.record.uid, oid)
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"
        changes.append(Change(path, pointer.encode()))
    parent = git_text(repo.path, "rev-parse", "refs/heads/main")
    return commit(repo.path, changes, message="more", author="ada", when=time.time(), parent=parent)


def localhub_key(hub: LocalHub) -> object:
    return next(repo.key for repo in hub.repos.list("models") if repo.key.id == REPO)


@dataclass
class Room:
    """A Hub with a repository, and a cache of our own."""

    hub: LocalHub
    commit: str
    cache: Path

    def request(self, *files: str, **more: object) -> FetchRequest:
        address = RepoAddress.parse(Endpoint("hub", self.hub.url), REPO)
        fields: dict[str, object] = {
            "cache_dir": self.cache,
            "token": self.hub.token,
            "network": Network(Patience(5, 5, 5)),
        }
        return replace(FetchRequest(address, files=files), **{**fields, **more})

    @property
    def folder(self) -> Path:
        return self.cache / "models--ada--model"

    def got(self) -> dict[str, int]:
        """How many body bytes the Hub handed out for file contents."""
        return {op: self.hub.seen.bytes_out(op) for op in ("get", "resolve")}


@pytest.fixture(params=[False, True], ids=["direct", "redirected"])
def redirect(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    yield from open_room(tmp_path)


@pytest.fixture
def both_rooms(tmp_path: Path, redirect: bool) -> Iterator[Room]:
    yield from open_room(tmp_path, redirect_lfs=redirect)


@pytest.fixture
def shared_room() -> Iterator[Room]:
    """A room whose cache other users can reach: not below pytest's own folder, which it keeps to itself."""
    with tempfile.TemporaryDirectory(prefix="hfpush-shared-") as folder:
        Path(folder).chmod(0o755)
        yield from open_room(Path(folder))


def open_room(tmp_path: Path, **config: object) -> Iterator[Room]:
    with LocalHub(root=tmp_path / "hub", page_size=3, **config) as hub:
        hub.create(REPO)
        yield Room(hub, add(hub, PLAIN, large=LARGE), tmp_path / "cache")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder that a repository could have."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and ".cache" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def expected(*names: str) -> dict[str, bytes]:
    return {path: content for path, content in ALL.items() if not names or path in names}


def drafts(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.hfpush-draft"))


def hub_python(room: Room, script: str, *, offline: bool = True) -> str:
    """What a script prints in a process of its own, where huggingface_hub uses our cache."""
    env = {**os.environ, "HF_HUB_CACHE": str(room.cache), "HF_HUB_DISABLE_XET": "1", "HF_ENDPOINT": room.hub.url}
    env |= {"HF_HUB_OFFLINE": "1" if offline else "0", "HF_TOKEN": room.hub.token, "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def without_attributes(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if path != ".gitattributes"}


# ------------------------------------------------------------------ into the cache


def test_everything_comes_and_is_what_was_put_there(both_rooms: Room) -> None:
    report = fetch(both_rooms.request())
    assert report.commit == both_rooms.commit
    assert report.folder == both_rooms.folder / "snapshots" / both_rooms.commit
    assert without_attributes(contents(report.folder)) == ALL
    assert {file.how for file in report.files} == {"fetched"}
    assert report.bytes_kept == 0
    assert not drafts(both_rooms.cache)
    assert (both_rooms.folder / "refs" / "main").read_text() == both_rooms.commit
    for path in report.folder.rglob("*"):
        assert path.is_dir() or (path.is_symlink() and not os.readlink(path).startswith("/"))


def test_equal_files_come_once(room: Room) -> None:
    report = fetch(room.request("model.safetensors", "deep/model-again.safetensors"))
    assert report.bytes_wire == len(BIG) == room.got()["get"]


def test_second_run_asks_for_no_byte_and_a_commit_not_even_for_a_word(room: Room) -> None:
    fetch(room.request())
    room.hub.seen.clear()
    report = fetch(room.request())
    assert {file.how for file in report.files} == {"kept"}
    distinct = {*ALL.values(), (room.folder / "snapshots" / room.commit / ".gitattributes").read_bytes()}
    assert (report.bytes_wire, report.bytes_kept) == (0, sum(map(len, distinct)))
    assert {row.op for row in room.hub.seen.rows()} == {"info"}
    room.hub.seen.clear()
    fetch(room.request(revision=room.commit))
    assert not room.hub.seen.rows()


def test_new_commit_brings_only_what_is_new(room: Room) -> None:
    fetch(room.request())
    room.hub.seen.clear()
    newer = add(room.hub, {"config.json": b"{}\n", "moved.py": PLAIN["code/copy.json"]})
    report = fetch(room.request())
    assert report.commit == newer
    assert report.bytes_wire == 3
    assert contents(report.folder)["moved.py"] == PLAIN["code/copy.json"]
    assert room.got()["get"] == 0


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["config.json"], ["config.json"]),
        (["*.json"], ["code/copy.json", "config.json"]),
        (["code"], ["code/a b/müller.py", "code/copy.json"]),
        (["code/", "empty.txt"], ["code/a b/müller.py", "code/copy.json", "empty.txt"]),
        (["deep/er/*"], ["deep/er/other.bin"]),
    ],
)
def test_names_folders_and_patterns_choose(room: Room, names: list[str], found: list[str]) -> None:
    report = fetch(room.request(*names))
    assert [file.path for file in report.files] == found
    assert contents(report.folder) == expected(*found)
    assert not (room.folder / "trees").exists()


def test_name_that_matches_nothing_is_told_with_the_nearest(room: Room) -> None:
    with pytest.raises(NotFound) as error:
        fetch(room.request("config.jsn"))
    assert error.value.finding.reference == "file-not-found"
    assert "config.json" in error.value.finding.evidence[0]
    assert (room.folder / ".no_exist" / room.commit / "config.jsn").is_file()
    assert not (room.folder / "snapshots").exists()


def test_branch_with_slashes_and_a_missing_revision(room: Room) -> None:
    git_text(room.hub.repos.get(localhub_key(room.hub)).path, "update-ref", "refs/heads/a/b", room.commit)
    fetch(room.request("config.json", revision="a/b"))
    assert (room.folder / "refs" / "a" / "b").read_text() == room.commit
    with pytest.raises(NotFound) as error:
        fetch(room.request(revision="nowhere"))
    assert error.value.finding.reference == "revision-not-found"


@pytest.mark.parametrize("revision", ["../../x", "/etc", "a/../b"])
def test_revision_that_would_leave_the_cache_is_refused(room: Room, revision: str) -> None:
    with pytest.raises(Misuse):
        fetch(room.request(revision=revision))


def test_events_tell_the_whole_story(room: Room) -> None:
    events: list[Event] = []
    report = fetch(room.request(), observer=events.append)
    assert isinstance(events[0], Planned)
    assert events[0].files == len(report.files)
    assert sum(event.count for event in events if isinstance(event, Bytes)) == report.bytes_wire == events[0].to_come
    assert {event.path for event in events if isinstance(event, FileDone)} == {file.path for file in report.files}
    assert sorted(event.size for event in events if isinstance(event, FileStarted))[-2:] == [len(OTHER), len(BIG)]


def test_a_limit_holds(room: Room) -> None:
    began = time.monotonic()
    fetch(room.request("model.safetensors", limit=1_000_000))
    assert time.monotonic() - began > 0.3


def test_report_is_plain_json(room: Room) -> None:
    data = json.loads(json.dumps(fetch(room.request("config.json")).as_json()))
    assert data["files"] == [{"path": "config.json", "size": 14, "how": "fetched"}]
    assert data["commit"] == room.commit


def test_token_is_in_no_repr(room: Room) -> None:
    assert room.hub.token not in repr(room.request())


# ------------------------------------------------------------------ what huggingface_hub finds


def test_hub_library_finds_the_whole_snapshot_offline(room: Room) -> None:
    report = fetch(room.request())
    script = f"from huggingface_hub import snapshot_download as s; print(s({REPO!r}, local_files_only=True))"
    assert hub_python(room, script) == str(report.folder)
    script = f"from huggingface_hub import hf_hub_download as d; print(d({REPO!r}, 'deep/er/other.bin'))"
    assert hub_python(room, script) == str(report.folder / "deep/er/other.bin")


def test_hub_library_finds_single_files_offline_and_has_no_word_of_the_rest(room: Room) -> None:
    report = fetch(room.request("config.json"))
    script = f"from huggingface_hub import snapshot_download as s; print(s({REPO!r}, local_files_only=True))"
    assert hub_python(room, script) == str(report.folder)


def test_hub_library_downloads_no_byte_again(room: Room) -> None:
    fetch(room.request())
    room.hub.seen.clear()
    hub_python(room, f"from huggingface_hub import snapshot_download as s; s({REPO!r})", offline=False)
    assert room.got() == {"get": 0, "resolve": 0}


def test_hub_library_scans_the_cache_without_a_warning(room: Room) -> None:
    fetch(room.request())
    room.hub.faults.add(localhub.drop_after(bytes=1000, on="get", times=None))
    add(room.hub, {}, large={"model.safetensors": OTHER[::-1]})
    with pytest.raises(Unavailable):
        fetch(room.request(attempts=1))
    assert drafts(room.cache)
    script = (
        "from huggingface_hub import scan_cache_dir as s; i = s(); print([str(w) for w in i.warnings], len(i.repos))"
    )
    assert hub_python(room, script) == "[] 1"


def test_what_the_hub_library_downloaded_is_kept(room: Room) -> None:
    hub_python(room, f"from huggingface_hub import snapshot_download as s; s({REPO!r})", offline=False)
    room.hub.seen.clear()
    report = fetch(room.request())
    assert {file.how for file in report.files} == {"kept"}
    assert room.got() == {"get": 0, "resolve": 0}


def test_hub_library_finds_a_folder_complete(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    fetch(room.request(cache_dir=None, local_dir=folder))
    room.hub.seen.clear()
    call = "from huggingface_hub import snapshot_download as s; print(s({!r}, revision={!r}, local_dir={!r}))"
    assert hub_python(room, call.format(REPO, None, str(folder)), offline=False) == str(folder)
    assert room.got() == {"get": 0, "resolve": 0}
    assert hub_python(room, call.format(REPO, room.commit, str(folder))) == str(folder)


def test_hub_command_line_finds_everything_offline(room: Room) -> None:
    report = fetch(room.request())
    program = shutil.which("hf", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if program is None:
        pytest.skip("this huggingface_hub has no command of that name")
    env = {**os.environ, "HF_HUB_CACHE": str(room.cache), "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}
    done = subprocess.run([program, "download", REPO], env=env, capture_output=True, text=True, timeout=60)
    assert str(report.folder) in done.stdout, done.stderr


# ------------------------------------------------------------------ into a folder


def test_folder_gets_plain_files_and_the_notes(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    report = fetch(room.request(cache_dir=None, local_dir=folder))
    assert report.folder == folder
    assert without_attributes(contents(folder)) == ALL
    assert not any(path.is_symlink() for path in folder.rglob("*"))
    note = (folder / ".cache/huggingface/download/config.json.metadata").read_text().split("\n")
    assert note[0] == room.commit
    assert len(note[1]) == 40
    assert (folder / ".cache/huggingface/.gitignore").read_text() == "*"
    assert report.bytes_wire == sum(map(len, set(contents(folder).values())))


def test_folder_is_checked_by_digest_where_no_note_is(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    (folder / "deep/er").mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(BIG)
    (folder / "deep/er/other.bin").write_bytes(OTHER[:-1] + b"?")
    (folder / "config.json").write_bytes(PLAIN["config.json"])
    report = fetch(room.request(cache_dir=None, local_dir=folder))
    how = {file.path: file.how for file in report.files}
    assert (how["model.safetensors"], how["config.json"], how["deep/er/other.bin"]) == ("kept", "kept", "fetched")
    assert without_attributes(contents(folder)) == ALL
    assert room.got()["get"] == len(OTHER)


def test_changed_file_is_fetched_again(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    fetch(room.request(cache_dir=None, local_dir=folder))
    changed = folder / "config.json"
    changed.write_bytes(b'{"layers": 3}\n')
    os.utime(changed, (time.time() + 60, time.time() + 60))
    fetch(room.request(cache_dir=None, local_dir=folder))
    assert without_attributes(contents(folder)) == ALL


def test_files_named_like_notes_are_left_out_of_a_folder(room: Room, tmp_path: Path) -> None:
    add(room.hub, {".cache/huggingface/.gitignore": b"hostile", ".CACHE/HuggingFace/x": b"y"})
    folder = tmp_path / "here"
    report = fetch(room.request(cache_dir=None, local_dir=folder))
    assert [finding.reference for finding in report.findings] == ["path-reserved"]
    assert (folder / ".cache/huggingface/.gitignore").read_text() == "*"
    assert fetch(room.request()).findings == ()


def test_folder_that_is_a_file_is_told(room: Room, tmp_path: Path) -> None:
    (tmp_path / "here").write_text("mine")
    with pytest.raises(LocalTrouble) as error:
        fetch(room.request(cache_dir=None, local_dir=tmp_path / "here"))
    assert error.value.finding.reference == "not-a-folder"
    assert (tmp_path / "here").read_text() == "mine"


def test_cache_and_folder_at_once_is_a_misuse(room: Room, tmp_path: Path) -> None:
    with pytest.raises(Misuse):
        fetch(room.request(local_dir=tmp_path / "here"))


# ------------------------------------------------------------------ without the Hub


def test_offline_serves_what_is_here_and_names_what_is_not(room: Room) -> None:
    with pytest.raises(NotFound) as error:
        fetch(room.request(offline=True))
    assert error.value.finding.reference == "not-on-disk"
    fetch(room.request("config.json", "empty.txt"))
    room.hub.seen.clear()
    report = fetch(room.request("config.json", offline=True))
    assert [file.path for file in report.files] == ["config.json"]
    with pytest.raises(NotFound) as error:
        fetch(room.request("config.json", "README.md", offline=True))
    assert "README.md" in str(error.value.finding.evidence)
    assert [note.reference for note in fetch(room.request(offline=True)).findings] == ["completeness-unknown"]
    assert not room.hub.seen.rows()


def test_offline_knows_a_complete_snapshot_and_misses_a_removed_file(room: Room) -> None:
    report = fetch(room.request())
    assert fetch(room.request(offline=True)).findings == ()
    (report.folder / "config.json").unlink()
    kept = fetch(room.request(offline=True))  # its bytes are still among the blobs
    assert (kept.folder / "config.json").read_bytes() == PLAIN["config.json"]
    blob = (report.folder / "model.safetensors").resolve()
    blob.unlink()
    with pytest.raises(NotFound) as error:
        fetch(room.request(offline=True))
    assert "model.safetensors" in str(error.value.finding.evidence)


def test_offline_folder(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    fetch(room.request(cache_dir=None, local_dir=folder))
    report = fetch(room.request(cache_dir=None, local_dir=folder, offline=True))
    assert report.commit == room.commit
    (folder / "config.json").unlink()
    (folder / "code/copy.json").unlink()
    with pytest.raises(NotFound):
        fetch(room.request(cache_dir=None, local_dir=folder, offline=True))


@pytest.mark.parametrize("code", [503, 429])
def test_unreachable_hub_is_replaced_by_a_complete_cache_with_a_note(room: Room, code: int) -> None:
    fetch(room.request())
    room.hub.faults.add(localhub.status(code, on="info", times=None, retry_after=0))
    report = fetch(room.request())
    assert [note.reference for note in report.findings] == ["hub-not-asked"]
    assert report.findings[0].severity == "note"
    with pytest.raises(Unavailable):
        fetch(room.request(cache_dir=room.cache / "elsewhere", attempts=2))


def test_refusal_is_not_papered_over_by_the_cache(room: Room) -> None:
    fetch(room.request())
    with pytest.raises(Refused):
        fetch(room.request(token="hf_wrongwrongwrong"))


def test_read_only_complete_cache_is_used_as_it_is(shared_room: Room) -> None:
    fetch(shared_room.request())
    (shared_room.folder / "trees" / f"{shared_room.commit}.json").unlink()
    before = sorted(shared_room.cache.rglob("*"))
    out, err = start(shared_room, before=as_user(65534)).communicate(timeout=60)
    assert out.split() == ["0", "place-read-only"], err
    assert sorted(shared_room.cache.rglob("*")) == before


# ------------------------------------------------------------------ a bad line, a bad server

LINE_FAULTS: dict[str, Callable[[], localhub.Fault]] = {
    "cut": lambda: localhub.drop_after(bytes=300_000, on="get", times=2),
    "cut at once": lambda: localhub.drop_after(bytes=0, on="get"),
    "short": lambda: localhub.truncate(bytes=250_000, on="get", times=2),
    "corrupt": lambda: localhub.corrupt(on="get"),
    "corrupt small": lambda: localhub.corrupt(on="resolve"),
    "503": lambda: localhub.status(503, on="get", times=2),
    "429": lambda: localhub.status(429, on="resolve", times=2, retry_after=0),
    "500 small": lambda: localhub.status(500, on="resolve", times=2),
    "cut small": lambda: localhub.drop_after(bytes=100_000, on="resolve"),
    "page": lambda: localhub.html(on="get", status=200),
    "page small": lambda: localhub.html(on="resolve", status=200),
    "no answer": lambda: localhub.lost_answer(on="get"),
    "no answer small": lambda: localhub.lost_answer(on="resolve", times=2),
    "expired": lambda: localhub.status(403, on="get"),
    "no commit": lambda: localhub.no_commit_header(),
    "bad json": lambda: localhub.bad_json(on="get"),
    "slow tree": lambda: localhub.status(502, on="tree", times=2),
}


OFTEN = {"cut", "corrupt small", "503", "page", "expired", "no commit"}


@pytest.mark.parametrize("fault", mostly_slow(zip(LINE_FAULTS, strict=True), quick=OFTEN))
def test_fault_that_passes_costs_nothing_but_time(tmp_path: Path, fault: str) -> None:
    for room in open_room(tmp_path, redirect_lfs=True):
        room.hub.faults.add(LINE_FAULTS[fault]())
        report = fetch(quick(room.request()))
        assert without_attributes(contents(report.folder)) == ALL
        assert not drafts(room.cache)
        assert not room.hub.faults.live() or fault == "no commit"


def quick(request: FetchRequest) -> FetchRequest:
    return replace(request, network=Network(Patience(2, 2, 2)))


@pytest.mark.parametrize("bytes", mostly_slow([(0,), (1,), (65_536,), (699_999,), (700_000,)], quick={"0", "699999"}))
def test_cut_anywhere_sends_only_what_is_missing(room: Room, bytes: int) -> None:
    room.hub.faults.add(localhub.drop_after(bytes=bytes, on="get"))
    report = fetch(room.request("model.safetensors"))
    assert report.bytes_wire == len(BIG)
    assert (report.folder / "model.safetensors").read_bytes() == BIG


def test_server_without_ranges_gives_the_whole_again(room: Room) -> None:
    room.hub.faults.add(localhub.drop_after(bytes=300_000, on="get"), localhub.ignore_range())
    report = fetch(room.request("model.safetensors"))
    assert (report.folder / "model.safetensors").read_bytes() == BIG
    assert report.bytes_wire <= len(BIG) + 300_000


def test_server_without_ranges_that_always_cuts_comes_to_an_end(room: Room) -> None:
    room.hub.faults.add(localhub.drop_after(bytes=300_000, on="get", times=None), localhub.ignore_range())
    with pytest.raises(Unavailable):
        fetch(room.request("model.safetensors", attempts=2))
    assert room.hub.seen.count("get") <= 6


def test_stalled_body_is_asked_for_again(room: Room) -> None:
    room.hub.faults.add(localhub.stall(seconds=4, bytes=100_000, on="get"))
    report = fetch(room.request("model.safetensors", network=Network(Patience(2, 0.3, 2))))
    assert (report.folder / "model.safetensors").read_bytes() == BIG


def test_bytes_that_stay_wrong_never_show(room: Room) -> None:
    room.hub.faults.add(localhub.corrupt(on="get", times=None))
    with pytest.raises(Damaged) as error:
        fetch(room.request())
    assert error.value.finding.reference == "content-mismatch"
    assert not drafts(room.cache)
    snapshot = room.folder / "snapshots" / room.commit
    assert set(without_attributes(contents(snapshot))) == set(PLAIN)  # the others came all the same
    assert not (room.folder / "refs" / "main").exists()


def test_page_in_place_of_every_file_is_never_stored(room: Room) -> None:
    room.hub.faults.add(localhub.html(on="get", status=200, times=None))
    with pytest.raises(Damaged):
        fetch(room.request("model.safetensors"))
    assert b"<html" not in b"".join(path.read_bytes() for path in room.cache.rglob("*") if path.is_file())


def test_circle_of_redirects_ends(room: Room) -> None:
    room.hub.faults.add(localhub.redirect_loop(on="resolve"))
    with pytest.raises(Refused):
        fetch(room.request("config.json"))


def test_missing_object_is_told(room: Room) -> None:
    room.hub.objects.remove(sha256(OTHER))
    with pytest.raises(NotFound):
        fetch(room.request())


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_give_up_leaves_a_draft_that_the_next_run_goes_on_with(room: Room) -> None:
    room.hub.faults.add(localhub.truncate(bytes=400_000, on="get", times=None))
    with pytest.raises(Unavailable):
        fetch(room.request("model.safetensors", attempts=1))
    assert [draft.stat().st_size for draft in drafts(room.cache)] == [400_000]
    room.hub.faults.clear()
    report = fetch(room.request("model.safetensors"))
    assert [file.how for file in report.files] == ["resumed"]
    assert (report.bytes_wire, report.bytes_kept) == (300_001, 400_000)


@pytest.mark.parametrize("junk", [b"", b"x" * 400_000, b"x" * 700_001, b"x" * 900_000], ids=len)
def test_damaged_draft_costs_a_second_fetch_at_most(room: Room, junk: bytes) -> None:
    aside = room.folder / ".hfpush"
    aside.mkdir(parents=True)
    (aside / f"{sha256(BIG)}.hfpush-draft").write_bytes(junk)
    report = fetch(room.request("model.safetensors"))
    assert (report.folder / "model.safetensors").read_bytes() == BIG
    assert not drafts(room.cache)


# ------------------------------------------------------------------ processes that die, or come in pairs


def start(room: Room, *, before: str = "", local_dir: Path | None = None) -> subprocess.Popen[str]:
    """A fetch of everything in a process of its own, which does `before` when all is imported."""
    place = f"local_dir=Path({str(local_dir)!r})" if local_dir else f"cache_dir=Path({str(room.cache)!r})"
    script = (
        "from pathlib import Path\nimport huggingface_hub.file_download\nfrom hfpush.commands.fetch import *\n"
        f"from hfpush.endpoints import *\n{before}\n"
        f"r = FetchRequest(RepoAddress.parse(Endpoint('h', {room.hub.url!r}), {REPO!r}), {place})\n"
        "report = fetch(r)\nprint(report.bytes_wire, *(finding.reference for finding in report.findings))\n"
    )
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def as_user(uid: int) -> str:
    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    return f"import os; os.umask(0); os.setuid({uid})"


def wait_for_draft(folder: Path, content: bytes, size: int) -> None:
    end = time.monotonic() + 30
    while not any(d.name.startswith(sha256(content)) and d.stat().st_size >= size for d in drafts(folder)):
        assert time.monotonic() < end, [(d.name, d.stat().st_size) for d in drafts(folder)]
        time.sleep(0.02)


@pytest.mark.parametrize("into", ["cache", "folder"])
def test_killed_process_is_gone_on_with(room: Room, tmp_path: Path, into: str) -> None:
    room.hub.faults.add(localhub.stall(seconds=30, bytes=500_000, on="get", times=None))
    folder = tmp_path / "here" if into == "folder" else None
    process = start(room, local_dir=folder)
    wait_for_draft(tmp_path, BIG, 300_000)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    room.hub.faults.clear()
    room.hub.seen.clear()
    place = {"local_dir": folder, "cache_dir": None} if folder else {}
    report = fetch(room.request("model.safetensors", **place))
    assert [file.how for file in report.files] == ["resumed"]
    assert report.bytes_wire <= len(BIG) - 300_000
    # beside the stalled answers to the killed process, which may end, with a few bytes more, only now
    assert report.bytes_wire in [row.bytes_out for row in room.hub.seen.rows("get")]
    assert (report.folder / "model.safetensors").read_bytes() == BIG


NO_FLOCK = (
    "import errno, fcntl, warnings\nwarnings.simplefilter('ignore')\n"
    "def no(*a): raise OSError(errno.ENOLCK, 'no locks')\nfcntl.flock = no"
)
LYING_FLOCK = "import fcntl\nfcntl.flock = lambda *a: None"


LOCKS = [("locks", ""), ("no locks", NO_FLOCK), ("lying locks", LYING_FLOCK)]


@pytest.mark.parametrize(("locks", "before"), mostly_slow(LOCKS, quick={"locks"}))
def test_two_processes_at_once_both_succeed(room: Room, locks: str, before: str) -> None:
    room.hub.faults.add(localhub.slow(rate=1_500_000, on="get"))
    pair = [start(room, before=before), start(room, before=before)]
    outputs = [process.communicate(timeout=60) for process in pair]
    assert [process.returncode for process in pair] == [0, 0], outputs
    assert without_attributes(contents(room.folder / "snapshots" / room.commit)) == ALL
    assert not drafts(room.cache)
    if not before:
        assert room.got()["get"] == len(BIG) + len(OTHER)


def test_the_hub_library_and_we_at_once_fetch_each_byte_once(room: Room) -> None:
    room.hub.faults.add(localhub.slow(rate=1_500_000, on="get"))
    library = threading.Thread(
        target=hub_python,
        args=(room, f"from huggingface_hub import snapshot_download as s; s({REPO!r})"),
        kwargs={"offline": False},
    )
    library.start()
    end = time.monotonic() + 20
    while time.monotonic() < end and not list(room.cache.glob("models--*/blobs/*.incomplete")):
        time.sleep(0.02)
    report = fetch(room.request())
    library.join(60)
    assert without_attributes(contents(report.folder)) == ALL
    assert room.got()["get"] == len(BIG) + len(OTHER)


def test_two_users_share_a_cache_through_its_rights(shared_room: Room) -> None:
    shared_room.cache.mkdir()
    shared_room.cache.chmod(0o777)
    one, other = as_user(65533), as_user(65534)
    for user in (one, other):
        out, err = start(shared_room, before=user).communicate(timeout=60)
        assert out, err
    assert out.strip() == "0"
    add(shared_room.hub, {"new.txt": b"new"})
    assert start(shared_room, before=other).communicate(timeout=60)[0].strip() == "3"


def test_interrupt_ends_at_once_and_leaves_drafts(room: Room) -> None:
    room.hub.faults.add(localhub.stall(seconds=20, bytes=300_000, on="get", times=None))
    process = start(room)
    wait_for_draft(room.cache, BIG, 130_000)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert "KeyboardInterrupt" in err
    assert f"{sha256(BIG)}.hfpush-draft" in [draft.name for draft in drafts(room.cache)]  # free for anybody


# ------------------------------------------------------------------ a disk that refuses


def test_folder_without_the_right_to_write_is_told(shared_room: Room) -> None:
    shared_room.cache.mkdir(mode=0o755)
    _, err = start(shared_room, before=as_user(65534)).communicate(timeout=60)
    assert "place-unwritable" in err


def test_file_size_limit_is_told_and_what_came_stays(room: Room) -> None:
    process = start(room, before="import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))")
    _, err = process.communicate(timeout=60)
    assert "file-too-large-for-disk" in err
    assert 400_000 in [draft.stat().st_size for draft in drafts(room.cache)]


@pytest.mark.needs("unshare", "mount")
@pytest.mark.parametrize("known", [True, False], ids=["seen beforehand", "met while writing"])
def test_full_disk_is_told(room: Room, known: bool) -> None:
    """On a small file system of its own, which tells how small it is, or does not."""
    room.cache.mkdir()
    lie = "" if known else "import shutil, types; shutil.disk_usage = lambda p: types.SimpleNamespace(free=10**12)"
    script = (
        f"from pathlib import Path\nfrom hfpush.commands.fetch import *\nfrom hfpush.endpoints import *\n{lie}\n"
        "from hfpush.errors import LocalTrouble\n"
        f"place = Path({str(room.cache)!r})\n"
        f"address = RepoAddress.parse(Endpoint('h', {room.hub.url!r}), {REPO!r})\n"
        "r = FetchRequest(address, cache_dir=place, files=('model.safetensors',))\n"
        "try:\n    fetch(r)\nexcept LocalTrouble as error:\n"
        "    drafts = [draft.stat().st_size for draft in place.rglob('*.hfpush-draft')]\n"
        "    print(error.finding.reference, sum(drafts) > 100_000)\n"
    )
    mount = f'mount -t tmpfs -o size=600000 none "{room.cache}" || exit 77; exec "{sys.executable}" -c "$SCRIPT"'
    env = {**os.environ, "SCRIPT": script}
    done = subprocess.run(["unshare", "-m", "sh", "-c", mount], env=env, capture_output=True, text=True, timeout=60)
    if done.returncode == 77 or done.stderr.startswith("unshare"):
        pytest.skip("mounting is not allowed here")
    assert done.stdout.split() == ["disk-full", str(not known)], done.stderr


# ------------------------------------------------------------------ a hostile repository


@pytest.mark.parametrize("name", ["..\\evil", "a:b/c", "nul", "x\ny", "CON.txt"])
def test_hostile_name_is_refused_and_the_others_come(room: Room, name: str) -> None:
    repo = room.hub.repos.get(localhub_key(room.hub)).path
    parent = git_text(repo, "rev-parse", "refs/heads/main")
    newer = commit(repo, [Change(name, b"evil")], message="x", author="eve", when=1.0, parent=parent)
    planned = fetch(room.request(dry_run=True))
    assert [file.path for file in planned.refused] == [name]
    assert not room.cache.exists()
    with pytest.raises(LocalTrouble, match="files-refused") as caught:
        fetch(room.request())
    assert repr(name) in caught.value.finding.evidence[0]
    assert without_attributes(contents(room.folder / "snapshots" / newer)) == ALL
    assert not (room.folder / "trees").exists()
