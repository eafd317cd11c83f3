"""Questions at the same time: the answers that came in time, and a mistake that is not lost."""

from __future__ import annotations

import threading
import time

import pytest

from hfpush.diagnose.side_by_side import Asking, side_by_side


def test_answers_come_in_the_order_of_the_questions_and_the_late_is_left_behind() -> None:
    never, first = threading.Event(), threading.Event()

    def late() -> str:
        never.wait(30)
        return "late"

    def second() -> str:
        first.set()
        return "second"

    def waits_for_second() -> str:
        assert first.wait(20), "they are asked at the same time"
        return "first"

    until = time.monotonic() + 1.0
    found = side_by_side({"a": waits_for_second, "b": late, "c": second}, until)
    never.set()
    assert list(found.items()) == [("a", "first"), ("c", "second")]


def test_what_a_question_raises_is_raised() -> None:
    def wrong() -> str:
        raise KeyError("a mistake")

    with pytest.raises(KeyError):
        side_by_side({"a": wrong}, time.monotonic() + 20)


def test_an_answer_is_there_for_whoever_waits_again() -> None:
    asking = Asking(lambda: 3)
    assert [asking.wait(time.monotonic() + 20), asking.wait(0.0)] == [3, 3]
