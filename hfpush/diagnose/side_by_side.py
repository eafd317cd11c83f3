"""Questions asked at the same time, with one end for all: who has not answered by then is left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

WHOLE_SECONDS = 18.0
"""The end for everything that doctor asks: it is to be done within 20."""
K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Asking(Generic[T]):
    """One question in a thread of its own, which does not keep the process alive."""

    def __init__(self, question: Callable[[], T]) -> None:
        self._question = question
        self._answer: list[T] = []
        self._error: BaseException | None = None
        self._over = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self._answer.append(self._question())
        except BaseException as error:  # noqa: BLE001  # raised again where the answer is waited for
            self._error = error
        finally:
            self._over.set()

    def wait(self, until: float) -> T | None:
        """The answer, None where there is none by `until` (of time.monotonic). Raises what the question raised."""
        if not self._over.wait(max(0.0, until - time.monotonic())):
            return None
        if self._error is not None:
            raise self._error
        return self._answer[0]


def side_by_side(questions: Mapping[K, Callable[[], T]], until: float) -> dict[K, T]:
    """The answers that came by `until`, in the order of the questions. Raises what a question raised."""
    asked = {key: Asking(question) for key, question in questions.items()}
    answers = {key: one.wait(until) for key, one in asked.items()}
    return {key: answer for key, answer in answers.items() if answer is not None}
