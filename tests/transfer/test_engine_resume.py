"""A run that ends early, by a fault or by force, and the next one, which sends only what is missing."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from hfpush.errors import HfpushError, Refused, Unavailable
from hfpush.lfs.pointer import Pointer
from hfpush.localhub import Fault, LocalHub, disk_full, drop_after, html, new_upload_per_lease, slow, stall, status
from hfpush.net.patience import Patience
from hfpush.transfer.source import Source
from hfpush.transfer.upload import UploadObject

# ------------------------------------------------------------------ ended by a fault

ENDS: list[Fault] = [
    disk_full(part=6, times=None),
    drop_after(30_000, part=6, times=None),
    status(503, on="put", part=6, times=None),
    disk_full(on="complete", times=None),
    status(503, on="complete", times=None),
    html("complete", times=None),
    status(403, on="verify", times=None),
]


@pytest.mark.parametrize("fault", ENDS, ids=str)
def test_the_next_run_sends_only_the_parts_that_are_missing(room: Any, watcher: Any, fault: Fault) -> None:
    one = room.object(12 * room.part + 5)
    with room.hub(fault) as hub:
        with pytest.raises(HfpushError):
            room.send(hub, [one], jobs=3)
        kept = {row.part for row in hub.seen.rows("put") if row.status == 200}
        hub.faults.clear()
        hub.seen.clear()
        report = room.send(hub, [one], jobs=3, watcher=watcher)
        assert room.has(hub, one)
        assert {row.part for row in hub.seen.rows("put")} == set(range(1, 14)) - kept
    assert (
        report.bytes_sent == hub.seen.bytes_in("put") == one.pointer.size - report.bytes_resumed - report.bytes_present
    )
    assert watcher.already.get(one.pointer.oid, 0) == report.bytes_resumed
    assert room.journals() == []


@pytest.mark.parametrize("seed", range(8))
def test_cut_at_any_byte_two_runs_cost_no_more_than_the_parts_in_flight(room: Any, seed: int) -> None:
    chance = random.Random(seed)
    one, jobs = room.object(9 * room.part + chance.randrange(room.part), seed), 3
    room.policy, room.patience = replace(room.policy, attempts=1), Patience()
    place = drop_after(chance.randrange(room.part), part=chance.randrange(1, 10), times=None)
    with room.hub(place) as hub:
        with pytest.raises(Unavailable, match="connection-cut"):
            room.send(hub, [one], jobs=jobs)
        hub.faults.clear()
        report = room.send(hub, [one], jobs=jobs)
        assert room.has(hub, one)
        assert one.pointer.size <= hub.seen.bytes_in("put") <= one.pointer.size + jobs * room.part
    assert report.resumed in ((one.pointer.oid,), ()), "cut in the very first parts, there is nothing to resume"


def test_every_run_that_ends_early_brings_it_further(room: Any) -> None:
    one = room.object(12 * room.part)
    room.policy = replace(room.policy, attempts=1)
    with room.hub() as hub:
        for part in (3, 6, 9, 12):
            hub.faults.clear()
            hub.faults.add(status(503, on="put", part=part, times=None))
            with pytest.raises(Unavailable):
                room.send(hub, [one], jobs=1)
            assert {row.part for row in hub.seen.rows("put") if row.status == 200} == set(range(1, part))
        hub.faults.clear()
        room.send(hub, [one], jobs=1)
        assert room.has(hub, one)
        assert hub.seen.bytes_in("put") == 16 * room.part


def test_a_hub_that_forgot_the_upload_gets_all_of_it(room: Any) -> None:
    one = room.object(12 * room.part)
    with room.hub(disk_full(part=6, times=None)) as hub, pytest.raises(Refused):
        room.send(hub, [one])
    with room.hub() as other:
        room.send(other, [one])
        assert other.seen.bytes_in("put") == one.pointer.size


def test_an_object_that_arrived_otherwise_leaves_no_notes(room: Any) -> None:
    one = room.object(12 * room.part)
    with room.hub(disk_full(part=6, times=None)) as hub:
        with pytest.raises(Refused):
            room.send(hub, [one])
        assert len(room.journals()) == 1
        room.give(hub, one)
        assert room.send(hub, [one]).present == (one.pointer.oid,)
        assert room.journals() == []


# ------------------------------------------------------------------ leases of an earlier run


def stopped_at_part_6(room: Any, hub: LocalHub, one: UploadObject) -> int:
    """The bytes that are stored when a run over 12 parts has ended at part 6."""
    hub.faults.add(disk_full(part=6, times=None))
    with pytest.raises(Refused):
        room.send(hub, [one], jobs=1)
    hub.faults.clear()
    hub.faults.add(new_upload_per_lease())
    hub.seen.clear()
    return 5 * room.part


def test_a_living_lease_of_an_earlier_run_is_used_where_each_lease_opens_a_new_upload(room: Any) -> None:
    one = room.object(12 * room.part)
    with room.hub(new_upload_per_lease()) as hub:
        kept = stopped_at_part_6(room, hub, one)
        report = room.send(hub, [one])
        assert room.has(hub, one)
        assert hub.seen.bytes_in("put") == one.pointer.size - kept
    assert (report.resumed, report.bytes_resumed) == ((one.pointer.oid,), kept)


def test_a_dead_lease_of_an_earlier_run_means_another_upload_from_its_first_byte(
    room: Any, clock: Any, watcher: Any
) -> None:
    one = room.object(12 * room.part)
    with room.hub(new_upload_per_lease(), url_ttl=900.0, clock=clock) as hub:
        stopped_at_part_6(room, hub, one)
        clock.now += 1000
        report = room.send(hub, [one], watcher=watcher)
        assert room.has(hub, one)
        assert hub.seen.bytes_in("put") == one.pointer.size
        assert {row.status for row in hub.seen.rows("put")} == {200}
    assert (report.sent, report.resumed, report.bytes_resumed) == ((one.pointer.oid,), (), 0)
    assert watcher.shown == {one.pointer.oid: one.pointer.size}


def test_a_dead_lease_is_renewed_inside_its_upload_where_the_hub_does_that(room: Any, clock: Any) -> None:
    one = room.object(12 * room.part)
    with room.hub(url_ttl=900.0, clock=clock) as hub:
        kept = stopped_at_part_6(room, hub, one)
        hub.faults.clear()
        clock.now += 1000
        assert room.send(hub, [one]).bytes_resumed == kept
        assert hub.seen.bytes_in("put") == one.pointer.size - kept


def test_a_lease_that_was_lost_takes_back_what_its_upload_had(room: Any, watcher: Any) -> None:
    one = room.object(12 * room.part)
    with room.hub(new_upload_per_lease()) as hub:
        stopped_at_part_6(room, hub, one)
        hub.faults.add(status(403, on="put"))
        report = room.send(hub, [one], jobs=1, watcher=watcher)
        assert room.has(hub, one)
    assert (report.bytes_resumed, report.sent) == (0, (one.pointer.oid,))
    assert watcher.shown == {one.pointer.oid: one.pointer.size}


# ------------------------------------------------------------------ ended by force

SENDER = """
import json, sys
from pathlib import Path
from hfpush.endpoints import RepoAddress, endpoint_of
from hfpush.lfs.pointer import Pointer
from hfpush.net.http import Http
from hfpush.transfer.engine import Engine
from hfpush.transfer.journal import JournalStore
from hfpush.transfer.lfs_api import LfsApi
from hfpush.transfer.source import Source
from hfpush.transfer.upload import UploadObject

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

