"""Each thing that a Hub or a network can do wrong, and what comes of it: success, or one error with its reference."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from hfpush.errors import Damaged, HfpushError, NotFound, Refused, Unavailable
from hfpush.localhub import (
    Fault,
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
    redirect_loop,
    slow,
    stall,
    status,
    unknown_oid,
    unpadded_parts,
    wrong_etag,
    wrong_size,
)

OPS = ("batch", "put", "complete", "verify")
PASSING = (408, 429, 500, 502, 503, 504)
ONCE: list[Fault] = [
    *(status(code, on=on) for on in OPS for code in PASSING),
    *(status(code, on="put") for code in (400, 403, 404, 409)),
    *(status(code, on="complete") for code in (400, 403, 404, 409)),
    *(lost_answer(on) for on in OPS),
    *(html(on, status=503) for on in OPS),
    *(html(on) for on in OPS),
    bad_json("batch"),
    *(redirect_loop(on, times=1) for on in OPS),
    *(delay(1.5, on=on, times=1) for on in ("batch", "put", "verify")),
    *(stall(1.5, bytes=size) for size in (0, 1000)),
    *(drop_after(size) for size in (0, 1, 1000)),
    *(
        corrupt(),
        wrong_etag(),
        no_etag(),
        forget_object(),
        expired_lease(),
        status(429, on="batch", ratelimit='"api";r=0;t=0'),
    ),
    *(slow(1e6), unpadded_parts(), new_upload_per_lease()),
]


SIZES = {"whole": 1000, "parts": 200_000}
WAITED_OUT = ("delay(", "stall(")
"""Faults that last until patience ends. With SOME of them a quick run waits."""
SOME = (
    "delay(seconds=1.5, on='put', times=1)-parts",
    "stall(seconds=1.5, bytes=1000)-parts",
    "stall(seconds=3, times=None)-whole",
)


def both_sizes(rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Rows of a table, each for an object that goes whole and for one that goes in parts."""
    return [
        pytest.param(
            *row,
            size,
            id=(id := f"{row[0]}-{name}"),
            marks=pytest.mark.slow if id.startswith(WAITED_OUT) and id not in SOME else (),
        )
        for name, size in SIZES.items()
        for row in rows
    ]


@pytest.mark.parametrize(("fault", "size"), both_sizes(zip(ONCE, strict=True)))
def test_what_passes_by_itself_costs_no_more_than_the_bytes_it_hit(
    room: Any, watcher: Any, fault: Fault, size: int
) -> None:
    one = room.object(size)
    began = time.monotonic()
    with room.hub(fault) as hub:
        room.send(hub, [one], watcher=watcher)
        assert room.has(hub, one)
        assert hub.seen.bytes_in("put") <= 2 * size
    assert time.monotonic() - began < 20
    assert watcher.shown == {one.pointer.oid: size}, "what had to go again was taken back from the bars"
    assert room.journals() == []


@pytest.mark.parametrize("code", [400, 404, 409, 410, 422])
def test_an_object_that_verification_does_not_find_is_asked_for_again(room: Any, watcher: Any, code: int) -> None:
    one = room.object(200_000)
    with room.hub(status(code, on="verify")) as hub:
        room.send(hub, [one], watcher=watcher)
        assert (hub.seen.count("batch"), hub.seen.bytes_in("put")) == (2, 200_000), "it was there after all"
    assert watcher.hows == [(one.pointer.oid, "sent")]


