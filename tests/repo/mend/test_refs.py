"""Refs that move together or not at all."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from hfpush.errors import Busy, SourceChanged
from hfpush.repo.mend.refs import (
    HEAD,
    STALE_SECONDS,
    Step,
    current,
    lock_path,
    move_all,
    release_stale,
    symbolic,
    transaction,
)
from hfpush.repo.repository import Repository

ZERO = "0" * 40


@pytest.fixture
def repo(new_repo: Callable[..., Any]) -> Any:
    place = new_repo()
    place.commit("one")
    place.commit("two")
    place.git("branch", "side", "HEAD~1")
    return place


def ids(repo: Any) -> tuple[str, str]:
    return repo.git("rev-parse", "main~1"), repo.git("rev-parse", "main")


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step("refs/heads/a", None, "b" * 40), f"update refs/heads/a\0{'b' * 40}\0{ZERO}\0"),
        (Step("refs/heads/a", "a" * 40, "b" * 40), f"update refs/heads/a\0{'b' * 40}\0{'a' * 40}\0"),
        (Step("refs/heads/a", "a" * 40, None), f"delete refs/heads/a\0{'a' * 40}\0"),
        (Step(HEAD, "a" * 40, "b" * 40), f"option no-deref\0update HEAD\0{'b' * 40}\0{'a' * 40}\0"),
    ],
)
def test_a_transaction_is_cut_off_without_effect(step: Step, text: str) -> None:
    # Without "start", git would perform what it has read when its input ends.
    assert transaction([step], ZERO).decode() == f"start\0{text}prepare\0commit\0"


def test_all_move_together_with_a_word_in_the_reflog(repo: Any) -> None:
    one, two = ids(repo)
    steps = [Step("refs/heads/main", two, one), Step("refs/heads/side", one, two), Step("refs/hfpush/x", None, one)]
    move_all(Repository.open(repo.path), steps, "why")
    assert (repo.git("rev-parse", "main"), repo.git("rev-parse", "side")) == (one, two)
    assert repo.git("reflog", "-1", "--format=%gs", "main") == "why"
    move_all(Repository.open(repo.path), [Step("refs/hfpush/x", one, None)], "why")
    assert repo.git("for-each-ref", "refs/hfpush") == ""


@pytest.mark.parametrize("wrong", [Step("refs/heads/side", ZERO, "two"), Step("refs/heads/side", "two", "one")])
def test_one_ref_at_another_value_moves_none(repo: Any, wrong: Step) -> None:
    one, two = ids(repo)
    named = {"one": one, "two": two, ZERO: ZERO}
    steps = [Step("refs/heads/main", two, one), Step(wrong.ref, named[wrong.old or ""], named[wrong.new or ""])]
    with pytest.raises(SourceChanged) as error:
        move_all(Repository.open(repo.path), steps, "why")
    assert error.value.finding.reference == "fix-ref-moved"
    assert ids(repo) == (one, two)


def test_a_detached_head_is_a_ref_like_another(repo: Any) -> None:
    one, two = ids(repo)
    repo.git("switch", "-q", "--detach")
    assert current(Repository.open(repo.path))[HEAD] == two
    move_all(Repository.open(repo.path), [Step(HEAD, two, one)], "why")
    assert repo.git("rev-parse", "HEAD", "main").split() == [one, two]
    repo.git("switch", "-q", "main")
    assert HEAD not in current(Repository.open(repo.path))


def test_symbolic_refs_are_told_apart(repo: Any) -> None:
    repo.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    assert symbolic(Repository.open(repo.path)) == {"refs/heads/alias"}


def test_a_lock_of_somebody_else_is_waited_for_and_respected(repo: Any) -> None:
    one, two = ids(repo)
    repository = Repository.open(repo.path)
    lock = lock_path(repository, "refs/heads/main")
    lock.write_text("")
    os.utime(lock, (0, 0))
    steps = [Step("refs/heads/main", two, one), Step("refs/heads/side", one, two)]
    with pytest.raises(Busy) as error:
        move_all(repository, steps, "why")
    assert error.value.finding.reference == "refs-locked"
    assert ids(repo) == (one, two)


@pytest.mark.parametrize(
    ("content", "age", "goes"),
    [("new\n", STALE_SECONDS, True), ("", STALE_SECONDS, True), ("other\n", 99, False), ("new\n", 1, False)],
)
def test_a_lock_goes_only_if_it_is_ours_and_old(repo: Any, content: str, age: float, goes: bool) -> None:
    repository, now = Repository.open(repo.path), time.time()
    lock = lock_path(repository, "refs/heads/main")
    lock.write_text(content)
    os.utime(lock, (now - age, now - age))
    assert release_stale(repository, {"refs/heads/main": {"new"}, "refs/none/x": {"new"}}, now=now) == (
        (lock,) if goes else ()
    )
    assert lock.exists() != goes


@pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")  # of a git that was being started just then
def test_an_interruption_is_raised_when_the_refs_have_moved(repo: Any) -> None:
    one, two = ids(repo)
    many = [Step(f"refs/hfpush/{number}", None, one) for number in range(300)]
    timer = threading.Timer(0.005, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    interrupted = False
    try:
        move_all(Repository.open(repo.path), [*many, Step("refs/heads/main", two, one)], "why")
        timer.join()
        time.sleep(0)
    except KeyboardInterrupt:
        interrupted = True
    moved = repo.git("for-each-ref", "refs/hfpush").count("\n") + 1
    assert interrupted
    assert moved in (1, 300)
