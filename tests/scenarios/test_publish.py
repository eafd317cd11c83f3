"""hfpush publish from end to end: what arrives, what is sent again, and what it says when it cannot."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from support.command_line import CommandLine, git, make_repo
from support.slowly import mostly_slow

from hfpush.localhub import (
    Fault,
    LocalHub,
    bad_json,
    corrupt,
    delay,
    disk_full,
    drop_after,
    expired_lease,
    forget_object,
    html,
    lost_answer,
    new_upload_per_lease,
    no_etag,
    race,
    redirect_loop,
    short_lease,
    slow,
    stall,
    status,
    unknown_oid,
    unpadded_parts,
    wrong_etag,
    wrong_size,
)

PARTS = {"part_size": 100_000, "multipart_threshold": 200_000}


def test_a_repository_without_a_commit_takes_the_first_ones(tmp_path: Path, home: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(1_000)}, {"README.md": b"# A model\n"})
    with LocalHub(root=tmp_path / "hub", **PARTS) as hub:
        hub.create("local/model", empty=True)
        said = CommandLine(home, hub).publish(repo)
        assert said.code == 0, said


@pytest.mark.needs("git-lfs")
def test_three_large_files_arrive_and_a_stock_clone_has_the_same_bytes(tmp_path: Path, home: Path) -> None:
    large = {"a.bin": os.urandom(2_345_678), "deep/b.bin": os.urandom(450_000), "c.bin": os.urandom(150_000)}
    repo = make_repo(tmp_path / "repo", large, {"README.md": b"# A model\n", "deep/config.json": b"{}\n"})
    with LocalHub(root=tmp_path / "hub", **PARTS) as hub:
        hfpush = CommandLine(home, hub)
        first = hfpush.publish(repo)
        assert first.code == 0, first
        assert first.document["bytes_sent"] == sum(map(len, large.values())) == hub.seen.bytes_in("put")
        assert max(row.part or 0 for row in hub.seen.rows("put")) >= 20
        hub.seen.clear()
        second = hfpush.publish(repo)
        assert second.document["plan"]["nothing_to_do"]
        assert hub.seen.count("put") == 0
        git(tmp_path, "lfs", "install")
        address = hub.url.replace("http://", f"http://me:{hub.token}@")
        git(tmp_path, "clone", "-q", f"{address}/local/model", "clone")
    for name, content in large.items():
        assert (tmp_path / "clone" / name).read_bytes() == content
    assert git(tmp_path / "clone", "status", "--porcelain") == ""
    assert git(tmp_path / "clone", "rev-parse", "HEAD") == git(repo, "rev-parse", "HEAD")


@pytest.fixture
def weights() -> bytes:
    """Two and a half million bytes that nobody has seen before."""
    return os.urandom(2_500_000)


SUCCEEDS: list[tuple[str, list[Fault]]] = [
    ("a connection cut in a part", [drop_after(bytes=1000, part=3)]),
    ("a connection cut in an object sent whole", [drop_after(bytes=1000, part=None)]),
    ("the storage says 503", [status(503, on="put", times=2)]),
    ("the storage says 500 once per kind", [status(500, on="complete"), status(500, on="verify")]),
    ("429 with Retry-After", [status(429, on="put", times=1, retry_after=1)]),
    ("429 without Retry-After", [status(429, on="batch", times=1)]),
    ("the batch API says 503", [status(503, on="batch", times=2)]),
    ("the batch API says 502 with HTML", [html(on="batch", status=502)]),
    ("leases that come out dead", [expired_lease(times=1)]),
    ("leases that live a second", [short_lease(1.0), slow(rate=2e6)]),
    ("a new upload for each lease", [new_upload_per_lease()]),
    ("a byte stored wrongly", [corrupt(on="put")]),
    ("a wrong ETag", [wrong_etag()]),
    ("an ETag that got lost", [no_etag()]),
    ("part keys without padding", [unpadded_parts()]),
    ("the answer to a part is lost", [lost_answer(on="put")]),
    ("the answer to the completion is lost", [lost_answer(on="complete")]),
    ("the answer to the batch is lost", [lost_answer(on="batch")]),
    ("the answer to the push is lost", [lost_answer(on="git-push")]),
    ("an object forgotten after it was taken", [forget_object()]),
    ("everything late", [delay(0.02)]),
    ("a stall shorter than our patience", [stall(seconds=1.0, bytes=5000)]),
    ("several at once", [drop_after(bytes=50_000, part=7), status(503, on="complete"), lost_answer(on="verify")]),
]


SOON_OVER = {"a byte stored wrongly", "the answer to the push is lost", "several at once"}
"""The others go through the same engine, whose own tests have them all (tests/transfer)."""


@pytest.mark.parametrize(("case", "faults"), mostly_slow(SUCCEEDS, quick=SOON_OVER))
def test_publish_succeeds_through(case: str, faults: list[Fault], tmp_path: Path, home: Path, weights: bytes) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": weights, "b.bin": weights[:90_000]})
    with LocalHub(*faults, root=tmp_path / "hub", **PARTS) as hub:
        said = CommandLine(home, hub).publish(repo)
        assert said.code == 0, said
        assert said.document["verified"] == 2
        assert len({row.fault for row in hub.seen.rows() if row.fault} | {None}) >= 1


FAILS: list[tuple[str, list[Fault], str]] = [
    ("the storage is full", [disk_full(times=None)], "storage-full"),
    ("an HTML page in place of the Hub", [html(on="info", times=None)], "not-a-hub"),
    ("an HTML page in place of the batch", [html(on="batch", times=None)], "not-a-hub"),
    ("a batch that is no JSON", [bad_json(on="batch", times=None)], "not-a-hub"),
    ("redirects without end", [redirect_loop(on="batch")], "redirect-refused"),
    ("redirects of the storage without end", [redirect_loop(on="put")], "redirect-refused"),
    ("a batch about other sizes", [wrong_size()], "batch-unreadable"),
    ("a batch about other objects", [unknown_oid()], "batch-unreadable"),
    ("leases that are always dead", [expired_lease(times=None)], "lease-fruitless"),
    ("bytes that are always stored wrongly", [corrupt(on="put", times=None)], "upload-lost"),
    ("ETags that are always lost", [no_etag(times=None)], "part-tag-missing"),
    (
        "a wait longer than anybody's patience",
        [status(429, on="put", times=None, retry_after=3600)],
        "storage-unavailable",
    ),
    ("a storage that stays away", [status(503, on="put", times=None)], "storage-unavailable"),
    ("a batch API that stays away", [status(503, on="batch", times=None)], "hub-unavailable"),
    ("no permission at the batch", [status(403, on="batch", times=None)], "no-permission"),
    ("somebody else's push in between", [race()], "remote-moved"),
]


FAIL_EACH_IN_ITS_WAY = {
    "an HTML page in place of the Hub",
    "a batch API that stays away",
    "leases that are always dead",
    "somebody else's push in between",
}


@pytest.mark.parametrize(("case", "faults", "reference"), mostly_slow(FAILS, quick=FAIL_EACH_IN_ITS_WAY))
def test_publish_ends_with_the_right_finding_for(
    case: str, faults: list[Fault], reference: str, tmp_path: Path, home: Path, weights: bytes
) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": weights})
    with LocalHub(*faults, root=tmp_path / "hub", **PARTS) as hub:
        hfpush = CommandLine(home, hub)
        said = hfpush.publish(repo, HFPUSH_ATTEMPTS="2")
        assert (said.code, said.reference) == (1, reference), said
        finding = said.document["error"]
        assert finding["message"]
        assert finding["evidence"] or finding["remedy"]
        hub.faults.clear()
        if reference != "remote-moved":
            assert hfpush.publish(repo).code == 0, "nothing is lost: it goes on when the fault has passed"


def test_a_server_that_stops_reading_is_given_up_and_tried_again(tmp_path: Path, home: Path, weights: bytes) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": weights})
    with LocalHub(stall(seconds=300, bytes=5000), root=tmp_path / "hub", **PARTS) as hub:
        said = CommandLine(home, hub).publish(repo, HFPUSH_IDLE_SECONDS="1", HFPUSH_ANSWER_SECONDS="2")
        assert said.code == 0, said


@pytest.mark.parametrize("kills", [4, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_again_and_again_it_goes_on_and_sends_little_twice(kills: int, tmp_path: Path, home: Path) -> None:
    large = {"a.bin": os.urandom(12_000_000), "b.bin": os.urandom(150_000)}
    jobs, part = 4, PARTS["part_size"]
    dice = random.Random(20)
    repo = make_repo(tmp_path / "repo", large)
    with LocalHub(slow(rate=300_000), root=tmp_path / "hub", **PARTS) as hub:
        hfpush = CommandLine(home, hub)
        for _ in range(kills):
            process = subprocess.Popen(
                hfpush.command("publish", str(repo), "--to", "local/model", "--jobs", str(jobs)),
                env=hfpush.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.35 + dice.random() * 0.9)
            process.send_signal(signal.SIGKILL)
            process.wait()
        hub.faults.clear()
        last = hfpush.publish(repo, "--jobs", str(jobs))
        assert last.code == 0, last
        sizes = sum(map(len, large.values()))
        assert sizes <= hub.seen.bytes_in("put") <= sizes + kills * jobs * part
        for content in large.values():
            assert hub.objects.path(hashlib.sha256(content).hexdigest()).read_bytes() == content
    assert list((home / "hfpush-state/uploads").glob("*.jsonl")) == [], "an upload that is over leaves nothing"


def objects(repo: Path, size: int) -> set[str]:
    """The oids of that size in the repository's store."""
    files = (repo / ".git/lfs/objects").rglob("*")
    return {file.name for file in files if file.is_file() and file.stat().st_size == size}


