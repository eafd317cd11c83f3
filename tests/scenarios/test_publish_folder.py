"""hfpush publish of a plain folder from end to end: what arrives, what changes bring, what a kill leaves."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest
from support.command_line import CommandLine, Said, git, objects_at

from hfpush.localhub import LocalHub, slow

PARTS = {"part_size": 100_000, "multipart_threshold": 200_000}
IGNORED = {"notes.tmp", "build/out.o", "build/deep/more.o"}
FILES = {
    "README.md": b"---\nlicense: mit\n---\n# A model\n",
    ".gitignore": b"*.tmp\nbuild/\n",
    "config.json": b'{"layers": 2}\n',
    "empty.txt": b"",
    "empty.bin": b"",
    "tool.sh": b"#!/bin/sh\necho hello\n",
    "crlf.txt": b"one\r\ntwo\r\n",
    "vocab/de ep/er/w\u00f6rter \u65e5\u672c.txt": "Wörter\n".encode(),
    "odd/-dash.txt": b"1",
    "odd/a'b\"c$d&e;f(g).txt": b"2",
    "odd/#hash %41 [x] *?.txt": b"3",
    "odd/ends with blank ": b"4",
    "model.safetensors": random.Random(1).randbytes(750_001),
    "one.bin": b"\0",
    "no-extension": b"\x7fELF\0\1\2" + random.Random(2).randbytes(5000),
    "odd/[b] #in {ary},!.dat": b"\0" + random.Random(3).randbytes(3000),
    "latin-1.txt": "Gr\u00f6\u00dfe\n".encode("latin-1"),
    "copy/of/model.safetensors": random.Random(1).randbytes(750_001),
    "large.txt": b"a line of text\n" * 800_000,
    **dict.fromkeys(IGNORED, b"ignored"),
}


LARGE = {
    *("model.safetensors", "copy/of/model.safetensors", "one.bin", "no-extension", "odd/[b] #in {ary},!.dat"),
    *("latin-1.txt", "large.txt"),
}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but git's own and the cache's, by path."""
    files = (file for file in folder.rglob("*") if file.is_file() and not {".git", ".cache"} & set(file.parts))
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def listing(folder: Path) -> dict[str, tuple[int, int, int, int]]:
    """Mode, size, mtime and ctime of everything in a folder, and of itself."""
    everything = [folder, *folder.rglob("*")]
    status = {str(path.relative_to(folder)): path.lstat() for path in everything}
    return {name: (one.st_mode, one.st_size, one.st_mtime_ns, one.st_ctime_ns) for name, one in status.items()}


def clone(hub: LocalHub, place: Path, repo: str = "local/model", *words: str) -> Path:
    """A clone by git and git-lfs as they are, with the LFS files."""
    git(place.parent, "lfs", "install")
    address = hub.url.replace("http://", f"http://me:{hub.token}@")
    git(place.parent, "clone", "-q", *words, f"{address}/{repo}", place.name)
    return place


def done(said: Said) -> Said:
    assert said.code == 0, said
    return said


def oid(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.needs("git-lfs")
def test_a_new_folder_arrives_byte_by_byte_and_stays_a_clean_folder(tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "folder", FILES)
    (folder / "tool.sh").chmod(0o755)
    (folder / "link").symlink_to("config.json")
    with LocalHub(root=tmp_path / "hub", **PARTS) as hub:
        hfpush = CommandLine(home, hub)
        first = done(hfpush.publish(folder)).document
        assert (first["plan"]["creates_repo"], first["plan"]["commits_folder"]) == (True, True)
        sent = {oid(content) for name, content in FILES.items() if name in LARGE}
        assert objects_at(hub) == sent
        assert first["bytes_sent"] == hub.seen.bytes_in("put") == sum(len(FILES[name]) for name in LARGE) - 750_001
        hub.seen.clear()
        second = done(hfpush.publish(folder)).document
        assert second["plan"]["nothing_to_do"]
        assert (hub.seen.count("put"), hub.seen.count("git-push")) == (0, 0)
        there = clone(hub, tmp_path / "clone")
        fetched = done(hfpush.run("fetch", "local/model", "--local-dir", str(tmp_path / "fetched"), "--json"))
    wanted = {name: content for name, content in FILES.items() if name not in IGNORED}
    wanted |= {".gitattributes": (folder / ".gitattributes").read_bytes(), "link": FILES["config.json"]}
    assert content_of(there) == wanted
    assert os.readlink(there / "link") == "config.json"
    assert (there / "tool.sh").stat().st_mode & stat.S_IXUSR
    assert not (there / "config.json").stat().st_mode & stat.S_IXUSR
    assert git(there, "lfs", "ls-files", "-n").splitlines() == sorted(LARGE)
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "fsck", "--full") == ""
    assert len(fetched.document["files"]) == len(wanted)
    arrived = content_of(tmp_path / "fetched")
    assert {name: arrived[name] for name in wanted if name != "link"} == {n: wanted[n] for n in wanted if n != "link"}