told = json.load(sys.stdin)
path = Path(told["path"])
source = Source(path, told["size"], path.stat().st_mtime_ns, path.name)
endpoint = endpoint_of(told["url"])
with Http(endpoint, told["token"]) as http:
    api = LfsApi(http, RepoAddress.parse(endpoint, "acme/m"), "main")
    engine = Engine(api, JournalStore(Path(told["state"])), jobs=told["jobs"])
    before = peak()
    try:
        engine.run([UploadObject(Pointer(told["oid"], told["size"]), source)])
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.exit(130)
print(peak() - before)
"""


@contextmanager
def sending(room: Any, hub: LocalHub, one: UploadObject, *, jobs: int) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that sends `one`; it is gone at the end, whatever happens."""
    told = {"path": str(one.source.path), "size": one.pointer.size, "oid": one.pointer.oid, "jobs": jobs}
    told |= {"url": hub.url, "token": hub.token, "state": str(room.state)}
    command = [sys.executable, "-W", "error", "-c", SENDER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        json.dump(told, process.stdin)
        process.stdin.close()
        process.stdin = None
        try:
            yield process
        finally:
            process.kill()


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for another process, twenty seconds at most."""
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it did not come about"
        threading.Event().wait(0.01)


@pytest.mark.parametrize("after", [1, 7, 20])
def test_after_kill_9_only_the_parts_in_flight_go_again(room: Any, after: int) -> None:
    one, jobs = room.object(30 * room.part), 4
    room.patience = Patience()  # a machine that is busy is no reason to send anything again
    with room.hub(slow(1_500_000)) as hub:
        with sending(room, hub, one, jobs=jobs) as process:
            wait_until(lambda: hub.seen.count("put") >= after)
            os.kill(process.pid, signal.SIGKILL)
            assert process.wait(timeout=10) == -signal.SIGKILL
        hub.faults.clear()
        report = room.send(hub, [one])
        assert room.has(hub, one)
        assert hub.seen.bytes_in("put") <= one.pointer.size + jobs * room.part
    assert report.bytes_resumed >= (after - jobs) * room.part
    assert room.journals() == []


def test_an_interrupted_run_returns_at_once_though_its_requests_are_stuck(room: Any) -> None:
    one = room.object(12 * room.part)
    with room.hub(stall(60, part=6, times=None), stall(60, bytes=1000, part=7, times=None)) as hub:
        with sending(room, hub, one, jobs=2) as process:
            wait_until(lambda: hub.seen.count("put") >= 5)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            out, errors = process.communicate(timeout=20)
            assert time.monotonic() - began < 3
        assert (process.returncode, out, errors) == (130, "interrupted\n", "")
        hub.faults.clear()
        hub.seen.clear()
        room.send(hub, [one])
        assert hub.seen.bytes_in("put") <= one.pointer.size - 5 * room.part


def test_memory_is_a_block_for_each_request_whatever_the_size_of_parts(room: Any) -> None:
    size, part, jobs = 200_000_000, 64_000_000, 8
    path = room.folder / "zeros"
    path.touch()
    os.truncate(path, size)
    digest = hashlib.sha256()
    for _ in range(200):
        digest.update(bytes(1_000_000))
    one = UploadObject(Pointer(digest.hexdigest(), size), Source(path, size, path.stat().st_mtime_ns, path.name))
    with room.hub(part_size=part, multipart_threshold=part) as hub, sending(room, hub, one, jobs=jobs) as process:
        out, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
        assert [row.status for row in hub.seen.rows("complete")] == [200]
    assert int(out) < jobs * 4_000_000
