"""Pointers are recognised, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.localhub.pointer import Pointer, parse_pointer

OID = "0123456789abcdef" * 4


@given(st.binary(min_size=32, max_size=32), st.integers(0, 10**18))
def test_what_is_written_is_read_back(digest, size):
    pointer = Pointer(digest.hex(), size)
    assert parse_pointer(bytes(pointer)) == pointer


def test_extension_lines_and_the_old_version_url_are_fine():
    lines = [
        "version https://git-lfs.github.com/spec/v1",
        f"ext-0-foo sha256:{'f' * 64}",
        f"oid sha256:{OID}",
        "size 12",
        "",
    ]
    assert parse_pointer("\n".join(lines).encode()) == Pointer(OID, 12)
    lines[0] = "version https://hawser.github.com/spec/v1"
    assert parse_pointer("\n".join(lines).encode()) == Pointer(OID, 12)


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"hello",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:zz\nsize 1\n",
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\n".encode(),
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize -1\n".encode(),
        f"oid sha256:{OID}\nsize 1\n".encode(),
        bytes(Pointer(OID, 1)) + b"x" * 1024,
    ],
)
def test_content_is_no_pointer(blob):
    assert parse_pointer(blob) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(blob):
    parse_pointer(b"version https://git-lfs.github.com/spec/v1\n" + blob)
