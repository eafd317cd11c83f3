"""How often one file is asked for, and how long to wait in between: counted by progress. Pure.

An attempt that brought bytes is not a failed attempt; but a server that gives a byte a time must not keep us for ever.
So the count starts again only after a worthwhile piece: a hundredth of the file, or 64 KiB where that is less. A
file takes at most about `attempts` times its number of such pieces.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hfpush.errors import LeaseExpired, Unavailable
from hfpush.findings import Finding
from hfpush.net.retry import RetryPolicy

_WORTHWHILE = 64 * 1024


@dataclass(frozen=True)
class Budget:
    """What is left of our patience for one file of `size` bytes. `length` is how far the draft had got when it grew."""

    policy: RetryPolicy
    size: int
    length: int = 0
    failed: int = 0

    def after(self, failure: Unavailable, length: int) -> tuple[Budget, float | None]:
        """The budget after a failed attempt that left `length` bytes, and seconds to wait, or None to give up."""
        grown = length - self.length >= max(1, min(_WORTHWHILE, self.size // 100))
        failed = 1 if grown else self.failed + 1
        rest = replace(self, failed=failed, length=length if grown else self.length)
        if isinstance(failure, LeaseExpired):
            # a new lease is one request away; one that is dead on arrival is a failure like any other
            failure, at_once = Unavailable(failure.finding), failed == 1
            wait = self.policy.wait_before(failed, failure)
            return rest, 0.0 if at_once and wait is not None else wait
        return rest, self.policy.wait_before(failed, failure)


def lease_finding(failure: LeaseExpired) -> Finding:
    """What to tell when the storage refuses every URL that the Hub gives us for a download."""
    return Finding(
        "lease-refused",
        "The storage server refuses the download, though the Hub has just sent us there.",
        failure.finding.evidence,
        ("check this machine's clock", "run the same command again in a while; it goes on where it was"),
    )
