"""Bytes are asked onto the disk, once for many files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hfpush.disk.sync import sync_file, sync_files

_MANY = """
import sys
from pathlib import Path
from hfpush.disk.sync import sync_files
sync_files(sorted(Path(sys.argv[1]).iterdir()))
"""


@pytest.mark.parametrize("count", [1, 3, 40])
def test_files_are_synced_however_many(tmp_path: Path, count: int) -> None:
    paths = [tmp_path / str(number) for number in range(count)]
    for path in paths:
        path.write_bytes(b"x")
    sync_files(paths)


@pytest.mark.needs("strace")
def test_many_files_are_one_request_or_one_each(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    for number in range(20):
        (tmp_path / "files" / str(number)).write_bytes(b"x")
    trace = tmp_path / "trace"
    strace = ["strace", "-f", "-o", str(trace), "-e", "trace=syncfs,fsync"]
    done = subprocess.run([*strace, sys.executable, "-c", _MANY, str(tmp_path / "files")], timeout=60, check=False)
    if done.returncode and not trace.read_text().count("sync"):
        pytest.skip("no process may be traced here")
    calls = trace.read_text()
    assert calls.count("syncfs(") == 1 or calls.count("fsync(") >= 20


def test_a_file_without_a_sync_is_left_to_its_file_system() -> None:
    receiver, sender = os.pipe()
    try:
        sync_file(sender)
    finally:
        os.close(receiver)
        os.close(sender)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sync_files([tmp_path / "nothing"])
