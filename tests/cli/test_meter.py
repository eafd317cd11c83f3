"""How far a command is: bytes count once, never more than there are, and speed is what moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.cli.meter import Meter


def begun(size: int = 1_000_000) -> Meter:
    meter = Meter("sending")
    meter.begin(size, 0.0)
    meter.started("a", "a.bin", 600_000, 0)
    meter.started("b", "b.bin", 400_000, 0)
    return meter


def test_what_moves_is_done() -> None:
    meter = begun()
    meter.moved("a", 250_000, 1.0)
    assert (meter.done, meter.share(), meter.files["a"].done) == (250_000, 0.25, 250_000)


def test_bytes_that_must_go_again_are_taken_back() -> None:
    meter = begun()
    meter.moved("a", 250_000, 1.0)
    meter.moved("a", -100_000, 2.0)
    assert (meter.done, meter.files["a"].done) == (150_000, 150_000)


def test_bytes_that_went_twice_count_once() -> None:
    meter = begun()
    meter.moved("a", 600_000, 1.0)
    meter.moved("a", 600_000, 2.0)
    assert (meter.done, meter.files["a"].done) == (600_000, 600_000)


def test_what_an_earlier_run_sent_is_done_but_no_speed() -> None:
    meter = Meter("sending")
    meter.begin(1_000_000, 0.0)
    meter.started("a", "a.bin", 1_000_000, 900_000)
    meter.moved("a", 10_000, 10.0)
    assert meter.done == 910_000
    assert meter.rate(10.0) == pytest.approx(1000)
    assert meter.left(10.0) == pytest.approx(90)


def test_a_file_that_begins_again_begins_at_what_it_has() -> None:
    meter = begun()
    meter.moved("a", 500_000, 1.0)
    meter.started("a", "a.bin", 600_000, 100_000)
    assert meter.done == 100_000


def test_a_finished_file_is_done_also_when_its_bytes_were_there() -> None:
    meter = begun()
    meter.finished("a")
    meter.finished("never begun")
    assert (meter.done, list(meter.files)) == (600_000, ["b"])


def test_speed_is_that_of_the_last_quarter_of_a_minute() -> None:
    meter = begun(10**9)
    meter.started("c", "c.bin", 10**9, 0)
    for second in range(1, 21):
        meter.moved("c", 1_000_000, float(second))
    for second in range(21, 61):
        meter.moved("c", 100_000, float(second))
    assert meter.rate(60.0) == pytest.approx(100_000, rel=0.1)
    assert meter.rate(600.0) < 5000, "it stands still"


events = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(-2_000_000, 2_000_000) | st.just("started") | st.just("finished"))
)


@given(events)
def test_whatever_is_told_no_bar_overshoots(told: list[tuple[str, int | str]]) -> None:
    meter = begun()
    for second, (key, what) in enumerate(told):
        if what == "started":
            meter.started(key, key, 500_000, 100)
        elif what == "finished":
            meter.finished(key)
        else:
            assert isinstance(what, int)
            meter.moved(key, what, float(second))
        assert 0 <= meter.share() <= 1
        assert all(0 <= file.done <= file.size for file in meter.files.values())
        assert meter.rate(second + 1.0) >= 0


def test_a_wait_counts_down_and_is_over() -> None:
    meter = begun()
    meter.wait(8.0, "The storage does not take data.", 100.0)
    meter.wait(2.0, "The storage does not take data.", 101.0)
    assert meter.waiting(103.0) == [("The storage does not take data.", 5.0)]
    assert meter.waiting(108.5) == []


def lines() -> dict[str, tuple[Meter, float, str | None]]:
    idle = Meter("sending")
    reading = Meter("sending")
    reading.stage("reading the folder", 10.0)
    reading.read(3_000_000)
    asking = Meter("sending")
    asking.stage("asking the Hub", 10.0)
    sending = begun()
    sending.moved("a", 250_000, 1.0)
    stuck = begun()
    sent = begun()
    sent.moved("a", 600_000, 1.0)
    sent.moved("b", 400_000, 1.0)
    pushing = begun()
    pushing.stage("pushing the commits", 5.0)
    empty = Meter("sending")
    empty.begin(0, 0.0)
    return {
        "before anything": (idle, 1.0, None),
        "a stage that reads": (reading, 10.5, "reading the folder, 3.0 MB"),
        "a stage that has just begun": (asking, 11.0, "asking the Hub"),
        "a stage that takes long": (asking, 75.0, "asking the Hub, 1 min 05 s"),
        "bytes": (sending, 2.0, "sending 25%, 250.0 kB of 1.0 MB, 125.0 kB/s, 6.0 s left"),
        "no bytes": (stuck, 2.0, "sending 0%, 0 B of 1.0 MB, nothing moves just now"),
        "all bytes": (sent, 2.0, "sending 100%, 1.0 MB of 1.0 MB, to be confirmed"),
        "a stage after the bytes": (pushing, 6.0, "pushing the commits"),
        "a transfer of nothing": (empty, 1.0, None),
    }


@pytest.mark.parametrize("case", list(lines()))
def test_how_far_it_is_in_one_line(case: str) -> None:
    meter, now, line = lines()[case]
    assert meter.line(now) == line


def fetching() -> Meter:
    """Three files of 1,000 bytes: one is here, one half, one not at all."""
    meter = Meter("fetching")
    meter.begin(3000, 0.0, here=1500, files=3)
    meter.finished("here")
    return meter


def test_what_is_here_is_done_from_the_start_but_no_speed() -> None:
    meter = fetching()
    assert (meter.done, meter.rate(1.0)) == (1500, 0.0)
    meter.started("half", "half", 1000, 500, coming=500)
    assert (meter.done, meter.files["half"].done) == (1500, 500)
    meter.moved("half", 500, 1.0)
    meter.finished("half")
    meter.started("none", "none", 1000, 0, coming=1000)
    meter.moved("none", 100, 2.0)
    assert (meter.done, meter.files_line()) == (2100, "2 of 3 files")


def test_a_file_of_which_less_is_here_than_was_planned_takes_it_back() -> None:
    meter = fetching()
    meter.started("half", "half", 1000, 500, coming=500)
    meter.started("half", "half", 1000, 0, coming=1000)
    assert meter.done == 1000
    meter.moved("half", 1000, 1.0)
    meter.finished("half")
    assert meter.done == 2000


def test_a_file_that_failed_its_check_and_comes_after_all_never_makes_more_than_everything() -> None:
    meter = Meter("fetching")
    meter.begin(2000, 0.0, here=1000, files=2)
    for key in "ab":
        meter.started(key, key, 1000, 0, coming=1000)
        assert 0 <= meter.share() <= 1
        meter.moved(key, 1000, 1.0)
        meter.finished(key)
    assert meter.done == 2000


def test_of_one_source_nothing_is_said_and_of_two_what_each_brings() -> None:
    meter = fetching()
    meter.started("none", "none", 1000, 0, coming=1000)
    meter.moved("none", 600, 1.0, "mirror")
    assert meter.sources_line(2.0) == ""
    meter.moved("none", 900, 1.5, "hf")
    assert meter.sources_line(3.0) == "from hf 300 B/s, mirror 200 B/s"
    assert meter.line(3.0) is not None
    meter.moved("none", -600, 1.5, "mirror")
    assert meter.sources_line(3.0) == "from hf 300 B/s", "what must come again was none of its speed"


def test_the_line_counts_files_where_there_are_several() -> None:
    meter = fetching()
    meter.started("none", "none", 1000, 0, coming=1000)
    meter.moved("none", 100, 1.0)
    assert meter.line(2.0) == "fetching 53%, 1.6 kB of 3.0 kB, 1 of 3 files, 50 B/s, 28 s left"


def test_nothing_is_at_a_hundred_percent_before_it_is() -> None:
    meter = begun(1_000_000)
    meter.moved("a", 600_000, 1.0)
    meter.moved("b", 399_999, 1.0)
    assert str(meter.line(2.0)).startswith("sending 99%")


def test_after_an_early_end_what_is_kept_is_what_the_server_has() -> None:
    meter = begun()
    assert Meter("sending").kept_line() is None
    meter.moved("a", 250_000, 1.0)
    assert meter.kept_line() == "250.0 kB of 1.0 MB have arrived, and are kept"
    meter.paused(200_000)
    assert meter.kept_line() == "200.0 kB of 1.0 MB have arrived, and are kept"
    meter.stage("pushing the commits", 2.0)
    assert meter.kept_line() is None
