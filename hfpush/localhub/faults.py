"""Faults by name: what a Hub, or the network before it, can do wrong on purpose.

Each constructor makes one `Fault`, a value. `on` names an operation of operation.py, or `*` for all of them; `part`
is a part number of a multipart upload; `times` bounds how many matching requests are hit (None: all). Sizes are
bytes, times are seconds. `Faults` is the live set of one Hub, with the counting. What a fault does to a request is
the business of shaping.py and of the handlers.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from dataclasses import dataclass

from hfpush.localhub.operation import OPS

WAYS = {"unknown_length": ("chunked", "close"), "no_answer": ("silent", "reset"), "wrong_range": ("told", "untold")}
"""The faults that happen in one of several ways: what their argument `how` may be, the first being the usual one."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. Made by the constructors below; `str` of it is what `parse` reads."""

    name: str
    on: str = "*"
    part: int | None = None
    times: int | None = 1
    bytes: int = 0
    seconds: float = 0.0
    rate: float = 0.0
    code: int = 0
    retry_after: float | None = None
    ratelimit: str | None = None
    message: str | None = None
    at: int | None = None
    more: int = 0
    shift: int = 0
    how: str = ""
    after: int = 0
    uses: int = 1
    at_once: int | None = None
    per_second: int | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for an operation that does not exist or a number that makes no sense."""
        if self.on != "*" and self.on not in OPS:
            raise ValueError(f"unknown operation {self.on!r}; there are: *, {', '.join(OPS)}")
        if self.times is not None and self.times < 1:
            raise ValueError("times is a positive number, or None for always")
        if self.bytes < 0 or self.seconds < 0 or (self.at or 0) < 0 or self.after < 0:
            raise ValueError("bytes, seconds, at and after are not negative")
        if self.how not in WAYS.get(self.name, ("",)):
            raise ValueError(f"how is one of: {', '.join(WAYS.get(self.name, ('',)))}")
        if self.uses < 1 or any(most is not None and most < 1 for most in (self.at_once, self.per_second)):
            raise ValueError("uses, at_once and per_second are positive numbers")
        if self.name == "slow" and not self.rate > 0:
            raise ValueError("rate is a positive number of bytes per second")
        if self.name in ("status", "html") and not 200 <= self.code <= 599:
            raise ValueError("a status code lies between 200 and 599")

    def matches(self, name: str, op: str, part: int | None, *, by_name: bool = False) -> bool:
        """Whether a request of this operation (and part, if it stores one) is one that the fault is about.

        `by_name`: only if it is about this very operation, not if it is about all of them.
        """
        return self.name == name and (self.on == op or (self.on == "*" and not by_name)) and self.part in (None, part)

    def reaches(self, start: int, length: int | None) -> bool:
        """Whether what it is about lies in a body of that length (None: unknown) that begins at byte `start`."""
        if self.at is not None:
            return start <= self.at and (length is None or self.at < start + length)
        return length is None or self.bytes <= length

    def __str__(self) -> str:
        given = []
        for key, parameter in inspect.signature(CONSTRUCTORS[self.name]).parameters.items():
            value = self.code if key == "status" else getattr(self, key)
            if value != parameter.default:
                given.append(f"{key}={value!r}")
        return f"{self.name}({', '.join(given)})"


class Faults:
    """The live faults of one Hub; may be changed from any thread while it runs."""

    def __init__(self, *faults: Fault) -> None:
        self._lock = threading.Lock()
        self._live: list[tuple[Fault, int]] = []
        self.add(*faults)

    def add(self, *faults: Fault) -> None:
        """Let these happen from now on, too."""
        with self._lock:
            self._live = [*self._live, *((fault, -fault.after) for fault in faults)]

    def clear(self) -> None:
        """Let nothing go wrong any more. A request that is being shaped already ends as it began."""
        with self._lock:
            self._live = []

    @property
    def any(self) -> bool:
        """Whether anything can go wrong at all; cheap, for the path that every request takes."""
        return bool(self._live)

    def live(self) -> list[Fault]:
        """The faults that can still hit a request."""
        return [fault for fault, _ in self._live]

    def take(
        self,
        name: str,
        op: str,
        part: int | None = None,
        *,
        length: int | None = None,
        start: int = 0,
        by_name: bool = False,
    ) -> Fault | None:
        """The first live fault of that name for such a request, now counted as used once; else None.

        A fault that comes after more bytes than the body's `length` (None: unknown) is not about this request, nor is
        one about a byte of the file that is not in this body, whose first byte is the file's byte `start`.
        """
        if not self._live:
            return None
        with self._lock:
            for index, (fault, used) in enumerate(self._live):
                if not fault.matches(name, op, part, by_name=by_name) or not fault.reaches(start, length):
                    continue
                if used < 0:
                    self._live[index] = (fault, used + 1)
                else:
                    spent = fault.times is not None and used + 1 >= fault.times
                    self._live[index : index + 1] = [] if spent else [(fault, used + 1)]
                    return fault
        return None

    def give_back(self, fault: Fault) -> None:
        """What was taken did not come to pass: it may hit one more request."""
        if fault.times is None:
            return
        with self._lock:
            for index, (other, used) in enumerate(self._live):
                if other is fault:
                    self._live[index] = (fault, used - 1)
                    return
            self._live.insert(0, (fault, fault.times - 1))


def drop_after(bytes: int, on: str = "put", part: int | None = None, times: int | None = 1) -> Fault:
    """The connection is reset once that many body bytes were received (put, git-push) or sent (get, git-fetch)."""
    return Fault("drop_after", on=on, part=part, times=times, bytes=bytes)


def stall(seconds: float, bytes: int = 0, on: str = "put", part: int | None = None, times: int | None = 1) -> Fault:
    """Nothing is read (or sent: get, git-fetch) for that long after that many bytes; then it goes on."""
    return Fault("stall", on=on, part=part, times=times, bytes=bytes, seconds=seconds)


def slow(rate: float, on: str = "put", part: int | None = None, times: int | None = None) -> Fault:
    """Bodies move at `rate` bytes per second and connection."""
    return Fault("slow", on=on, part=part, times=times, rate=rate)


def delay(seconds: float, on: str = "*", times: int | None = None) -> Fault:
    """Every answer comes that much later, as over a long line."""
    return Fault("delay", on=on, times=times, seconds=seconds)


def status(
    code: int,
    on: str,
    part: int | None = None,
    times: int | None = 1,
    retry_after: float | None = None,
    ratelimit: str | None = None,
    message: str | None = None,
) -> Fault:
    """The request body is read, then refused with this status, in the words of the door it came to.

    `retry_after` and `ratelimit` become the headers Retry-After and RateLimit (for example `"api";r=0;t=30`).
    """
    return Fault(
        "status",
        on=on,
        part=part,
        times=times,
        code=code,
        retry_after=retry_after,
        ratelimit=ratelimit,
        message=message,
    )


def short_lease(seconds: float, times: int | None = None, on: str = "batch") -> Fault:
    """The signed URLs of a batch answer, or of a redirect of resolve, live that long, and it says so."""
    return Fault("short_lease", on=on, times=times, seconds=seconds)


def expired_lease(times: int | None = 1, on: str = "batch") -> Fault:
    """Such signed URLs are dead already, though it says otherwise: a skewed clock, a slow queue."""
    return Fault("expired_lease", on=on, times=times)


def worn_lease(uses: int, times: int | None = None, on: str = "resolve") -> Fault:
    """Such signed URLs can be used that often; then the storage refuses them as if their time had run out."""
    return Fault("worn_lease", on=on, times=times, uses=uses)


def late_check(part: int | None = None, times: int | None = 1) -> Fault:
    """A signed URL's time is looked at again once the body is there, as behind a proxy that takes bodies whole."""
    return Fault("late_check", on="put", part=part, times=times)


