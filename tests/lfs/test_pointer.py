"""Pointers: one canonical form out, everything that git-lfs takes in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.lfs.pointer import MAX_POINTER_BYTES, Pointer, is_oid, parse_pointer

OID = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
VERSION = "version https://git-lfs.github.com/spec/v1"
EXTENSION = f"ext-0-foo sha256:{OID}"
KEYS = f"oid sha256:{OID}\nsize 12"

TAKEN = [
    f"{VERSION}\n{KEYS}\n",
    f"{VERSION}\n{KEYS}",
    f"{VERSION}\r\noid sha256:{OID}\r\nsize 12\r\n",
    f"\n\n{VERSION}\n\n{KEYS}\n\n",
    f" {VERSION}\n{KEYS} \n",
    f"{VERSION}\n{EXTENSION}\n{KEYS}\n",
    f"{EXTENSION}\n{VERSION}\n{KEYS}\n",
    f"version https://hawser.github.com/spec/v1\n{KEYS}\n",
    f"version http://git-media.io/v/2\n{KEYS}\n",
]
CONTENT = [
    "version 2 of the text\n",
    f"{VERSION}\n",
    f"{VERSION}\noid sha256:{OID}\n",
    f"{VERSION}\nsize 12\noid sha256:{OID}\n",
    f"{VERSION}\n{KEYS}\nmore x\n",
    f"{VERSION}\n{KEYS}\n{EXTENSION}\n",
    f"{VERSION}\nfoo x\n{KEYS}\n",
    f"{VERSION}\next-10-foo sha256:{OID}\n{KEYS}\n",
    f"{VERSION}\n \n{KEYS}\n",
    f"{VERSION} \n{KEYS}\n",
    f"version https://git-lfs.github.com/spec/v2\n{KEYS}\n",
    f"{VERSION}\noid sha256:{OID.upper()}\nsize 12\n",
    f"{VERSION}\noid sha256:{OID[:-1]}\nsize 12\n",
    f"{VERSION}\noid md5:{OID}\nsize 12\n",
    f"{VERSION}\noid {OID}\nsize 12\n",
    f"{VERSION}\noid sha256:{OID}\nsize -1\n",
    f"{VERSION}\noid sha256:{OID}\nsize 1.5\n",
    f"{VERSION}\noid sha256:{OID}\nsize {2**63}\n",
]


@pytest.mark.parametrize("text", TAKEN)
def test_a_pointer_is_recognised(text: str) -> None:
    assert parse_pointer(text.encode()) == Pointer(OID, 12)


@pytest.mark.parametrize("text", CONTENT)
def test_content_is_no_pointer(text: str) -> None:
    assert parse_pointer(text.encode()) is None


@pytest.mark.needs("git-lfs")
@pytest.mark.parametrize("text", TAKEN + CONTENT)
def test_git_lfs_takes_the_same_for_pointers(text: str, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(text.encode())
    command = ["git", "lfs", "pointer", "--check", "--file", "blob"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=30)
    assert (done.returncode == 0) == (text in TAKEN), done.stderr


def test_an_empty_blob_is_an_empty_file() -> None:
    assert parse_pointer(b"") is None


def test_a_blob_of_pointer_size_or_more_is_content_whatever_it_begins_with() -> None:
    blob = Pointer(OID, 12).encode()
    assert parse_pointer(blob.ljust(MAX_POINTER_BYTES - 1, b"\n")) is not None
    assert parse_pointer(blob.ljust(MAX_POINTER_BYTES, b"\n")) is None


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**63 - 1))
def test_what_is_written_is_read_back(digest: bytes, size: int) -> None:
    pointer = Pointer(digest.hex(), size)
    assert parse_pointer(pointer.encode()) == pointer
    assert len(pointer.encode()) < MAX_POINTER_BYTES


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(tail: bytes) -> None:
    for blob in (tail, f"{VERSION}\n".encode() + tail, f"{VERSION}\n{KEYS}".encode() + tail):
        found = parse_pointer(blob)
        assert found is None or (is_oid(found.oid) and 0 <= found.size < 2**63)


def test_an_oid_is_64_digits_of_lower_case_hex() -> None:
    assert is_oid(OID)
    assert not any(map(is_oid, [OID.upper(), OID[1:], OID + "0", OID + "\n", "g" * 64, "", "٠" * 64]))