Always = tuple[Fault, type[HfpushError], str]
ALWAYS: list[Always] = [
    *((status(code, on="batch", times=None), Unavailable, "hub-unavailable") for code in (408, 500, 502, 503, 504)),
    (status(429, on="batch", times=None), Unavailable, "rate-limited"),
    *((status(code, on="batch", times=None), Refused, "hub-refused") for code in (400, 409, 422)),
    (status(401, on="batch", times=None), Refused, "token-refused"),
    (status(403, on="batch", times=None), Refused, "no-permission"),
    (status(404, on="batch", times=None), NotFound, "repo-not-found"),
    (status(413, on="batch", times=None), Refused, "request-too-large"),
    (status(507, on="batch", times=None), Refused, "storage-full"),
    (html("batch", times=None), Unavailable, "not-a-hub"),
    (bad_json("batch", times=None), Unavailable, "not-a-hub"),
    (redirect_loop("batch"), Refused, "redirect-refused"),
    (lost_answer("batch", times=None), Unavailable, "connection-cut"),
    (wrong_size(times=None), Damaged, "batch-unreadable"),
    (unknown_oid(times=None), Damaged, "batch-unreadable"),
    (expired_lease(times=None), Unavailable, "lease-fruitless"),
    *((status(code, on="put", times=None), Unavailable, "lease-fruitless") for code in (403, 404)),
    *((status(code, on="put", times=None), Unavailable, "storage-unavailable") for code in (*PASSING, 400, 409)),
    (disk_full(times=None), Refused, "storage-full"),
    (redirect_loop("put"), Refused, "redirect-refused"),
    (lost_answer("put", times=None), Unavailable, "connection-cut"),
    (drop_after(500, times=None), Unavailable, "connection-cut"),
    (stall(3, times=None), Unavailable, "stalled"),
    (corrupt(times=None), Unavailable, "upload-lost"),
    (forget_object(times=None), Unavailable, "upload-lost"),
    (status(401, on="verify", times=None), Refused, "token-refused"),
    (status(403, on="verify", times=None), Refused, "no-permission"),
    (status(500, on="verify", times=None), Unavailable, "hub-unavailable"),
    (html("verify", times=None), Unavailable, "not-a-hub"),
    (lost_answer("verify", times=None), Unavailable, "connection-cut"),
    (redirect_loop("verify"), Refused, "redirect-refused"),
]
ALWAYS_IN_PARTS: list[Always] = [
    (no_etag(times=None), Damaged, "part-tag-missing"),
    (html("put", times=None), Damaged, "part-tag-missing"),
    (wrong_etag(times=None), Unavailable, "upload-lost"),
    *((status(code, on="complete", times=None), Unavailable, "upload-lost") for code in (400, 404, 410, 422)),
    (status(403, on="complete", times=None), Unavailable, "lease-fruitless"),
    (status(503, on="complete", times=None), Unavailable, "storage-unavailable"),
    (status(413, on="complete", times=None), Refused, "storage-refused"),
    (disk_full(on="complete", times=None), Refused, "storage-full"),
    (html("complete", times=None), Unavailable, "not-a-hub"),
    (lost_answer("complete", times=None), Unavailable, "connection-cut"),
    (redirect_loop("complete"), Refused, "redirect-refused"),
]


def fails(room: Any, fault: Fault, size: int) -> HfpushError:
    """The error that the run ends with; it ends in time, and no secret is in the error's texts."""
    one = room.object(size)
    room.policy = replace(room.policy, attempts=2)
    began = time.monotonic()
    with room.hub(fault) as hub:
        with pytest.raises(HfpushError) as caught:
            room.send(hub, [one])
        token, write = hub.token, hub.seen.bytes_in("put")
    assert time.monotonic() - began < 20
    assert write <= 7 * size, "patience has an end"
    error = caught.value
    told = str(error) + repr(error) + json.dumps(error.finding.as_json())
    assert token not in told
    assert "X-Amz" not in told
    assert "uploadId" not in told
    return error


@pytest.mark.parametrize(("fault", "kind", "reference", "size"), both_sizes(ALWAYS))
def test_what_never_passes_is_one_error(
    room: Any, fault: Fault, kind: type[HfpushError], reference: str, size: int
) -> None:
    error = fails(room, fault, size)
    assert (type(error), error.finding.reference) == (kind, reference)
    assert error.finding.evidence


@pytest.mark.parametrize(("fault", "kind", "reference"), ALWAYS_IN_PARTS, ids=[str(row[0]) for row in ALWAYS_IN_PARTS])
def test_what_never_passes_with_parts_is_one_error(
    room: Any, fault: Fault, kind: type[HfpushError], reference: str
) -> None:
    error = fails(room, fault, 200_000)
    assert (type(error), error.finding.reference) == (kind, reference)


def test_the_last_words_of_the_server_are_told_when_we_give_up(room: Any) -> None:
    error = fails(room, expired_lease(times=None), 200_000)
    assert "Request has expired" in error.finding.evidence[-1]