def new_upload_per_lease() -> Fault:
    """Every batch starts a new multipart upload; parts sent to an earlier one do not count for it."""
    return Fault("new_upload_per_lease", on="batch", times=None)


def corrupt(on: str = "put", part: int | None = None, times: int | None = 1, at: int | None = None) -> Fault:
    """One byte differs in what is stored (put) or sent (get): byte `at` of the file, or the one in the middle."""
    return Fault("corrupt", on=on, part=part, times=times, at=at)


def wrong_etag(part: int | None = None, times: int | None = 1) -> Fault:
    """The ETag answered for a part is not that of the stored part; a completion naming it is refused."""
    return Fault("wrong_etag", on="put", part=part, times=times)


def no_etag(part: int | None = None, times: int | None = 1) -> Fault:
    """The answer for a part has no ETag, as behind a proxy that drops it."""
    return Fault("no_etag", on="put", part=part, times=times)


def lost_answer(on: str, part: int | None = None, times: int | None = 1) -> Fault:
    """Everything is done, then the connection closes without an answer."""
    return Fault("lost_answer", on=on, part=part, times=times)


def redirect_loop(on: str, times: int | None = None) -> Fault:
    """The answer is a redirect to the request's own URL."""
    return Fault("redirect_loop", on=on, times=times)


