"""Which of several endpoints carries an operation best. Pure: measurements in, a choice and its reason out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hfpush.endpoints.endpoint import Endpoint
from hfpush.findings import Finding

Operation = Literal["publish", "fetch"]
StepName = Literal["api", "git", "lfs", "storage", "completion"]
STEPS: dict[Operation, tuple[StepName, ...]] = {
    "publish": ("api", "git", "lfs", "storage", "completion"),
    "fetch": ("api", "storage"),
}
"""What each operation needs of an endpoint, in the order in which it needs it."""
_EQUAL_SECONDS = 0.1  # differences below this are chance
_EQUAL_SHARE = 1.25


@dataclass(frozen=True)
class Step:
    """One step as it was measured: in `seconds`, by `route` (words), with the finding of its failure.

    `skipped` says why it could not be tried: there is no such repository yet, no file to ask for, or no time left.
    """

    name: StepName
    seconds: float = 0.0
    route: str = ""
    failure: Finding | None = None
    skipped: str | None = None

    @property
    def is_ok(self) -> bool:
        """Whether it was tried and worked."""
        return self.failure is None and self.skipped is None


@dataclass(frozen=True)
class Measured:
    """What is known of one endpoint. `dead` says that it gave no answer at all, which may pass."""

    endpoint: Endpoint
    steps: tuple[Step, ...]
    dead: bool = False

    @property
    def failure(self) -> Finding | None:
        """The finding of the first step that failed."""
        return next((step.failure for step in self.steps if step.failure is not None), None)

    @property
    def seconds(self) -> float:
        """All its steps together."""
        return sum(step.seconds for step in self.steps if step.is_ok)

    @property
    def is_whole(self) -> bool:
        """Whether every step that could be tried worked, and at least one could."""
        return self.failure is None and any(step.is_ok for step in self.steps)


@dataclass(frozen=True)
class Choice:
    """The endpoint to take, and why, in a few words."""

    endpoint: Endpoint
    why: str


def best_of(measured: Sequence[Measured]) -> Choice | None:
    """The endpoint that carries most of the steps, then the quickest; None where every one is dead.

    An endpoint whose steps all worked beats one of which some are unknown, that one beats one of which a step failed.
    Among equals in this, the Hub itself beats what stands before it unless that is clearly quicker.
    """
    living = [one for one in measured if not one.dead]
    if not living:
        return None
    top = max(map(_carries, living))
    able = [one for one in living if _carries(one) == top]
    quickest = min(able, key=lambda one: one.seconds)
    near = [one for one in able if one.seconds <= quickest.seconds * _EQUAL_SHARE + _EQUAL_SECONDS]
    taken = next((one for one in near if one.endpoint.kind == "hub"), quickest)
    return Choice(taken.endpoint, _why(taken, [one for one in measured if one is not taken]))


def _carries(one: Measured) -> tuple[bool, int, int]:
    """No failure, how many steps worked, how many of the first ones did before the first failure."""
    before = 0
    for step in one.steps:
        if step.failure is not None:
            break
        before += step.is_ok
    return one.failure is None, sum(step.is_ok for step in one.steps), before


def _why(taken: Measured, others: Sequence[Measured]) -> str:
    done = [step.name for step in taken.steps if step.is_ok]
    words = [f"{', '.join(done)} in {taken.seconds * 1000:.0f} ms"] if done else []
    if taken.failure is not None:
        words.append(f"although: {taken.failure.reference}")
    words += [f"{one.endpoint.name}: {_short(one)}" for one in others]
    return "; ".join(words)


def _short(one: Measured) -> str:
    if one.failure is not None:
        step = next(step for step in one.steps if step.failure is not None)
        return f"{one.failure.reference} ({step.name})"
    done = sum(step.is_ok for step in one.steps)
    if not done:
        return "not heard of in time"
    return f"{one.seconds * 1000:.0f} ms" + ("" if done == len(one.steps) else f", {done} of {len(one.steps)} steps")
