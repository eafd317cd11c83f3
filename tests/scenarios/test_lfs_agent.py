"""Plain `git push` and `git pull` with our agent and stock git-lfs: what a fault costs, and what a kill -9 does."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.agent_work import REPO, AgentWork, kill, run, some_bytes
from support.slowly import mostly_slow, some_slow

from hfpush.localhub import (
    Fault,
    LocalHub,
    drop_after,
    expired_lease,
    lost_answer,
    new_upload_per_lease,
    short_lease,
    slow,
    status,
    unpadded_parts,
)

pytestmark = [pytest.mark.needs("git", "git-lfs")]
PART = 20_000
Make = Callable[..., AgentWork]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes a Hub and a clone of a repository there."""
    hubs: list[LocalHub] = []

    def make(
        *faults: Fault, url: str | None = None, hub: dict[str, Any] | None = None, **environment: str
    ) -> AgentWork:
        settings = {"part_size": PART, "multipart_threshold": 2 * PART, **(hub or {})}
        running = LocalHub(*faults, root=tmp_path / "hub", **settings)
        running.__enter__()
        hubs.append(running)
        running.create(REPO)
        here = tmp_path / "here"
        here.mkdir()
        return AgentWork(here, running, url=url, **environment)

    yield make
    for hub in hubs:
        hub.__exit__(None, None, None)


def oid_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def is_there(work: AgentWork, *contents: bytes) -> bool:
    """Whether the Hub has each of these, whole."""
    return all(work.hub.objects.path(oid_of(content)).read_bytes() == content for content in contents)


def sent_parts(work: AgentWork, content: bytes) -> Counter[int | None]:
    """How many times each part of an object was begun to be sent."""
    return Counter(row.part for row in work.hub.seen.rows("put") if row.oid == oid_of(content))


# ------------------------------------------------------------------ what is sent


def test_large_and_small_files_are_sent_and_confirmed(make: Make) -> None:
    work = make()
    large, small = some_bytes(30 * PART + 17, 1), some_bytes(1000, 2)
    work.commit(large, small)
    work.git("push")
    assert is_there(work, large, small)
    assert sent_parts(work, large) == dict.fromkeys(range(1, 32), 1)
    assert {row.status for row in work.hub.seen.rows("verify")} == {200}
    assert list((work.state / "uploads").glob("*.jsonl")) == []


def test_objects_without_parts_in_a_multipart_answer_are_sent_whole(make: Make) -> None:
    work = make(hub={"small_ones_whole": True})
    contents = [some_bytes(30 * PART, 1), some_bytes(PART, 2), some_bytes(1, 3)]
    work.commit(*contents)
    work.git("push")
    assert is_there(work, *contents)
    assert [len(sent_parts(work, content)) for content in contents] == [30, 1, 1]
    assert work.hub.seen.count("complete") == 1


def test_parts_are_put_together_in_their_order_however_their_keys_are_written(make: Make) -> None:
    work = make(unpadded_parts())
    content = some_bytes(25 * PART, 1)
    work.commit(content)
    work.git("push")
    assert is_there(work, content)
    assert set(sent_parts(work, content).values()) == {1}


def test_without_large_files_git_lfs_needs_no_agent(make: Make) -> None:
    work = make()
    work.commit(some_bytes(100, 1))
    work.git("push")
    assert work.hub.seen.count("put") == 1
    assert not work.state.exists()


