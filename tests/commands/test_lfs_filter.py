"""The filter put together: the repository's own settings decide what is downloaded, and from where."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.filter_talk import HELLO, answers, question

from hfpush.commands.lfs_filter import Started, clean_once, filter_process, smudge_once
from hfpush.errors import HfpushError, LocalTrouble, NotFound
from hfpush.findings import Finding
from hfpush.localhub import LocalHub

pytestmark = pytest.mark.needs("git")
DATA = b"content of an object"
OID = hashlib.sha256(DATA).hexdigest()
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {len(DATA)}\n".encode()


class Room:
    """A repository without objects, whose remote has one."""

    def __init__(self, folder: Path, hub: LocalHub) -> None:
        self.hub, self.path, self.told = hub, folder / "repo", list[Finding]()
        self.git("init", "-q", str(self.path), at=folder)
        self.git("remote", "add", "origin", hub.git_url("acme/model"))

    def git(self, *words: str, at: Path | None = None) -> None:
        subprocess.run(["git", *words], cwd=at or self.path, check=True, capture_output=True, timeout=60)

    def started(self, **environment: str) -> Started:
        env = {**os.environ, "HF_ENDPOINT": self.hub.url, **environment}
        return Started(self.path, env, self.told.append)

    def smudge(self, path: str = "a.bin", **environment: str) -> bytes:
        out = bytearray()
        smudge_once(self.started(**environment), io.BytesIO(POINTER), out.extend, os.fsencode(path))
        return bytes(out)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with LocalHub(root=tmp_path / "hub") as hub:
        repo = hub.create("acme/model")
        (tmp_path / "data").write_bytes(DATA)
        hub.objects.add_file(tmp_path / "data", OID)
        hub.objects.grant(repo.record.uid, OID)
        yield Room(tmp_path, hub)


def test_a_conversation_downloads_what_is_missing(room: Room) -> None:
    heard = bytearray()
    said = HELLO + question("smudge", "a.bin", POINTER) + question("clean", "b.bin", DATA)
    filter_process(room.started(), io.BytesIO(said), heard.extend)
    assert answers(bytes(heard)) == [("success", DATA), ("success", POINTER)]
    assert room.hub.seen.count("get") == 1


def test_clean_and_smudge_work_one_at_a_time(room: Room) -> None:
    out = bytearray()
    clean_once(room.started(), io.BytesIO(DATA), out.extend)
    assert out == POINTER
    assert room.smudge() == DATA
    assert room.hub.seen.count("batch") == 0, "it was here"


@pytest.mark.parametrize(
    ("settings", "environment", "downloads"),
    [
        ((), {}, True),
        ((), {"GIT_LFS_SKIP_SMUDGE": "1"}, False),
        ((), {"GIT_LFS_SKIP_SMUDGE": "0"}, True),
        (("lfs.fetchexclude", "*.bin"), {}, False),
        (("lfs.fetchinclude", "other"), {}, False),
        (("lfs.fetchinclude", "a.*"), {}, True),
        (("lfs.concurrenttransfers", "nonsense"), {}, True),
    ],
)
def test_what_is_downloaded_follows_git_lfss_settings(
    room: Room, settings: tuple[str, ...], environment: dict[str, str], downloads: bool
) -> None:
    if settings:
        room.git("config", *settings)
    assert room.smudge(**environment) == (DATA if downloads else POINTER)


def test_a_lfsconfig_may_say_what_is_fetched(room: Room) -> None:
    (room.path / ".lfsconfig").write_text("[lfs]\n\tfetchexclude = *.bin\n")
    assert room.smudge() == POINTER


def test_a_token_goes_to_the_users_endpoint_alone(room: Room, tmp_path: Path) -> None:
    private = room.hub.create("acme/secret", private=True)
    room.hub.objects.grant(private.record.uid, OID)
    room.git("remote", "set-url", "origin", room.hub.git_url("acme/secret"))
    with pytest.raises(HfpushError):
        room.smudge(HF_TOKEN=room.hub.token, HF_ENDPOINT="https://hub.example.com")
    assert {row.user for row in room.hub.seen.rows("batch")} == {None}
    assert room.smudge(HF_TOKEN=room.hub.token) == DATA


def test_offline_nothing_is_asked(room: Room) -> None:
    with pytest.raises(NotFound) as told:
        room.smudge(HF_HUB_OFFLINE="1")
    assert told.value.finding.reference == "not-on-disk"
    assert room.hub.seen.rows() == []


def test_outside_a_repository_it_is_told(tmp_path: Path) -> None:
    started = Started(tmp_path, dict(os.environ), lambda found: None)
    with pytest.raises(LocalTrouble):
        clean_once(started, io.BytesIO(DATA), lambda data: None)