@pytest.mark.slow
@pytest.mark.needs("git-lfs")
def test_changes_are_one_commit_each_and_bring_only_new_bytes(tmp_path: Path, home: Path) -> None:
    files = {"README.md": b"# One\n", "a.bin": os.urandom(300_000), "b.bin": os.urandom(200_001), "sub/c.txt": b"c\n"}
    folder = write(tmp_path / "folder", files)
    new = os.urandom(250_000)
    with LocalHub(root=tmp_path / "hub", **PARTS) as hub:
        hfpush = CommandLine(home, hub)
        done(hfpush.publish(folder))

        def step(sent: int, commits: int) -> None:
            hub.seen.clear()
            report = done(hfpush.publish(folder)).document
            assert (report["bytes_sent"], hub.seen.bytes_in("put")) == (sent, sent)
            assert report["plan"]["commits"] == 1
            assert report["plan"]["move"] == "forward"
            assert git(folder, "rev-list", "--count", "HEAD") == str(commits)

        (folder / "a.bin").write_bytes(new)
        (folder / "README.md").write_bytes(b"# Two\n")
        step(250_000, 2)
        (folder / "added.bin").write_bytes(new[:1000])
        (folder / "added.txt").write_bytes(b"text\n")
        step(1000, 3)
        (folder / "b.bin").unlink()
        (folder / "sub/c.txt").unlink()
        (folder / "a.bin").rename(folder / "renamed.bin")
        (folder / "added.txt").chmod(0o755)
        step(0, 4)
        hub.seen.clear()
        (folder / "README.md").touch()
        assert done(hfpush.publish(folder)).document["plan"]["nothing_to_do"], "a new time alone is no change"
        there = clone(hub, tmp_path / "clone")
    assert content_of(there) == content_of(folder)
    assert set(content_of(there)) == {".gitattributes", "README.md", "added.bin", "added.txt", "renamed.bin"}


@pytest.mark.slow
def test_a_dry_run_writes_nothing_in_the_folder_nor_at_the_hub(tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "folder", {name: FILES[name] for name in ("README.md", "one.bin", "model.safetensors")})
    with LocalHub(root=tmp_path / "hub", **PARTS) as hub:
        hfpush = CommandLine(home, hub)
        for published in (False, True):
            if published:
                done(hfpush.publish(folder))
                (folder / "new.bin").write_bytes(b"\0new")
                hub.seen.clear()
            before = listing(folder)
            report = done(hfpush.publish(folder, "--dry-run")).document
            assert listing(folder) == before
            assert {row.op for row in hub.seen.rows()} <= {"info", "git-refs", "git-fetch"}
            assert (report["dry_run"], report["plan"]["commit"]) == (True, None)
            assert report["plan"]["objects"] == 2 + published
            assert report["plan"]["creates_repo"] is not published
        assert objects_at(hub) == {oid(FILES[name]) for name in ("one.bin", "model.safetensors")}


@pytest.mark.parametrize("kind", ["dataset", pytest.param("space", marks=pytest.mark.slow)])
def test_a_folder_can_be_a_dataset_or_a_space_and_private(kind: str, tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "folder", {"README.md": b"# Data\n", "rows.parquet": os.urandom(3000)})
    with LocalHub(root=tmp_path / "hub") as hub:
        hfpush = CommandLine(home, hub)
        report = done(hfpush.publish(folder, "--type", kind, "--private")).document
        assert report["url"] == f"{hub.url}/{kind}s/local/model"
        (repo,) = hub.repos.list()
        assert (repo.key.type, repo.record.private) == (f"{kind}s", True)
        stranger = CommandLine(home, hub, token="")
        words = ["fetch", "local/model", "--type", kind, "--local-dir"]
        assert stranger.run(*words, str(tmp_path / "none"), "--json").code == 1
        done(hfpush.run(*words, str(tmp_path / "fetched"), "--json"))
    assert content_of(tmp_path / "fetched") == content_of(folder)


