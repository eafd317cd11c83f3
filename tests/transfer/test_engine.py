from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import Any

import pytest

from hfpush.errors import LocalTrouble, Refused, SourceChanged, Unavailable
from hfpush.lfs.batch import MAX_OBJECTS
from hfpush.lfs.lease import Lease
from hfpush.lfs.pointer import Pointer
from hfpush.localhub import corrupt, disk_full, forget_object, short_lease, slow, stall, status
from hfpush.localhub.seen import Row
from hfpush.transfer.happened import Leased
from hfpush.transfer.observe import UploadReport
from hfpush.transfer.source import Source
from hfpush.transfer.upload import UploadObject


def most_at_once(rows: list[Row]) -> int:
    """How many requests ran at the same moment."""
    moments = sorted([(row.started, 1) for row in rows] + [(row.started + row.seconds, -1) for row in rows])
    running = most = 0
    for _, step in moments:
        running += step
        most = max(most, running)
    return most


# ------------------------------------------------------------------ what is sent


def test_objects_of_every_size_arrive_and_are_verified(room: Any, watcher: Any) -> None:
    sizes = [1, 1000, room.part, room.part + 1, 3 * room.part, 10 * room.part + 77]
    objects = [room.object(size, seed) for seed, size in enumerate(sizes)]
    with room.hub() as hub:
        report = room.send(hub, objects, watcher=watcher)
        assert all(room.has(hub, one) for one in objects)
        assert hub.seen.bytes_in("put") == sum(sizes), "each byte once"
        assert hub.seen.count("verify") == len(sizes)
    oids = {one.pointer.oid for one in objects}
    assert (set(report.sent), report.resumed, report.present) == (oids, (), ())
    assert (report.bytes_sent, report.bytes_resumed, report.bytes_present) == (sum(sizes), 0, 0)
    assert sorted(watcher.hows) == sorted((oid, "sent") for oid in oids)
    assert watcher.shown == {one.pointer.oid: one.pointer.size for one in objects}
    assert room.journals() == [], "nothing is left of finished uploads"


def test_nothing_to_send_is_no_work(room: Any) -> None:
    with room.hub() as hub:
        assert room.send(hub, []) == UploadReport()
        assert hub.seen.count() == 0


def test_the_same_object_twice_is_sent_once(room: Any, watcher: Any) -> None:
    one = room.object(3 * room.part)
    with room.hub() as hub:
        report = room.send(hub, [one, one, replace(one)], watcher=watcher)
        assert hub.seen.bytes_in("put") == 3 * room.part
    assert (report.sent, watcher.hows) == ((one.pointer.oid,), [(one.pointer.oid, "sent")])


def test_what_the_server_has_is_not_sent(room: Any, watcher: Any) -> None:
    there, missing = room.object(5000, 1), room.object(200_000, 2)
    with room.hub() as hub:
        room.give(hub, there)
        report = room.send(hub, [there, missing], watcher=watcher)
        assert {row.oid for row in hub.seen.rows("put")} == {missing.pointer.oid}
    assert (report.present, report.sent) == ((there.pointer.oid,), (missing.pointer.oid,))
    assert (report.bytes_present, report.bytes_sent) == (5000, 200_000)
    assert (there.pointer.oid, "present") in watcher.hows


def test_many_small_objects_share_batch_calls(room: Any) -> None:
    objects = [room.object(10, seed) for seed in range(2 * MAX_OBJECTS + 5)]
    with room.hub() as hub:
        assert len(room.send(hub, objects).sent) == len(objects)
        assert hub.seen.count("batch") == 3


def test_an_object_that_somebody_else_completes_meanwhile_counts_once(room: Any, watcher: Any) -> None:
    class Helped(type(watcher)):  # type: ignore[misc]
        def started(self, oid: str, name: str, size: int, already: int) -> None:
            super().started(oid, name, size, already)
            if oid == first.pointer.oid:
                room.give(hub, first)

    first, second = room.object(3 * room.part, 1), room.object(2 * room.part, 2)
    helped = Helped()
    # The lease is renewed, and found to be needless, while parts 1 and 2 are still on their way.
    slow_parts = [stall(0.4, part=2, times=None), stall(0.9, part=1, times=None)]
    with room.hub(status(403, on="put", part=3), *slow_parts) as hub:
        report = room.send(hub, [first, second], watcher=helped)
        assert room.has(hub, second), "the run did not end before the other one was sent"
    assert sorted(oid for oid, _ in helped.hows) == sorted([first.pointer.oid, second.pointer.oid])
    assert sorted(report.sent) == sorted([first.pointer.oid, second.pointer.oid])