def test_progress_is_what_was_sent_and_never_more(make: Make, tmp_path: Path) -> None:
    work = make(status(500, on="put", part=3), drop_after(bytes=PART // 2, part=5))
    content = some_bytes(40 * PART, 1)
    work.environment["GIT_LFS_PROGRESS"] = str(tmp_path / "progress")
    work.commit(content)
    work.git("push")
    lines = [line.split() for line in (tmp_path / "progress").read_text().splitlines()]
    counts = [tuple(map(int, line[2].split("/"))) for line in lines if line[0] == "upload"]
    assert all(done <= size for done, size in counts)
    assert counts[-1] == (len(content), len(content))
    assert [done for done, _ in counts] == sorted(done for done, _ in counts)


# ------------------------------------------------------------------ what a fault costs


FAULTS: list[tuple[str, Fault]] = [
    ("one 500", status(500, on="put", part=3)),
    ("one 429 with Retry-After", status(429, on="put", part=3, retry_after=0.5)),
    ("one 429 without Retry-After", status(429, on="put", part=3)),
    ("one reset", drop_after(bytes=PART // 2, on="put", part=3)),
    ("one lost answer", lost_answer(on="put")),
]


@pytest.mark.parametrize(("case", "fault"), mostly_slow(FAULTS, quick={"one reset"}))
def test_one_fault_on_a_part_costs_that_part(case: str, fault: Fault, make: Make) -> None:
    work = make(fault)
    content = some_bytes(20 * PART, 1)
    work.commit(content)
    work.git("push")
    assert is_there(work, content)
    assert work.hub.seen.count("put") == 21
    assert work.hub.seen.bytes_in("put") <= len(content) + PART
    assert work.hub.seen.count("batch") == 1


OTHERS: list[tuple[str, list[Fault]]] = [
    ("the completion fails", [status(500, on="complete")]),
    ("leases are dead when they come", [expired_lease()]),
    ("leases live for a second and the line is slow", [short_lease(seconds=1.0, times=1), slow(rate=8000, times=8)]),
    ("each batch answer begins a new upload", [new_upload_per_lease(), expired_lease()]),
]


@pytest.mark.parametrize(("case", "faults"), mostly_slow(OTHERS, quick={"leases are dead when they come"}))
def test_it_gets_through(case: str, faults: list[Fault], make: Make) -> None:
    work = make(*faults, HFPUSH_JOBS="4")
    content = some_bytes(20 * PART, 1)
    work.commit(content)
    work.git("push")
    assert is_there(work, content)


@pytest.mark.parametrize("known", ["endpoint", "helper"])
def test_a_fresh_lease_is_asked_for_with_our_token_or_with_gits(known: str, make: Make) -> None:
    work = make(hub={})
    hub = work.hub
    work.git("remote", "set-url", "origin", hub.git_url(REPO))
    helper = f"!f() {{ echo username=anybody; echo password={hub.token}; }}; f"
    work.git("config", "credential.helper", helper)
    if known == "endpoint":
        work.environment |= {"HF_ENDPOINT": hub.url, "HF_TOKEN": hub.token}
    hub.faults.add(expired_lease())
    content = some_bytes(10 * PART, 1)
    work.commit(content)
    work.git("push")
    assert is_there(work, content)


# ------------------------------------------------------------------ errors


def test_a_refusal_is_told_with_its_finding_and_the_other_objects_get_through(make: Make) -> None:
    work = make(HFPUSH_ATTEMPTS="2")
    first, second = some_bytes(10 * PART, 1), some_bytes(9 * PART, 2)
    work.commit(first, second)
    work.hub.faults.add(status(507, on="put", times=1))
    ended = work.try_git("push")
    assert ended.code != 0
    assert "(storage-full)" in ended.said
    assert "EOF" not in ended.said
    assert work.hub.token not in ended.said
    assert "X-Amz-Signature" not in ended.said
    assert work.hub.seen.count("complete") == 1
    work.git("push")
    assert is_there(work, first, second)


def test_a_program_that_is_gone_is_told_with_the_command_that_repairs_it(make: Make) -> None:
    work = make()
    run(work.folder, "git", "config", "lfs.customtransfer.multipart.path", "/nowhere/hfpush")
    work.environment["PATH"] = "/usr/bin:/bin"
    work.commit(some_bytes(10 * PART, 1))
    ended = work.try_git("push")
    assert ended.code != 0
    assert f"hfpush lfs enable-largefiles {work.folder}" in ended.said


# ------------------------------------------------------------------ kill -9


@pytest.mark.parametrize("role", ["git", pytest.param("git-lfs", marks=pytest.mark.slow), "agent"])
@pytest.mark.parametrize("seed", some_slow(10, quick=1))
def test_after_a_kill_at_most_the_parts_in_flight_go_again(seed: int, role: str, make: Make) -> None:
    jobs, parts = 2, 40
    chance = random.Random(f"{role} {seed}")
    work = make(slow(rate=300_000), HFPUSH_JOBS=str(jobs))
    contents = [some_bytes(parts * PART, 1)]
    if chance.random() < 0.5:  # two agents, which share the limit
        contents.append(some_bytes(parts * PART - 1, 2))
    work.commit(*contents)
    push = work.begin_push()
    moment = chance.randrange(parts * len(contents))
    assert work.until(lambda: work.hub.seen.count("put") >= moment)
    assert work.until(lambda: work.process(role, push) or push.poll() is not None)
    pid = work.process(role, push)
    if pid is not None:
        kill(pid)
    if role != "git":  # which leaves a git-lfs behind that goes on; the next push waits for its agents
        push.wait(30)
    work.hub.faults.clear()
    work.git("push")
    push.wait(30)
    assert is_there(work, *contents)
    assert work.until(lambda: not work.agents())
    sizes = sum(map(len, contents))
    in_flight = (jobs + len(contents) - 1) * PART  # the first may not have seen the second yet
    assert work.hub.seen.bytes_in("put") <= sizes + in_flight
    assert list((work.state / "uploads").glob("*.jsonl")) == []


def test_an_agent_ends_at_once_when_git_lfs_is_gone(make: Make) -> None:
    work = make(slow(rate=5000))
    work.commit(some_bytes(40 * PART, 1))
    push = work.begin_push()
    assert work.until(lambda: work.hub.seen.count("put") or work.process("agent", push))
    git_lfs = work.process("git-lfs", push)
    assert git_lfs is not None
    kill(git_lfs)
    assert push.wait(30) != 0
    assert work.until(lambda: not work.agents())


def test_interrupted_by_the_terminal_it_ends_quietly_and_goes_on_next_time(make: Make) -> None:
    work = make(slow(rate=60_000), HFPUSH_JOBS="4")
    content = some_bytes(40 * PART, 1)
    work.commit(content)
    push = work.begin_push()
    assert work.until(lambda: work.hub.seen.count("put") >= 5)
    os.killpg(push.pid, signal.SIGINT)
    assert push.wait(30) != 0
    assert work.until(lambda: not work.agents())
    work.hub.faults.clear()
    work.git("push")
    assert is_there(work, content)
    assert work.hub.seen.bytes_in("put") <= len(content) + 4 * PART


@pytest.mark.slow
def test_it_goes_on_inside_the_old_upload_where_each_answer_begins_a_new_one(make: Make) -> None:
    work = make(new_upload_per_lease(), slow(rate=60_000), HFPUSH_JOBS="2")
    content = some_bytes(40 * PART, 1)
    work.commit(content)
    push = work.begin_push()
    assert work.until(lambda: work.hub.seen.count("put") >= 8)
    os.killpg(push.pid, signal.SIGKILL)
    push.wait(30)
    assert work.until(lambda: not work.agents())
    work.hub.faults.clear()
    work.hub.faults.add(new_upload_per_lease())
    work.git("push")
    assert is_there(work, content)
    assert work.hub.seen.bytes_in("put") <= len(content) + 2 * PART


@pytest.mark.slow
def test_a_publish_goes_on_where_a_push_was_stopped(make: Make) -> None:
    work = make(slow(rate=60_000), HFPUSH_JOBS="2")
    content = some_bytes(40 * PART, 1)
    work.commit(content)
    push = work.begin_push()
    assert work.until(lambda: work.hub.seen.count("put") >= 10)
    os.killpg(push.pid, signal.SIGKILL)
    push.wait(30)
    assert work.until(lambda: not work.agents())
    work.hub.faults.clear()
    environment = {**work.environment, "HF_ENDPOINT": work.hub.url, "HF_TOKEN": work.hub.token}
    program = Path(work.git("config", "lfs.customtransfer.multipart.path").strip())
    done = subprocess.run(
        [program, "publish", str(work.folder), "--to", REPO],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert is_there(work, content)
    assert work.hub.seen.bytes_in("put") <= len(content) + 2 * PART


# ------------------------------------------------------------------ downloads


@pytest.mark.parametrize(
    ("case", "faults"),
    mostly_slow(
        [
            ("nothing goes wrong", []),
            ("a download is cut", [drop_after(bytes=5 * PART, on="get")]),
            ("the storage fails once", [status(500, on="get")]),
            ("the first lease is dead", [expired_lease()]),
        ],
        quick={"a download is cut"},
    ),
)
def test_objects_are_received_with_the_agent(case: str, faults: list[Fault], make: Make, tmp_path: Path) -> None:
    work = make(hub={"multipart_downloads": True})
    content = some_bytes(30 * PART, 1)
    work.commit(content)
    work.git("push")
    name = next(work.folder.glob("*.bin")).name
    work.git("lfs", "uninstall", "--local")
    for file in (work.folder / ".git/lfs/objects").rglob(oid_of(content)):
        file.unlink()
    work.hub.seen.clear()
    work.hub.faults.add(*faults)
    work.git("lfs", "pull")
    work.git("lfs", "fsck", "--objects")
    assert (work.folder / ".git/lfs/objects" / oid_of(content)[:2] / oid_of(content)[2:4] / oid_of(content)).exists()
    assert (work.folder / name).read_bytes() == content
    assert list((work.folder / ".git/lfs/tmp").glob("hfpush-*")) == []
    if case == "a download is cut":
        assert work.hub.seen.bytes_out("get") < len(content) + 5 * PART, "it went on where it was cut"
