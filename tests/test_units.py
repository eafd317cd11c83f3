"""Sizes, rates and durations: what a user types is read exactly, what a user reads has a unit."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.units import count, duration, parse_rate, parse_size, rate, size


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("200000", 200_000),
        ("16MB", 16_000_000),
        ("16 MiB", 16 * 2**20),
        (" 5gb ", 5_000_000_000),
        ("1.5k", 1500),
        ("0.1 TB", 100_000_000_000),
        ("7 b", 7),
        ("9007199254740993", 9007199254740993),  # one more than a float can count to
    ],
)
def test_a_size_is_read_exactly(text: str, expected: int) -> None:
    assert parse_size(text) == expected


@pytest.mark.parametrize(
    "text", ["", "MB", "-5", "5 parsecs", "1e9", "1,000", "0x10", "５MB", "5MB 3kB", "9" * 400, "inf"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write for example 16MB"):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8M", 8_000_000),
        ("8MB/s", 8_000_000),
        ("500k", 500_000),
        ("1MiB/s", 2**20),
        ("1.5 MB / s", 1_500_000),
        ("9", 9),
    ],
)
def test_a_rate_is_read_with_or_without_its_seconds(text: str, expected: int) -> None:
    assert parse_rate(text) == expected


@pytest.mark.parametrize("text", ["", "0", "0.5", "-1", "8M/h", "fast", "/s", "8Mbit/s", "0k"])
def test_no_rate_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write for example 8M, 500k or 1MiB/s"):
        parse_rate(text)


@given(st.integers(0, 10**17), st.sampled_from(["", "B", "kB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB"]))
def test_a_whole_number_of_any_unit_is_read_without_rounding(number: int, unit: str) -> None:
    factors = {"": 1, "B": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
    binary = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
    factor = binary.get(unit) or factors[unit.removesuffix("B") if len(unit) > 1 else unit]
    assert parse_size(f"{number}{unit}") == number * factor


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        number = parse_size(text)
    except ValueError:
        return
    assert number >= 0


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (16_777_216, "16.8 MB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (5_000_000_000, "5.0 GB"),
        (3_000_000_000_000_000, "3000.0 TB"),
    ],
)
def test_a_size_is_printed_with_three_digits_or_so(number: int, expected: str) -> None:
    assert size(number) == expected


@given(st.integers(0, 10**15))
def test_what_is_printed_can_be_read_back_to_within_its_last_digit(number: int) -> None:
    printed = size(number)
    digit = 1 if printed.endswith(" B") else parse_size("0.1 " + printed.split()[1])
    assert abs(parse_size(printed) - number) <= digit
    assert re.fullmatch(r"[0-9]{1,4}(\.[0-9])? (B|kB|MB|GB|TB)", printed)


def test_a_rate_is_a_size_in_a_second_and_never_negative() -> None:
    assert rate(12_345_678) == "12.3 MB/s"
    assert rate(-1) == "0 B/s"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1, "0.0 s"),
        (0.44, "0.4 s"),
        (12.4, "12 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.7, "1 h 00 min"),
        (7620, "2 h 07 min"),
    ],
)
def test_a_duration_is_printed_as_people_say_it(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


def test_a_count_has_its_noun_in_the_right_number() -> None:
    assert [count(1, "object"), count(3, "object"), count(2000, "object")] == ["1 object", "3 objects", "2,000 objects"]
    assert count(2, "entry", "entries") == "2 entries"
