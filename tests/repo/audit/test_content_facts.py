from __future__ import annotations

import hashlib

import pytest

from hfpush.lfs.pointer import Pointer
from hfpush.repo.audit.content_facts import KEPT_BYTES, facts_of
from hfpush.repo.rules import HEAD_BYTES

OID = hashlib.sha256(b"x").hexdigest()
POINTER = Pointer(OID, 1)
GOOD = POINTER.encode()
EXTENDED = GOOD.replace(b"oid", b"ext-0-case sha256:" + b"0" * 64 + b"\noid")


@pytest.mark.parametrize(
    ("text", "pointer", "canonical", "broken"),
    [
        (GOOD, POINTER, True, False),
        (GOOD.replace(b"\n", b"\r\n"), POINTER, False, False),
        (GOOD.rstrip(), POINTER, False, False),
        (EXTENDED, POINTER, False, False),
        (GOOD + b"\n" * (1023 - len(GOOD)), POINTER, False, False),
        (GOOD + b"\n" * (1025 - len(GOOD)), None, True, True),
        (GOOD[:60], None, True, True),
        (b"version https://git-lfs.github.com/spec/v1\n<<<<<<< HEAD\n", None, True, True),
        (b"version 2\n", None, True, False),
        (b"text", None, True, False),
    ],
)
def test_a_pointer_is_told_with_its_state(text: bytes, pointer: Pointer | None, canonical: bool, broken: bool) -> None:
    facts = facts_of(text[:HEAD_BYTES], len(text))
    assert (facts.pointer, facts.canonical, facts.broken_pointer) == (pointer, canonical, broken)
    assert (facts.size, facts.binary) == (len(text), False)
    assert facts.head == (text[:KEPT_BYTES] if broken else b"")


@pytest.mark.parametrize(
    ("text", "binary"),
    [
        (b"a" * 600 + b"\0", True),  # after what a server's sample holds
        (b"a" * 7999 + b"\0", True),
        (b"a" * 8000 + b"\0", False),
        ("é".encode() * 9000, False),
        (b"a" + "é".encode() * 9000, False),  # cut in the middle of a character
        (b"caf\xe9", True),
        (b"caf\xc3", True),
    ],
)
def test_binary_is_what_the_first_bytes_say(text: bytes, binary: bool) -> None:
    facts = facts_of(text[:HEAD_BYTES], len(text))
    assert facts.binary is binary
    assert facts.head == (text[:KEPT_BYTES] if binary else b"")
