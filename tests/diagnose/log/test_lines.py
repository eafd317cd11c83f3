"""A log of any size and content is cut into lines in little memory."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.diagnose.log.lines import FIRST, HEAD, LAST, LEFT_OUT, TAIL, lines


def cut(data: bytes) -> list[tuple[int, str]]:
    return list(lines(io.BytesIO(data)))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", []),
        (b"one", [(1, "one")]),
        (b"one\ntwo\n", [(1, "one"), (2, "two")]),
        (b"one\r\n\r\ntwo\r\n", [(1, "one"), (3, "two")]),
        (b" 1%\r 2%\r 3%\nfatal\n", [(1, "1%"), (1, "2%"), (1, "3%"), (2, "fatal")]),
        (b"\xfa\xfb\xfc", [(1, "\ufffd\ufffd\ufffd")]),
        ("fatal: é\r\nzwei".encode(), [(1, "fatal: é"), (2, "zwei")]),
        ("\ufefffatal\r\nno".encode("utf-16-le"), [(1, "fatal"), (2, "no")]),
        ("\ufefffatal\nno".encode("utf-16-be"), [(1, "fatal"), (2, "no")]),
        ("\ufefffatal".encode(), [(1, "fatal")]),
    ],
)
def test_lines_and_steps_of_a_display(data: bytes, found: list[tuple[int, str]]) -> None:
    assert cut(data) == found


@pytest.mark.parametrize("before", [65_534, 65_535, 65_536])
def test_a_line_end_may_fall_between_two_pieces(before: int) -> None:
    assert [number for number, _ in cut(b"x" * before + b"\r\ny\r\nz")] == [1, 2, 3]


def test_of_a_long_line_the_beginning_and_the_end_are_kept() -> None:
    ((_, line),) = cut(b"first " + b"word " * 100_000 + b"last")
    assert line.startswith("first word")
    assert line.endswith("word last")
    assert LEFT_OUT in line
    assert len(line) <= HEAD + TAIL + len(LEFT_OUT)


def test_no_half_of_a_secret_stays_at_a_cut() -> None:
    secret = b"hf_" + b"Z" * 34
    for before in range(HEAD - 40, HEAD + 2, 9):
        ((_, line),) = cut(b"x" * (before - 1) + b" " + secret + b" word" * 1000)
        assert "Z" not in line or secret.decode() in line
    for after in range(TAIL - 40, TAIL + 2, 9):
        ((_, line),) = cut(b"word " * 1500 + secret + b" " + b"y" * (after - 1))
        assert "Z" not in line or secret.decode() in line


def test_a_line_without_an_end_takes_no_memory() -> None:
    class Endless(io.RawIOBase):
        left = 30_000_000

        def read(self, size: int = -1) -> bytes:
            self.left -= size
            return b"x" * size if self.left > 0 else b""

    tracemalloc.start()
    try:
        assert len(list(lines(Endless()))) == 1  # type: ignore[arg-type]
        assert tracemalloc.get_traced_memory()[1] < LAST + 3_000_000
    finally:
        tracemalloc.stop()


def test_of_a_large_log_the_beginning_and_the_end_are_read_with_their_numbers() -> None:
    count = (FIRST + LAST) // 50
    data = "".join(f"line {number:>93}\n" for number in range(1, count + 1)).encode()
    found = cut(data)
    assert all(text.split()[1] == str(number) for number, text in found)
    numbers = [number for number, _ in found]
    assert (numbers[0], numbers[-1]) == (1, count)
    assert len(numbers) < count * 3 // 4


@given(st.binary(max_size=400))
def test_whatever_comes_is_read(data: bytes) -> None:
    numbers = [number for number, _ in cut(data)]
    assert numbers == sorted(numbers)
    assert all(line and not set(line) & set("\n\r") for _, line in cut(data))
