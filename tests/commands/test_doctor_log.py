"""A log that somebody gives: from a file, a pipe, or memory, with or without an end."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

from hfpush.commands.doctor_log import LogReading, Timed

LINE = b"fatal: unable to access 'https://hf.test/': Could not resolve host: hf.test\n"


def test_a_log_of_bytes_and_one_of_a_file_are_read_to_their_end(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(LINE)
    with (tmp_path / "log").open("rb") as file:
        for stream in (io.BytesIO(LINE), file):
            lines, notes = LogReading(stream, time.monotonic() + 20, hub_hosts=("hf.test",)).result()
            assert ([one.reference for one in lines], notes) == (["name-unresolved"], ())


def test_of_a_pipe_that_does_not_end_what_came_is_read_and_that_is_noted() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as stream, open(writing, "wb", buffering=0) as pipe:
        pipe.write(LINE)
        lines, (note,) = LogReading(stream, time.monotonic() + 0.3, hub_hosts=("hf.test",)).result()
    assert [one.reference for one in lines] == ["name-unresolved"]
    assert (note.reference, note.severity) == ("log-unended", "note")


def test_nothing_is_begun_when_the_time_is_over() -> None:
    timed = Timed(io.BytesIO(LINE), time.monotonic() - 1)
    assert timed.read(10) == b""
    assert timed.stopped


def test_what_cannot_be_read_has_ended(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as only_written:
        timed = Timed(only_written, time.monotonic() + 20)
        assert timed.read(10) == b""
        assert timed.stopped
