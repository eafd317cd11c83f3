from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hfpush.errors import HfpushError, LocalTrouble, SourceChanged
from hfpush.repo.hash_cache import HashCache
from hfpush.repo.hashing import BLOCK, hash_files


def fresh() -> HashCache:
    return HashCache(None, clock_ns=lambda: time.time_ns() + 10 * 10**9)


def test_digests_are_those_of_the_files_and_progress_adds_up(tmp_path: Path) -> None:
    contents = {tmp_path / f"f{size}": os.urandom(size) for size in (0, 1, BLOCK - 1, BLOCK, 2 * BLOCK + 7)}
    for path, content in contents.items():
        path.write_bytes(content)
    told: list[int] = []
    hashed = hash_files(contents, fresh(), progress=told.append)
    assert {path: file.oid for path, file in hashed.items()} == {
        path: hashlib.sha256(content).hexdigest() for path, content in contents.items()
    }
    assert all(file.size == len(contents[path]) == path.stat().st_size for path, file in hashed.items())
    assert all(file.mtime_ns == path.stat().st_mtime_ns for path, file in hashed.items())
    assert sum(told) == sum(map(len, contents.values()))


def test_a_second_run_reads_nothing(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"1" * BLOCK * 3)
    cache = fresh()
    first = hash_files([tmp_path / "f"], cache)
    told: list[int] = []
    assert hash_files([tmp_path / "f"], cache, progress=told.append) == first
    assert told == [3 * BLOCK]  # all at once: it came from the cache


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path.open("ab").close() or os.utime(path, ns=(1, 1)), id="written"),
        pytest.param(lambda path: os.truncate(path, 10), id="cut"),
        pytest.param(lambda path: path.unlink(), id="removed"),
        pytest.param(
            lambda path: (path.with_name("g").write_bytes(b""), path.with_name("g").replace(path)), id="moved"
        ),
    ],
)
def test_a_file_that_changes_while_it_is_read_is_told(tmp_path: Path, change: Callable[[Path], object]) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"0" * BLOCK * 2)
    calls: list[int] = []

    def meddle(count: int) -> None:
        calls.append(count)
        if len(calls) == 1:
            change(path)

    with pytest.raises(SourceChanged) as caught:
        hash_files([path], fresh(), progress=meddle)
    assert caught.value.finding.reference == "source-changed"


def test_what_is_no_readable_file_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/etc/hostname")
    for name, error in (("pipe", LocalTrouble), ("link", LocalTrouble), (".", LocalTrouble), ("none", SourceChanged)):
        with pytest.raises(error):
            hash_files([tmp_path / name], fresh())


def test_one_failure_ends_the_run(tmp_path: Path) -> None:
    files = [tmp_path / f"f{number}" for number in range(20)]
    for path in files[1:]:
        path.write_bytes(b"1" * BLOCK)
    with pytest.raises(HfpushError):
        hash_files(files, fresh())
