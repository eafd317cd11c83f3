from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path

import pytest

from hfpush.errors import LocalTrouble
from hfpush.repo.hash_cache import HashCache, signature

OID = "ab" * 32


def later() -> int:
    return time.time_ns() + 10 * 10**9


def test_what_was_noted_is_found_by_the_next_run_and_only_while_the_file_is_the_same(tmp_path: Path) -> None:
    file = tmp_path / "f\udcff"
    file.write_bytes(b"1")
    cache = HashCache(tmp_path / "state/cache.json", clock_ns=later)
    cache.note(file, signature(file.stat()), OID)
    cache.save()
    again = HashCache(tmp_path / "state/cache.json")
    assert again.find(file, signature(file.stat())) == OID
    os.utime(file)
    assert again.find(file, signature(file.stat())) is None
    assert stat.S_IMODE((tmp_path / "state/cache.json").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["cache.json"]


@pytest.mark.parametrize(
    ("age_ns", "fraction", "kept"),
    [(10 * 10**6, 1, False), (60 * 10**6, 1, True), (10**9, 0, False), (3 * 10**9, 0, True)],
)
def test_a_file_younger_than_a_tick_of_its_clock_is_not_noted(
    tmp_path: Path, age_ns: int, fraction: int, kept: bool
) -> None:
    written = 1_700_000_000 * 10**9 + fraction
    cache = HashCache(None, clock_ns=lambda: written + age_ns)
    then = (1, written, written, 1, 1)
    cache.note(tmp_path, then, OID)
    assert (cache.find(tmp_path, then) is not None) is kept


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", '{"version": 2, "files": {}}', '{"version": 1, "files": []}', "[" * 100_000),
        *('{"version": 1, "files": {"a": 1}}', '{"version": 1, "files": {"a": [1, 2, 3, 4, 5, "no digest"]}}'),
        *(json.dumps({"version": 1, "files": {"a": [1, 2, "3", 4, 5, OID]}}), "\x00\xff"),
    ],
)
def test_a_damaged_cache_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "cache").write_text(text)
    cache = HashCache(tmp_path / "cache", clock_ns=later)
    assert cache.find(Path("a"), (1, 2, 3, 4, 5)) is None
    cache.note(Path("a"), (1, 2, 3, 4, 5), OID)
    cache.save()
    assert HashCache(tmp_path / "cache").find(Path("a"), (1, 2, 3, 4, 5)) == OID


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = HashCache(tmp_path / "file/cache", clock_ns=later)
    cache.note(Path("a"), (1, 2, 3, 4, 5), OID)
    with pytest.raises(LocalTrouble):
        cache.save()