@pytest.mark.slow
def test_a_folder_goes_to_a_branch_of_a_repository_that_is_there(tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "folder", {"README.md": b"# One\n", "a.bin": os.urandom(3000)})
    with LocalHub(root=tmp_path / "hub") as hub:
        hfpush = CommandLine(home, hub)
        done(hfpush.publish(folder))
        (folder / "README.md").write_bytes(b"# Dev\n")
        report = done(hfpush.publish(folder, "--revision", "dev")).document
        assert (report["plan"]["move"], report["plan"]["branch"], report["bytes_sent"]) == ("create", "dev", 0)
        for revision, words in (("main", b"# One\n"), ("dev", b"# Dev\n")):
            place = tmp_path / revision
            done(hfpush.run("fetch", "local/model", "--revision", revision, "--local-dir", str(place), "--json"))
            assert content_of(place) == {**content_of(folder), "README.md": words}
        (folder / "README.md").write_bytes(b"# Two\n")
        assert done(hfpush.publish(folder)).document["plan"]["move"] == "forward"


def test_an_edit_at_the_hub_is_not_overwritten_and_the_folder_is_left_as_it_is(tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "folder", {"README.md": b"# One\n"})
    other = write(tmp_path / "other", {"README.md": b"# Another's\n"})
    with LocalHub(root=tmp_path / "hub") as hub:
        hfpush = CommandLine(home, hub)
        done(hfpush.publish(other))
        before = listing(folder)
        for words in ([], ["--dry-run"]):
            said = hfpush.publish(folder, *words)
            assert (said.code, said.reference) == (1, "remote-moved"), said
            assert "git pull" not in str(said.document), "a folder is no place to pull into"
        assert listing(folder) == before


def test_what_was_committed_and_never_arrived_does_not_stand_in_the_way(tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "folder", {"README.md": b"# One\n", "a.bin": os.urandom(400_000)})
    with LocalHub(slow(rate=100_000), root=tmp_path / "hub", **PARTS) as hub:
        hfpush = CommandLine(home, hub)
        kill_when(hfpush, folder, lambda: hub.seen.bytes_in("put") > 0 or hub.seen.count("batch") > 0)
        assert (folder / ".git").exists()
        hub.faults.clear()
        (folder / "a.bin").unlink()
        (folder / "b.bin").write_bytes(b"\0other")
        assert done(hfpush.publish(folder)).document["plan"]["objects"] == 1
        done(hfpush.run("fetch", "local/model", "--local-dir", str(tmp_path / "fetched"), "--json"))
    assert content_of(tmp_path / "fetched") == content_of(folder)


def kill_when(hfpush: CommandLine, folder: Path, ready: object, seconds: float = 30.0) -> bool:
    """Start a publish and kill it once `ready` says so; whether it was killed before its end."""
    assert callable(ready)
    process = subprocess.Popen(
        hfpush.command("publish", str(folder), "--to", "local/model"),
        env=hfpush.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + seconds
    while process.poll() is None and not ready() and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    return process.wait() != 0


@pytest.mark.slow
def test_killed_at_any_time_it_goes_on(tmp_path: Path, home: Path) -> None:
    files = {f"text/{number}.txt": b"x" * number for number in range(200)}
    folder = write(tmp_path / "folder", {**files, "a.bin": os.urandom(3_000_000), "b.bin": os.urandom(500_000)})
    dice = random.Random(8)
    kills = 0
    with LocalHub(slow(rate=400_000), root=tmp_path / "hub", **PARTS) as hub:
        hfpush = CommandLine(home, hub)
        for _ in range(8):
            began, patience = time.monotonic(), 0.25 + dice.random() * 0.8
            kills += kill_when(hfpush, folder, lambda b=began, p=patience: time.monotonic() - b > p)
        hub.faults.clear()
        done(hfpush.publish(folder))
        assert kills >= 4, "the publish was over before it could be killed often"
        assert done(hfpush.publish(folder)).document["plan"]["nothing_to_do"]
        assert git(folder, "rev-list", "--count", "HEAD") == "1"
        done(hfpush.run("fetch", "local/model", "--local-dir", str(tmp_path / "fetched"), "--json"))
    assert content_of(tmp_path / "fetched") == content_of(folder)
    assert not list(folder.glob(".hfpush-new-*"))


def test_killed_between_the_objects_and_the_push_it_pushes_the_same_commit(tmp_path: Path, home: Path) -> None:
    folder = write(tmp_path / "folder", {"README.md": b"# One\n", "a.bin": os.urandom(3000)})
    with LocalHub(root=tmp_path / "hub") as hub:
        hfpush = CommandLine(home, hub)
        assert kill_when(hfpush, folder, lambda: hub.seen.count("verify") > 0)
        head = git(folder, "rev-parse", "HEAD")
        hub.seen.clear()
        report = done(hfpush.publish(folder)).document
        assert (report["plan"]["commit"], report["bytes_sent"]) == (head, 0)
        assert git(tmp_path, "ls-remote", f"{hub.url}/local/model", "refs/heads/main").split()[0] == head
