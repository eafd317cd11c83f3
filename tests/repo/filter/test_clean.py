"""Clean: any content becomes its pointer, and lies in the store."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest

from hfpush.lfs.pointer import Pointer
from hfpush.repo.filter.clean import clean
from hfpush.repo.filter.pktline import PlainContent
from hfpush.repo.filter.store import Store, store_folders

BLOCK = 2**17
POINTER = Pointer("ab" * 32, 5).encode()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(store_folders(tmp_path, None))


def cleaned(store: Store, data: bytes) -> bytes:
    return clean(PlainContent(io.BytesIO(data)), store, memoryview(bytearray(BLOCK)))


@pytest.mark.parametrize("size", [1, 1023, 1024, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 3])
def test_content_becomes_its_pointer_and_lies_in_the_store(store: Store, size: int) -> None:
    data = os.urandom(size)
    pointer = Pointer(hashlib.sha256(data).hexdigest(), size)
    for _ in range(2):
        assert cleaned(store, data) == pointer.encode()
        found = store.find(pointer)
        assert found is not None
        assert found.read_bytes() == data
        assert os.listdir(store.tmp) == []


@pytest.mark.parametrize("data", [b"", POINTER, POINTER.replace(b"\n", b"\r\n"), POINTER.rstrip()])
def test_a_pointer_and_an_empty_file_stay_as_they_are(store: Store, data: bytes) -> None:
    assert cleaned(store, data) == data
    assert not store.folder.exists()


def test_what_only_begins_like_a_pointer_is_content(store: Store) -> None:
    data = POINTER + b"x" * 1000
    assert cleaned(store, data) != data


def test_a_stream_that_breaks_leaves_nothing(store: Store) -> None:
    class Breaking(io.BytesIO):
        def readinto(self, buffer, /):  # type: ignore[no-untyped-def]
            if self.tell() > 3 * BLOCK:
                raise OSError("broken")
            return super().readinto(buffer)

    with pytest.raises(OSError, match="broken"):
        clean(PlainContent(Breaking(bytes(9 * BLOCK))), store, memoryview(bytearray(BLOCK)))
    assert [file for file in store.folder.parent.rglob("*") if file.is_file()] == []