def test_a_file_that_changes_while_it_is_sent_is_an_error_and_not_complete(tmp_path: Path, home: Path) -> None:
    content = os.urandom(2_000_000)
    repo = make_repo(tmp_path / "repo", {"a.bin": content})
    (oid,) = objects(repo, 2_000_000)
    store = next((repo / ".git/lfs/objects").rglob(oid))
    with LocalHub(slow(rate=200_000), root=tmp_path / "hub", **PARTS) as hub:

        def write_when_under_way() -> None:
            until = time.monotonic() + 30
            while hub.seen.bytes_in("put") == 0 and time.monotonic() < until:
                time.sleep(0.01)
            with store.open("r+b") as file:
                file.write(b"changed")

        writer = threading.Thread(target=write_when_under_way)
        writer.start()
        said = CommandLine(home, hub).publish(repo, "--jobs", "2")
        writer.join()
        assert (said.code, said.reference) == (1, "source-changed"), said
        assert not hub.objects.path(oid).exists()


def test_two_at_once_the_second_says_so(tmp_path: Path, home: Path, weights: bytes) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": weights})
    with LocalHub(slow(rate=200_000), root=tmp_path / "hub", **PARTS) as hub:
        hfpush = CommandLine(home, hub)
        first = subprocess.Popen(
            hfpush.command("publish", str(repo), "--to", "local/model", "--jobs", "2"),
            env=hfpush.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 30
        while hub.seen.bytes_in("put") == 0 and time.monotonic() < until:
            time.sleep(0.01)
        second = hfpush.publish(repo)
        hub.faults.clear()
        assert (second.code, second.reference) == (1, "busy"), second
        assert first.wait(30) == 0


def test_commits_of_others_are_never_overwritten(tmp_path: Path, home: Path) -> None:
    ours = make_repo(tmp_path / "ours", {"a.bin": os.urandom(5000)})
    theirs = make_repo(tmp_path / "theirs", {"b.bin": os.urandom(5000)})
    with LocalHub(root=tmp_path / "hub") as hub:
        hfpush = CommandLine(home, hub)
        assert hfpush.publish(theirs).code == 0
        head = git(theirs, "rev-parse", "HEAD")
        said = hfpush.publish(ours)
        assert (said.code, said.reference) == (1, "remote-moved"), said
        assert git(tmp_path, "ls-remote", f"{hub.url}/local/model", "refs/heads/main").split()[0] == head


def test_a_pointer_whose_bytes_are_nowhere_is_named(tmp_path: Path, home: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(5000), "gone.bin": os.urandom(6000)})
    (oid,) = objects(repo, 6000)
    next((repo / ".git/lfs/objects").rglob(oid)).unlink()
    with LocalHub(root=tmp_path / "hub") as hub:
        said = CommandLine(home, hub).publish(repo)
        assert (said.code, said.reference) == (1, "object-missing"), said
        assert "gone.bin" in said.document["error"]["evidence"][0]
        assert hub.seen.count("put") == 0


@pytest.mark.parametrize(
    ("role", "reference"),
    [
        pytest.param("none", "token-missing", marks=pytest.mark.slow),
        ("wrong", "token-refused"),
        pytest.param("read", "no-permission", marks=pytest.mark.slow),
    ],
)
def test_a_token_that_will_not_do(role: str, reference: str, tmp_path: Path, home: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(5000)})
    with LocalHub(root=tmp_path / "hub") as hub:
        token = {"none": "", "wrong": "hf_" + "x" * 30, "read": hub.read_token}[role]
        for exists in (False, True):
            if exists:
                hub.create("local/model")
            said = CommandLine(home, hub, token).publish(repo)
            assert (said.code, said.reference) == (1, reference), (exists, said)
            assert hub.seen.count("put") == 0
