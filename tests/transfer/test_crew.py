from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from hfpush.errors import Refused, Unavailable
from hfpush.net.retry import RetryPolicy
from hfpush.transfer.crew import Crew, Stopped
from hfpush.transfer.observe import Silent

POLICY = RetryPolicy(attempts=3, first_wait=0.01, longest_asked_wait=100.0)


@dataclass
class Work:
    """A number of tasks that count themselves, given out one by one when the crew asks for more."""

    crew: Crew
    left: int
    task: Callable[[], None] = lambda: None
    running: int = 0
    most: int = 0
    ended: int = 0
    given: list[float] = field(default_factory=list)

    def more(self) -> Callable[[], None] | None:
        if self.left == 0:
            return None
        self.left -= 1
        return self.one

    def one(self) -> None:
        with self.crew.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        try:
            self.task()
        finally:
            with self.crew.lock:
                self.running -= 1
                self.ended += 1

    def done(self) -> bool:
        return self.left == 0 and self.running == 0

    def run(self) -> None:
        self.crew.run(more=self.more, done=self.done)


def a_crew(jobs: int = 4, **more: float) -> Crew:
    return Crew(jobs, POLICY, Silent(), **more)


def refuse() -> None:
    raise Refused.of("storage-full", "No room.")


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_every_task_runs_once_and_never_more_at_a_time_than_jobs(jobs: int) -> None:
    work = Work(a_crew(jobs), 300, lambda: time.sleep(0))
    work.run()
    assert work.ended == 300
    assert work.most <= jobs


def test_how_many_may_run_is_asked_anew_all_along() -> None:
    jobs = [1]
    crew = Crew(lambda: jobs[0], POLICY, Silent())
    together = threading.Barrier(3, timeout=10)

    def one() -> None:
        jobs[0] = 3
        together.wait()

    work = Work(crew, 3, one)
    work.run()
    assert work.most == 3


def test_tasks_that_add_tasks_wake_whoever_rests() -> None:
    crew = a_crew(4)
    together = threading.Barrier(4, timeout=10)
    left = [5]

    def meet() -> None:
        together.wait()
        with crew.lock:
            left[0] -= 1

    def begin() -> None:
        with crew.lock:
            left[0] -= 1
            for _ in range(4):
                crew.add(meet)

    with crew.lock:
        crew.add(begin)
    began = time.monotonic()
    crew.run(more=lambda: None, done=lambda: left[0] == 0)
    assert time.monotonic() - began < 5


def test_what_comes_first_is_begun_first() -> None:
    crew, order = a_crew(1), list[str]()
    with crew.lock:
        for name in ("a", "b"):
            crew.add(lambda name=name: order.append(name))  # type: ignore[misc]
        crew.add(lambda: order.append("first"), first=True)
    crew.run(more=lambda: None, done=lambda: len(order) == 3)
    assert order == ["first", "a", "b"]


def test_the_first_failure_is_raised_and_nothing_new_begins() -> None:
    work = Work(a_crew(1), 100, refuse)
    with pytest.raises(Refused, match="storage-full"):
        work.run()
    assert work.ended == 1


@pytest.mark.parametrize("error", [KeyError("our bug"), SystemExit(3), RecursionError()], ids=repr)
def test_whatever_a_worker_dies_of_reaches_the_caller(error: BaseException) -> None:
    def die() -> None:
        raise error

    with pytest.raises(type(error)):
        Work(a_crew(), 5, die).run()


def test_what_is_under_way_may_end_before_a_failure_is_raised() -> None:
    crew, failed, ended = a_crew(2), threading.Event(), list[str]()

    def slow() -> None:
        assert failed.wait(10)
        time.sleep(0.05)
        ended.append("slow")

    def fail() -> None:
        failed.set()
        refuse()

    with crew.lock:
        crew.add(slow)
        crew.add(fail)
    with pytest.raises(Refused):
        crew.run(more=lambda: None, done=lambda: False)
    assert ended == ["slow"]


def test_but_not_for_ever() -> None:
    crew, stuck = a_crew(2, wind_up_seconds=0.1), threading.Event()

    def hang() -> None:
        stuck.wait(20)

    with crew.lock:
        crew.add(hang)
        crew.add(refuse)
    began = time.monotonic()
    with pytest.raises(Refused):
        crew.run(more=lambda: None, done=lambda: False)
    stuck.set()
    assert time.monotonic() - began < 5


def test_a_wait_before_another_try_ends_with_the_run() -> None:
    crew, told = a_crew(2), threading.Event()

    def again() -> None:
        told.set()
        raise Unavailable(Refused.of("rate-limited", "Slow down.").finding, retry_after=60.0)

    def fail() -> None:
        assert told.wait(10)
        refuse()

    with crew.lock:
        crew.add(lambda: crew.retried(again))
        crew.add(fail)
    began = time.monotonic()
    with pytest.raises(Refused):
        crew.run(more=lambda: None, done=lambda: False)
    assert time.monotonic() - began < 10


def test_when_it_has_ended_nothing_is_tried_or_sent_any_more() -> None:
    crew = a_crew()
    crew.count(5)
    crew.run(more=lambda: None, done=lambda: True)
    with pytest.raises(Stopped):
        crew.retried(lambda: None)
    with pytest.raises(Stopped):
        crew.count(5)
    assert crew.moved == 5


def test_bytes_that_are_taken_back_have_moved_all_the_same() -> None:
    crew = a_crew()
    for sent in (10, -10, 10):
        crew.count(sent)
    assert crew.moved == 20


FEW_THREADS = """
import resource, threading
from hfpush.net.retry import RetryPolicy
from hfpush.transfer.crew import Crew
from hfpush.transfer.observe import Silent
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
size = int(status["VmSize"].split()[0]) * 1024
threading.stack_size(256_000_000)
resource.setrlimit(resource.RLIMIT_AS, (size + 700_000_000, size + 700_000_000))
done = []
crew = Crew(8, RetryPolicy(), Silent())
with crew.lock:
    for number in range(50):
        crew.add(lambda: done.append(threading.current_thread().name))
crew.run(more=lambda: None, done=lambda: len(done) == 50)
print(len(done), crew.limit)
"""


def test_where_there_are_few_threads_those_do_it_all() -> None:
    done = subprocess.run([sys.executable, "-c", FEW_THREADS], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    tasks, limit = map(int, done.stdout.split())
    assert (tasks, 1 <= limit <= 3) == (50, True)
