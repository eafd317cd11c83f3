"""A fetch that is killed, ended or interrupted: what lies there then, and what the next one has still to bring."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import CommandLine
from support.forked import Forked, Run
from support.screen import Screen
from support.shelf import Fetching, stock, until, wire
from support.slowly import mostly_slow, some_slow

from hfpush.localhub import LocalHub, no_answer, slow
from hfpush.receive.stream import SMALL_BLOCK_BYTES

PRODUCTION = {"redirect_lfs": True, "redirect_small": True}
BIG = random.Random(3).randbytes(8_000_003)
FILES = {"model.bin": BIG, "other.bin": random.Random(4).randbytes(1_500_000)}
SMALL = {f"small/{n}.json": b'{"n": %d}' % n for n in range(20)}
ALL = FILES | SMALL
TOTAL = sum(map(len, ALL.values()))
ENDS = {"SIGTERM": 143, "SIGHUP": 129, "SIGINT": 130}


@pytest.fixture(scope="module")
def forked() -> Iterator[Forked]:
    with Forked() as running:
        yield running


@pytest.fixture(params=[False, True], ids=["cache", "folder"])
def folder(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def room(tmp_path: Path, forked: Forked, hub: LocalHub, *, folder: bool = False) -> Fetching:
    return Fetching(hub, forked, tmp_path / "cache", tmp_path / "here" if folder else None)


# ------------------------------------------------------------------ kill -9


@pytest.mark.parametrize("seed", some_slow(5, quick=1))
def test_killed_at_any_moment_each_file_is_absent_resumable_or_right(
    tmp_path: Path, forked: Forked, folder: bool, seed: int
) -> None:
    """With all seeds 45 kills for each of the two places, five of them quick."""
    chance, kills = random.Random(seed), 5 if seed == 0 else 10
    with LocalHub(slow(6e6, on="get"), root=tmp_path / "hub", **PRODUCTION) as hub:
        stock(hub, FILES, SMALL)
        fetching = room(tmp_path, forked, hub, folder=folder)
        for _ in range(kills):
            run = fetching.start()
            time.sleep(chance.uniform(0.05, 0.6))
            run.send(signal.SIGKILL)
            run.end()
            assert wrong(fetching.shown()) == []
        hub.faults.clear()
        said = fetching.run()
        assert said.code == 0, said
        assert fetching.shown() == ALL
        assert fetching.drafts() == []


def wrong(shown: dict[str, bytes]) -> list[str]:
    return [path for path, content in shown.items() if content != ALL[path]]


@pytest.mark.parametrize(
    ("size", "rate"), mostly_slow([(16_000_000, 8e6), (200_000_000, 20e6)], quick={"16000000"}), ids=str
)
def test_after_kills_at_10_50_and_90_percent_hardly_a_byte_comes_twice(
    tmp_path: Path, forked: Forked, size: int, rate: float
) -> None:
    content, cut = random.Random(5).randbytes(size), 0
    runs: list[Run] = []
    with LocalHub(slow(rate, on="get"), root=tmp_path / "hub", **PRODUCTION) as hub:
        stock(hub, {"model.bin": content})
        fetching = room(tmp_path, forked, hub)
        for share in (0.1, 0.5, 0.9):
            run = fetching.start()
            runs.append(run)
            until(lambda share=share: sum(one.taken for one in runs) >= share * size or runs[-1].ended)  # type: ignore[misc]
            assert not run.ended, run.err
            cut += sum(not row.seconds for row in hub.seen.rows("get"))
            run.send(signal.SIGKILL)
            run.end()
            until(lambda: all(row.seconds for row in hub.seen.rows("get")))
        runs.append(fetching.start("--json"))
        said = fetching.end(runs[-1])
        assert said.code == 0, said
        assert fetching.shown() == {"model.bin": content}
        taken = sum(run.taken for run in runs)
        assert taken <= size * 1.01 + 2 * cut * SMALL_BLOCK_BYTES, "what streams have in hand, and what the map was due"
        assert [file["how"] for file in said.document["files"]] == ["resumed"]


# ------------------------------------------------------------------ signals that ask


@pytest.mark.parametrize("name", sorted(ENDS))
def test_a_signal_ends_it_soon_and_the_next_run_goes_on(tmp_path: Path, forked: Forked, name: str) -> None:
    with LocalHub(slow(4e6, on="get"), root=tmp_path / "hub", **PRODUCTION) as hub:
        stock(hub, FILES)
        fetching = room(tmp_path, forked, hub)
        run = fetching.start()
        until(lambda: wire(hub) > 2_000_000 or run.ended)
        sent = run.send(getattr(signal, name))
        said = fetching.end(run)
        assert time.monotonic() - sent < 2
        assert said.code == ENDS[name], said
        assert "it goes on where it was" in said.err
        assert "kept" in said.err, said.err
        assert wrong(fetching.shown()) == []
        assert fetching.drafts(), "what has come is there"
        until(lambda: not hub.seen.under_way())
        hub.faults.clear()
        assert fetching.run().code == 0
        assert fetching.shown() == FILES
        assert wire(hub) <= sum(map(len, FILES.values())) * 1.1 + (1 << 20)


@pytest.mark.parametrize("silent", ["info", "tree", "resolve", "get"])
def test_a_signal_ends_it_soon_whoever_it_waits_for(tmp_path: Path, forked: Forked, silent: str) -> None:
    with LocalHub(no_answer(silent), root=tmp_path / "hub", **PRODUCTION) as hub:
        stock(hub, FILES, SMALL)
        fetching = room(tmp_path, forked, hub)
        run = fetching.start(HFPUSH_ANSWER_SECONDS="30", HFPUSH_IDLE_SECONDS="30")
        until(lambda: silent in hub.seen.under_way() or run.ended)
        sent = run.send(signal.SIGTERM)
        assert fetching.end(run).code == 143
        assert time.monotonic() - sent < 2


def test_with_json_the_end_by_a_signal_is_a_document(tmp_path: Path, forked: Forked) -> None:
    with LocalHub(slow(4e6, on="get"), root=tmp_path / "hub", **PRODUCTION) as hub:
        stock(hub, FILES)
        fetching = room(tmp_path, forked, hub)
        run = fetching.start("--json")
        until(lambda: wire(hub) > 1_000_000 or run.ended)
        run.send(signal.SIGTERM)
        said = fetching.end(run)
        assert (said.code, said.reference) == (143, "interrupted")


def test_ctrl_c_in_a_terminal_says_what_is_kept(tmp_path: Path) -> None:
    with LocalHub(slow(2e6, on="get"), root=tmp_path / "hub", **PRODUCTION) as hub:
        stock(hub, FILES)
        line = CommandLine(tmp_path, hub)
        with Screen(
            line.command("fetch", "local/model", "--cache-dir", str(tmp_path / "cache")), line.environment
        ) as on:
            assert on.until(lambda text: wire(hub) > 1_500_000), on.text
            pressed = time.monotonic()
            on.press(b"\x03")
            assert on.end() == 130
        assert time.monotonic() - pressed < 5
        assert "Traceback" not in on.text
        assert hub.token not in on.text
        assert "kept" in on.text, on.text
        assert "it goes on where it was" in on.text
        assert on.text.count("\x1b[?25l") == on.text.count("\x1b[?25h"), "the cursor is back"


def test_under_nohup_a_closed_terminal_does_not_end_it(tmp_path: Path, forked: Forked) -> None:
    with LocalHub(slow(8e6, on="get"), root=tmp_path / "hub", **PRODUCTION) as hub:
        stock(hub, FILES)
        fetching = room(tmp_path, forked, hub)
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            with Forked() as deaf:  # what is ignored is inherited
                run = Fetching(hub, deaf, fetching.cache).start()
                until(lambda: wire(hub) > 1_000_000 or run.ended)
                os.kill(run.pid, signal.SIGHUP)
                assert run.end().code == 0
        finally:
            signal.signal(signal.SIGHUP, before)
        assert fetching.shown() == FILES
