"""Giving up on an endpoint that shows no sign of life, and on no other."""

from __future__ import annotations

import pytest

from hfpush.commands.impatient import ImpatientPublish, impatient_wait
from hfpush.errors import Unavailable
from hfpush.findings import Finding

GONE = Finding("connection-refused", "Nothing listens.")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Heard:
    """A publish's observer that writes down what it hears."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def __getattr__(self, name: str) -> object:
        return lambda *given: self.words.append(name)


def watching() -> tuple[ImpatientPublish, Clock, Heard]:
    clock, heard = Clock(), Heard()
    return ImpatientPublish(heard, seconds=10, clock=clock), clock, heard  # type: ignore[arg-type]


def test_it_gives_up_before_the_wait_that_would_be_too_long() -> None:
    watch, clock, heard = watching()
    clock.now += 5
    watch.waiting(4.0, Unavailable(GONE))
    with pytest.raises(Unavailable) as caught:
        watch.waiting(5.0, Unavailable(GONE))
    assert caught.value.finding is GONE
    assert heard.words == ["waiting"]


@pytest.mark.parametrize("sign", ["stage", "hashed", "moved", "finished", "planned"])
def test_a_sign_of_life_begins_the_time_anew(sign: str) -> None:
    watch, clock, heard = watching()
    clock.now += 9
    given = {"stage": ("x",), "hashed": (1,), "moved": ("oid", 1), "finished": ("oid", "sent"), "planned": (None,)}[
        sign
    ]
    getattr(watch, sign)(*given)
    watch.waiting(5.0, Unavailable(GONE))
    assert heard.words == [sign, "waiting"]


def test_bytes_that_go_again_are_no_sign_of_life() -> None:
    watch, clock, _ = watching()
    clock.now += 9
    watch.moved("oid", -5)
    with pytest.raises(Unavailable):
        watch.waiting(5.0, Unavailable(GONE))


def test_a_server_that_asks_to_wait_lives_and_one_that_refuses_is_not_given_up() -> None:
    watch, clock, _ = watching()
    clock.now += 60
    watch.waiting(30.0, Unavailable(Finding("hub-unavailable", "Busy."), retry_after=30))
    clock.now += 60
    watch.waiting(1.0, Unavailable(Finding("rate-limited", "Slow down.")))


def test_the_rest_is_passed_on() -> None:
    watch, _, heard = watching()
    watch.started("oid", "name", 3, 0)
    watch.paused(1)
    watch.news(None)  # type: ignore[arg-type]
    assert heard.words == ["started", "paused", "news"]


def test_what_waits_for_a_few_calls_gives_up_in_the_same_way() -> None:
    clock, heard = Clock(), list[float]()
    waiting = impatient_wait(lambda seconds, why: heard.append(seconds), seconds=10, clock=clock)
    clock.now += 5
    waiting(4.0, Unavailable(GONE))
    clock.now += 60
    waiting(30.0, Unavailable(Finding("hub-unavailable", "Busy."), retry_after=30))
    with pytest.raises(Unavailable):
        waiting(11.0, Unavailable(GONE))
    assert heard == [4.0, 30.0]
