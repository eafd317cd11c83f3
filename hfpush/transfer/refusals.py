"""The errors with which an upload ends for good, in the user's words. Pure."""

from __future__ import annotations

from hfpush.errors import Damaged, HfpushError, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.lfs.batch import Rejected
from hfpush.net.redact import redact
from hfpush.transfer.state import GiveUp


def gave_up(name: str, step: GiveUp, last_words: tuple[str, ...]) -> Unavailable:
    """The state machine would go in circles; `last_words` are what the server said when it last refused."""
    return Unavailable(
        Finding(
            step.reference,
            f"{name} cannot be brought to the server.",
            (step.message, *last_words),
            ("run the same command again later", "if it stays so, try another endpoint with --endpoint"),
        )
    )


def rejected(name: str, answer: Rejected) -> Refused:
    """The batch answer takes everything but this object."""
    return Refused.of(
        "object-refused",
        f"The Hub does not take {name}.",
        seen=(f"the batch answer for it: {answer.code} {redact(answer.message)[:500]}",),
    )


def tagless(name: str, number: int, *, again: bool) -> HfpushError:
    """A part was taken, but its answer has no ETag, without which it cannot be used: once may be an accident."""
    finding = Finding(
        "part-tag-missing",
        f"Part {number} of {name} was accepted, but the answer carries no ETag.",
        ("without its ETag a part cannot be put together with the others",),
        ("something between this machine and the storage removes it: try another network or endpoint",),
    )
    return Damaged(finding) if again else Unavailable(finding)
