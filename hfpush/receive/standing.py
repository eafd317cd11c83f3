"""What is thought of a source while others have the same files: it is fine, it waits, or nothing more is asked of it.

Pure. What becomes of a source that is all there is, budget.py says: it gets all of our patience.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from hfpush.errors import HfpushError, LeaseExpired, Unavailable
from hfpush.findings import Finding
from hfpush.net.retry import RetryPolicy

_ATTEMPTS = 3  # in a row, without a worthwhile byte in between


@dataclass(frozen=True)
class Standing:
    """How often a source has `failed` in a row, until when nothing is asked of it, and why it was `dropped`.

    `given_up` is why it should be dropped, as soon as somebody does. `noted` is when the last failure was counted: what
    began before and fails as well is the same accident. `last` is that failure, as long as nothing worthwhile came
    since, and unless the source asked for time.
    """

    failed: int = 0
    until: float = 0.0
    noted: float = -math.inf
    given_up: Finding | None = None
    dropped: Finding | None = None
    last: Finding | None = None

    def usable(self, now: float) -> bool:
        """Whether it may be asked at this moment."""
        return self.dropped is None and now >= self.until

    def brought(self) -> Standing:
        """After a worthwhile piece."""
        return replace(self, failed=0, last=None) if self.failed else self

    def rested(self) -> Standing:
        """After somebody has waited for it."""
        return replace(self, until=0.0) if self.until else self

    def after(self, failure: HfpushError, policy: RetryPolicy, *, began: float, now: float) -> Standing:
        """After a request that began at `began` has failed, with others who have the file."""
        if self.dropped is not None or began < self.noted:
            return self
        if not isinstance(failure, Unavailable):
            return replace(self, given_up=failure.finding)
        failed = self.failed + 1
        if isinstance(failure, LeaseExpired) and failed == 1:
            return replace(self, failed=failed, noted=now)
        last = failure.finding if failure.retry_after is None else None
        here = replace(self, failed=failed, noted=now, last=last)
        plain = Unavailable(failure.finding, retry_after=failure.retry_after, tries=failure.tries)
        short = replace(policy, attempts=min(policy.attempts, _ATTEMPTS))
        wait = short.wait_before(failed, plain)
        if wait is None:
            return replace(here, given_up=failure.finding)
        return replace(here, until=max(self.until, now + wait))
