"""What is drawn on a terminal, of any width."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from hfpush.cli.bars import view
from hfpush.cli.meter import Meter
from hfpush.cli.shown_name import shown

Terminal = Callable[[int], Console]


def sending(files: int = 2) -> Meter:
    meter = Meter("sending")
    meter.begin(files * 10_000_000, 0.0)
    for number in range(files):
        meter.started(str(number), f"folder/model-{number:05}-of-{files:05}.safetensors", 10_000_000, 0)
        meter.moved(str(number), 2_500_000, 1.0)
    return meter


def drawn(meter: Meter, now: float, console: Console) -> list[str]:
    console.print(view(meter, now, console.width))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_a_bar_for_all_and_one_for_each_file_that_moves(terminal: Terminal) -> None:
    meter = sending()
    meter.started("late", "late.bin", 10, 0)
    first, *rest = drawn(meter, 2.0, terminal(100))
    assert first.startswith("sending ")
    assert first.endswith("5.0 MB of 20.0 MB 2.5 MB/s 6 s")
    assert len(rest) == 2, "the one that has not begun is not shown"
    assert all(line.startswith("folder/model-000") for line in rest)
    assert all("2.5 MB of 10.0 MB" in line for line in rest)


@pytest.mark.parametrize("width", [20, 40, 63, 64, 80, 200])
def test_no_row_fills_the_terminal_so_that_ctrl_c_leaves_none_behind(width: int, terminal: Terminal) -> None:
    meter = sending()
    meter.wait(8, "The storage server does not take data at the moment, and says so at length.", 1.0)
    for line in drawn(meter, 2.0, terminal(width)):
        assert len(line) <= max(width - 3, 20)


def test_many_files_are_shown_a_few_at_a_time_and_each_gets_its_turn(terminal: Terminal) -> None:
    meter = sending(9)
    assert len(drawn(meter, 2.0, terminal(80))) == 1 + 6
    for number in range(6):
        meter.finished(str(number))
    assert len(drawn(meter, 2.0, terminal(80))) == 1 + 3


def test_a_stage_is_one_line(terminal: Terminal) -> None:
    meter = Meter("sending")
    meter.stage("reading the folder", 0.0)
    meter.read(12_000_000)
    assert drawn(meter, 5.0, terminal(80)) == ["reading the folder, 12.0 MB, 5.0 s"]


def test_a_stage_after_the_transfer_takes_the_place_of_the_bars(terminal: Terminal) -> None:
    meter = sending()
    meter.stage("pushing the commits", 5.0)
    assert drawn(meter, 5.0, terminal(80)) == ["pushing the commits"]


@pytest.mark.parametrize(("now", "left"), [(1.0, "8 s"), (4.6, "4 s"), (8.9, "1 s")])
def test_a_wait_is_counted_down(now: float, left: str, terminal: Terminal) -> None:
    meter = sending()
    meter.wait(8.0, "The storage is busy.", 1.0)
    assert drawn(meter, now, terminal(80))[-1] == f"waiting {left}: The storage is busy."


def test_nothing_is_drawn_before_anything_begins(terminal: Terminal) -> None:
    assert drawn(Meter("sending"), 0.0, terminal(80)) in ([], [""])


@pytest.mark.parametrize("name", ["[red]odd[/red] [/none].bin", "a\nb\x1b[31m.bin", "x" * 40 + ".bin"])
def test_a_name_is_one_safe_line(name: str, terminal: Terminal) -> None:
    meter = Meter("sending")
    meter.begin(10, 0.0)
    meter.started("a", name, 10, 0)
    meter.moved("a", 5, 1.0)
    assert shown(name, 32) in drawn(meter, 2.0, terminal(120))[-1]


def test_a_file_that_comes_and_goes_in_a_moment_has_no_row(terminal: Terminal) -> None:
    meter = Meter("fetching")
    meter.begin(10_000_000, 0.0, files=100)
    meter.started("small", "small.txt", 10_000, 0, 5.0)
    meter.moved("small", 5_000, 5.1)
    meter.started("large", "large.bin", 9_000_000, 0, 5.0)
    meter.moved("large", 5_000, 5.1)
    shown_at_once, shown_later = (drawn(meter, now, terminal(80)) for now in (5.2, 6.2))
    assert not any("small.txt" in line for line in shown_at_once)
    assert any("large.bin" in line for line in shown_at_once)
    assert any("small.txt" in line for line in shown_later)
    meter.moved("small", 5_000, 7.0)
    assert not any("small.txt" in line for line in drawn(meter, 8.0, terminal(79))), "it waits for its group"


@pytest.mark.parametrize("width", [24, 40, 80])
def test_under_the_bars_stand_the_files_and_the_sources(width: int, terminal: Terminal) -> None:
    meter = Meter("fetching")
    meter.begin(10_000_000, 0.0, files=10_000)
    for _ in range(3120):
        meter.finished("x")
    meter.moved("x", 6_000_000, 0.5, "hf")
    meter.moved("x", 2_000_000, 0.9, "mirror\x1b[2J")
    line = drawn(meter, 1.0, terminal(width))[-1]
    whole = "3,120 of 10,000 files; from hf 6.0 MB/s, mirror\\x1b[2J 2.0 MB/s"
    assert line == whole[: max(width - 3, 20)].rstrip()


def test_a_bar_does_not_overshoot_when_bytes_go_twice(terminal: Terminal) -> None:
    meter = sending()
    for number in ("0", "1"):
        meter.moved(number, 10_000_000, 2.0)
        meter.moved(number, 10_000_000, 3.0)
    assert "20.0 MB of 20.0 MB" in drawn(meter, 4.0, terminal(80))[0]
