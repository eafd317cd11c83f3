from __future__ import annotations

import pytest

from hfpush.repo.rules import absent_finding, is_binary, shown


@pytest.mark.parametrize(
    ("head", "whole", "binary"),
    [
        (b"", True, False),
        (b"plain text\n", True, False),
        ("grüße".encode(), True, False),
        (b"a\0b", True, True),
        (b"caf\xe9", True, True),  # Latin-1
        ("é".encode()[:1], False, False),  # the head ends inside a character
        ("é".encode()[:1], True, True),  # the file does
        (b"\xff\xfea\0", True, True),  # UTF-16
    ],
)
def test_binary_is_a_nul_or_not_utf8(head: bytes, whole: bool, binary: bool) -> None:
    assert is_binary(head, whole=whole) is binary


def test_what_cannot_be_shown_of_a_path_is_written_out() -> None:
    assert shown("grüße.txt") == "grüße.txt"
    assert "\x1b" not in shown("a\x1b[31m")
    assert shown("\udcff.bin").isascii()


def test_absent_blobs_are_a_warning() -> None:
    assert absent_finding(1).severity == "warning"
    assert "1 file of" in absent_finding(1).message
