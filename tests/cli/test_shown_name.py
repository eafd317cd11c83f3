"""A name in one harmless line, of so many columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from hfpush.cli.shown_name import shown


@pytest.mark.parametrize(
    ("name", "room", "text"),
    [
        ("model.bin", 20, "model.bin"),
        ("model.bin", 9, "model.bin"),
        ("model.bin", 8, "mode…bin"),
        ("model-00001-of-00002.safetensors", 16, "model-000…ensors"),
        ("x" * 500, None, "x" * 500),
        ("日本語のモデル.bin", 12, "日本語….bin"),
        ("model.bin", 0, "m…n"),
        ("a\nb\tc\x1b[31m\u202e", None, "a b c\\x1b[31m\\u202e"),
        ("", 5, ""),
    ],
)
def test_a_long_name_loses_its_middle(name: str, room: int | None, text: str) -> None:
    assert shown(name, room) == text


def test_the_parts_of_a_model_are_told_apart_in_the_room_of_eighty_columns() -> None:
    assert len({shown(f"model-{number:05}-of-00150.safetensors", 25) for number in range(150)}) == 150


@given(st.text(), st.integers(3, 40))
def test_no_name_takes_more_room_or_moves_the_cursor(name: str, room: int) -> None:
    text = shown(name, room)
    assert cell_len(text) <= room
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in text)