def test_an_upload_that_ends_early_says_how_much_is_at_the_server(room: Any, watcher: Any) -> None:
    whole, cut = room.object(room.part // 2, 1), room.object(3 * room.part, 2)
    with room.hub(status(507, on="put", part=3, times=None)) as hub, pytest.raises(Refused):
        room.send(hub, [whole, cut], jobs=1, watcher=watcher)
    assert watcher.kept == 2 * room.part, "the small one had not begun"


# ------------------------------------------------------------------ how much at once


@pytest.mark.parametrize("jobs", [1, 3])
def test_there_are_never_more_requests_than_jobs_over_all_objects(room: Any, jobs: int) -> None:
    objects = [room.object(4 * room.part, seed) for seed in range(3)] + [room.object(1000, seed) for seed in (7, 8)]
    with room.hub(slow(2_000_000)) as hub:
        room.send(hub, objects, jobs=jobs)
        assert most_at_once(hub.seen.rows()) <= jobs
        assert jobs == 1 or most_at_once(hub.seen.rows("put")) > 1, "and they do run in parallel"


def test_after_trouble_fewer_requests_run_at_once(room: Any) -> None:
    one = room.object(8 * room.part)
    limits: list[int] = []

    class Looking:
        def waiting(self, seconds: float, why: Unavailable) -> None:
            limits.append(engine.limit)

        def moved(self, oid: str, count: int) -> None:
            limits.append(engine.limit)

        def started(self, oid: str, name: str, size: int, already: int) -> None: ...

        def finished(self, oid: str, how: str) -> None: ...

    with (
        room.hub(status(503, on="put", times=1, retry_after=1), slow(1_000_000)) as hub,
        room.api(hub.url, hub.token) as api,
    ):
        engine = room.engine(api, jobs=4, watcher=Looking())
        engine.run([one])
    assert (limits[0], min(limits)) == (4, 2)


def test_a_wish_to_wait_is_obeyed_and_told(room: Any, watcher: Any) -> None:
    with room.hub(status(429, on="put", times=1, retry_after=1)) as hub:
        room.send(hub, [room.object(1000)], watcher=watcher)
        refused, taken = hub.seen.rows("put")
    ((told, why),) = watcher.waits
    assert 1.0 <= told <= 1.1, "a little is added at random"
    assert why == "storage-unavailable"
    assert taken.started - refused.started >= 1.0


def test_a_wish_to_wait_too_long_ends_at_once_and_says_how_long(room: Any) -> None:
    with room.hub(status(503, on="put", times=None, retry_after=3600)) as hub:
        with pytest.raises(Unavailable) as caught:
            room.send(hub, [room.object(1000)])
        assert hub.seen.count("put") == 1
    assert "it asks us to wait 1 h" in caught.value.finding.evidence[-1]


# ------------------------------------------------------------------ leases


def test_a_lease_is_renewed_before_storage_refuses_it(room: Any, clock: Any, watcher: Any) -> None:
    class Ageing(type(watcher)):  # type: ignore[misc]
        def moved(self, oid: str, count: int) -> None:
            with self.lock:
                clock.now += 0.5

    one = room.object(120 * 4096)
    with room.hub(short_lease(20), part_size=4096, multipart_threshold=4096, clock=clock) as hub:
        room.send(hub, [one], jobs=2, watcher=Ageing())
        assert room.has(hub, one)
        assert {row.status for row in hub.seen.rows("put")} == {200}, "nothing was refused"
        assert hub.seen.count("batch") >= 3
        assert hub.seen.bytes_in("put") == one.pointer.size


def offered(room: Any, hub: Any, one: UploadObject) -> UploadObject:
    """`one` with the lease that the Hub offers for it now."""
    with room.api(hub.url, hub.token) as api:
        lease = api.ask_upload([one.pointer])[one.pointer.oid]
    assert isinstance(lease, Lease)
    return replace(one, offer=Leased(lease, room.clock()))


def test_a_lease_offered_before_is_used_without_asking_again(room: Any) -> None:
    with room.hub() as hub:
        one = offered(room, hub, room.object(3 * room.part))
        hub.seen.clear()
        room.send(hub, [one])
        assert (hub.seen.count("batch"), room.has(hub, one)) == (0, True)


def test_offers_that_have_ended_are_asked_for_again_together(room: Any, clock: Any) -> None:
    with room.hub(url_ttl=100.0, clock=clock) as hub:
        objects = [offered(room, hub, room.object(1000, seed)) for seed in range(5)]
        clock.now += 200
        hub.seen.clear()
        room.send(hub, objects)
        assert (hub.seen.count("batch"), {row.status for row in hub.seen.rows("put")}) == (1, {200})


# ------------------------------------------------------------------ what goes wrong


def test_a_file_written_to_while_it_is_sent_is_not_completed(room: Any, watcher: Any) -> None:
    class Writing(type(watcher)):  # type: ignore[misc]
        def moved(self, oid: str, count: int) -> None:
            super().moved(oid, count)
            if self.shown[oid] > 5 * room.part:
                with one.source.path.open("r+b") as file:
                    file.write(b"other")
                os.utime(one.source.path)

    one = room.object(12 * room.part)
    with room.hub() as hub:
        with pytest.raises(SourceChanged, match="source-changed"):
            room.send(hub, [one], watcher=Writing())
        assert hub.seen.count("complete") == 0
        assert not room.has(hub, one)


def test_a_file_cut_short_while_it_is_sent_is_a_change(room: Any, watcher: Any) -> None:
    class Cutting(type(watcher)):  # type: ignore[misc]
        def moved(self, oid: str, count: int) -> None:
            os.truncate(one.source.path, 100)

    one = room.object(300_000)
    with room.hub(multipart_threshold=10**9) as hub:
        with pytest.raises(SourceChanged):
            room.send(hub, [one], watcher=Cutting())
        assert not room.has(hub, one)


def test_a_file_that_is_gone_is_a_change(room: Any) -> None:
    one = room.object(1000)
    one.source.path.unlink()
    with room.hub() as hub, pytest.raises(SourceChanged):
        room.send(hub, [one])


def test_a_final_failure_does_not_wait_for_what_others_would_try_again(room: Any) -> None:
    room.policy = replace(room.policy, longest_asked_wait=100.0)
    faults = [status(503, on="put", part=1, times=None, retry_after=60), disk_full(part=2)]
    began = time.monotonic()
    with room.hub(*faults) as hub, pytest.raises(Refused, match="storage-full"):
        room.send(hub, [room.object(4 * room.part)])
    assert time.monotonic() - began < 10


def test_a_token_that_may_only_read_is_refused_before_anything_is_sent(room: Any) -> None:
    with room.hub() as hub:
        with pytest.raises(Refused, match="no-permission"):
            room.send(hub, [room.object(1000)], token=hub.read_token)
        assert hub.seen.count("put") == 0


def test_notes_that_cannot_be_kept_end_the_run(room: Any) -> None:
    room.state.write_text("a file where the folder must be")
    with room.hub() as hub, pytest.raises(LocalTrouble, match="state-unwritable"):
        room.send(hub, [room.object(3 * room.part)])


def test_an_oid_that_the_bytes_do_not_have_is_never_taken(room: Any) -> None:
    small, large = room.object(1000, 1), room.object(3 * room.part, 2)
    for one in (small, large):
        wrong = replace(one, pointer=Pointer("0" * 64, one.pointer.size))
        with room.hub() as hub:
            with pytest.raises(Unavailable, match="upload-lost"):
                room.send(hub, [wrong])
            assert not room.has(hub, wrong)


@pytest.mark.parametrize("size", [1000, 300_000], ids=["whole", "in parts"])
def test_bytes_spoiled_on_the_way_are_sent_again_and_taken_back_from_the_bars(
    room: Any, watcher: Any, size: int
) -> None:
    one = room.object(size)
    with room.hub(corrupt()) as hub:
        report = room.send(hub, [one], watcher=watcher)
        assert room.has(hub, one)
    assert watcher.shown == {one.pointer.oid: size}
    assert report.bytes_sent == 2 * size


def test_what_the_server_forgets_is_sent_again(room: Any, watcher: Any) -> None:
    one = room.object(5 * room.part)
    with room.hub(forget_object()) as hub:
        room.send(hub, [one], watcher=watcher)
        assert room.has(hub, one)
    assert watcher.shown == {one.pointer.oid: one.pointer.size}


def test_a_source_and_its_name_are_the_users_own(room: Any) -> None:
    one = room.object(1000)
    source = Source(one.source.path, 1000, one.source.mtime_ns + 1, "weights/model.bin")
    with room.hub() as hub, pytest.raises(SourceChanged) as caught:
        room.send(hub, [replace(one, source=source)])
    assert "weights/model.bin" in caught.value.finding.message


def test_the_token_goes_to_the_hub_and_never_to_its_storage(room: Any) -> None:
    with room.hub() as hub:
        room.send(hub, [room.object(1000, 1), room.object(3 * room.part, 2)])
        users = {op: {row.user for row in hub.seen.rows(op)} for op in ("batch", "put", "complete")}
    assert users == {"batch": {"local"}, "put": {None}, "complete": {None}}
