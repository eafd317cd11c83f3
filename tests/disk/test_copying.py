"""The start of one file becomes that of another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hfpush.disk.copying import copy_file, copy_start

DATA = os.urandom(100_000)


@pytest.mark.parametrize("count", [0, 1, 70_000, 100_000, 200_000])
def test_as_many_bytes_as_there_are_and_no_more_than_were_asked_for(tmp_path: Path, count: int) -> None:
    (tmp_path / "source").write_bytes(DATA)
    with (tmp_path / "source").open("rb") as source, (tmp_path / "target").open("w+b") as target:
        assert copy_start(source.fileno(), target.fileno(), count) == min(count, len(DATA))
    assert (tmp_path / "target").read_bytes() == DATA[:count]


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no second file system")
def test_from_one_file_system_to_another(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(DATA)
    target = os.memfd_create("target")
    try:
        with (tmp_path / "source").open("rb") as source:
            assert copy_start(source.fileno(), target, len(DATA)) == len(DATA)
        assert os.pread(target, len(DATA) + 1, 0) == DATA
    finally:
        os.close(target)


@pytest.mark.parametrize("data", [b"", DATA])
def test_whole_file_is_copied_to_a_new_one_only(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "source").write_bytes(data)
    copy_file(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == data
    with pytest.raises(FileExistsError):
        copy_file(tmp_path / "source", tmp_path / "target")