def html(on: str, status: int = 200, times: int | None = 1) -> Fault:
    """An HTML page comes instead of the answer: a captive portal, a CDN, a proxy."""
    return Fault("html", on=on, times=times, code=status)


def bad_json(on: str, times: int | None = 1) -> Fault:
    """The answer claims to be JSON and is not."""
    return Fault("bad_json", on=on, times=times)


def truncate(bytes: int, on: str = "get", times: int | None = 1) -> Fault:
    """Only that many bytes of the body are sent, then the connection ends in order."""
    return Fault("truncate", on=on, times=times, bytes=bytes)


def ignore_range(times: int | None = None) -> Fault:
    """A Range request gets the whole file with 200."""
    return Fault("ignore_range", times=times)


def refuse_range(times: int | None = 1) -> Fault:
    """A range request is answered 416, though the file has that range."""
    return Fault("refuse_range", times=times)


def wrong_range(shift: int, times: int | None = 1, how: str = "told") -> Fault:
    """A range request gets a 206 with bytes `shift` further on; `untold`: Content-Range claims that they are right."""
    return Fault("wrong_range", times=times, shift=shift, how=how)


def wrong_length(more: int, on: str = "get", times: int | None = 1) -> Fault:
    """Content-Length promises so many more bytes than there are, or (negative) fewer, and no more are sent."""
    return Fault("wrong_length", on=on, times=times, more=more)


def unknown_length(on: str = "get", times: int | None = 1, how: str = "chunked") -> Fault:
    """The answer has no Content-Length: it is chunked, or (`close`) ends with its connection, as in HTTP/1.0."""
    return Fault("unknown_length", on=on, times=times, how=how)


def gzip(on: str = "get", times: int | None = 1) -> Fault:
    """The body comes gzip-encoded, though nobody asked for that."""
    return Fault("gzip", on=on, times=times)


def swap(on: str = "get", after: int = 1, times: int | None = None) -> Fault:
    """From the request after so many others on the object is another one of the same size, with another ETag."""
    return Fault("swap", on=on, times=times, after=after)


def throttle(
    at_once: int | None = None,
    per_second: int | None = None,
    on: str = "get",
    times: int | None = None,
    retry_after: float | None = 1,
) -> Fault:
    """429 for every request beyond so many at the same time, or in one second."""
    return Fault("throttle", on=on, times=times, at_once=at_once, per_second=per_second, retry_after=retry_after)


def no_answer(on: str, times: int | None = None, how: str = "silent") -> Fault:
    """The request is taken and never answered, or (`reset`) its connection is reset instead."""
    return Fault("no_answer", on=on, times=times, how=how)


def no_commit_header(times: int | None = None) -> Fault:
    """resolve answers lack X-Repo-Commit."""
    return Fault("no_commit_header", times=times)


def unpadded_parts() -> Fault:
    """Part keys of a batch answer are `1`, `2`, …, `10` instead of `00001`: their text order is not their order."""
    return Fault("unpadded_parts", on="batch", times=None)


def forget_object(times: int | None = 1) -> Fault:
    """A PUT or a completion says yes, but the repository does not have the object afterwards."""
    return Fault("forget_object", times=times)


def disk_full(on: str = "put", part: int | None = None, times: int | None = 1) -> Fault:
    """507, in S3's words at the storage, for lack of space."""
    return Fault("disk_full", on=on, part=part, times=times)


def race(times: int | None = 1) -> Fault:
    """Somebody else's commit arrives on the branch just before this push or commit."""
    return Fault("race", times=times)


def wrong_size(on: str = "batch", times: int | None = 1) -> Fault:
    """A batch answer states another size than was asked."""
    return Fault("wrong_size", on=on, times=times)


def unknown_oid(on: str = "batch", times: int | None = 1) -> Fault:
    """A batch answer is about an oid that nobody asked for."""
    return Fault("unknown_oid", on=on, times=times)


CONSTRUCTORS: dict[str, Callable[..., Fault]] = {
    make.__name__: make
    for make in (
        drop_after, stall, slow, delay, status, short_lease, expired_lease, worn_lease, late_check,
        new_upload_per_lease, corrupt, wrong_etag, no_etag, lost_answer, redirect_loop, html, bad_json, truncate,
        ignore_range, refuse_range, wrong_range, wrong_length, unknown_length, gzip, swap, throttle, no_answer,
        no_commit_header, unpadded_parts, forget_object, disk_full, race, wrong_size, unknown_oid,
    )
}  # fmt: skip
"""Every fault by its name."""
