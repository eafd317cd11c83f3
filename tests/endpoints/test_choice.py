"""Which endpoint is taken, by what was measured."""

from __future__ import annotations

import pytest

from hfpush.endpoints import Endpoint
from hfpush.endpoints.choice import STEPS, Measured, Step, best_of
from hfpush.findings import Finding

FAILED = Finding("connect-timeout", "It does not answer.")
HUB = Endpoint("hub", "https://hub.example")
MIRROR = Endpoint("mirror", "https://mirror.example", "mirror")
RELAY = Endpoint("relay", "https://relay.example", "relay")


def measured(endpoint: Endpoint, marks: str, seconds: float = 0.1, *, dead: bool = False) -> Measured:
    """One mark for each step: + worked, - failed, . skipped. `seconds` in all."""
    each = seconds / max(1, marks.count("+"))
    steps = []
    for name, mark in zip(STEPS["publish"], marks, strict=False):
        failure, skipped = (FAILED if mark == "-" else None), ("not tried" if mark == "." else None)
        steps.append(Step(name, each if mark == "+" else 0.0, failure=failure, skipped=skipped))
    return Measured(endpoint, tuple(steps), dead)


@pytest.mark.parametrize(
    ("case", "found", "taken"),
    [
        ("nobody", [], None),
        ("all dead", [measured(HUB, "-....", dead=True), measured(MIRROR, "-....", dead=True)], None),
        ("one alive", [measured(HUB, "-....", dead=True), measured(MIRROR, "+++++")], "mirror"),
        ("one alive that fails", [measured(HUB, "-....", dead=True), measured(MIRROR, "+-...")], "mirror"),
        ("the quicker", [measured(MIRROR, "+++++", 0.9), measured(RELAY, "+++++", 0.2)], "relay"),
        (
            "a Hub before a mirror at equal measure",
            [measured(MIRROR, "+++++", 0.2), measured(HUB, "+++++", 0.22)],
            "hub",
        ),
        ("a mirror that is clearly quicker", [measured(MIRROR, "+++++", 0.2), measured(HUB, "+++++", 2.0)], "mirror"),
        ("all steps before some unknown", [measured(HUB, "++...", 0.01), measured(MIRROR, "+++++", 3.0)], "mirror"),
        (
            "some unknown before one that failed",
            [measured(HUB, "++++-", 0.01), measured(MIRROR, "++...", 3.0)],
            "mirror",
        ),
        ("the one that gets further", [measured(HUB, "+-...", 0.01), measured(MIRROR, "+++-.", 3.0)], "mirror"),
        (
            "of two without a repository the quicker",
            [measured(MIRROR, "+....", 1.0), measured(RELAY, "+....")],
            "relay",
        ),
    ],
)
def test_the_best_endpoint_is(case: str, found: list[Measured], taken: str | None) -> None:
    for order in (found, found[::-1]):
        best = best_of(order)
        assert (None if best is None else best.endpoint.name) == taken, case


def test_the_reason_names_the_steps_and_what_is_wrong_with_the_others() -> None:
    best = best_of([measured(HUB, "+++++", 0.5), measured(MIRROR, "++-..", 0.1), measured(RELAY, "++...", 0.1)])
    assert best is not None
    assert best.why == (
        "api, git, lfs, storage, completion in 500 ms; mirror: connect-timeout (lfs); relay: 100 ms, 2 of 5 steps"
    )


def test_a_measurement_is_whole_when_nothing_failed_and_something_worked() -> None:
    assert measured(HUB, "++...").is_whole
    assert not measured(HUB, ".....").is_whole
    assert not measured(HUB, "++++-").is_whole
    assert measured(HUB, "++-..").failure is FAILED
