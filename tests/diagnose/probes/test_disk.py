from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support.small_disk import NoSmallDisk, SmallDisk

from hfpush.diagnose.probes.disk import look_at_disk

_LOOK = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from hfpush.diagnose.probes.disk import look_at_disk
print(json.dumps(asdict(look_at_disk(Path(sys.argv[1]), "cache", 3.0))))
"""


def below(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def test_a_plain_folder_locks_renames_and_has_room_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    found = look_at_disk(tmp_path, "cache", 3.0)
    assert (found.locks, found.renames, found.problem, found.read_only) == (True, True, "", False)
    assert found.free > 0
    assert found.sync_seconds is not None
    assert found.rate is not None
    assert below(tmp_path) == set()


def test_with_less_than_a_second_no_megabytes_are_written(tmp_path: Path) -> None:
    found = look_at_disk(tmp_path, "cache", 0.35)
    assert found.rate is None
    assert found.locks


def test_a_folder_that_is_not_there_is_not_made_and_the_one_above_stands_for_it(tmp_path: Path) -> None:
    found = look_at_disk(tmp_path / "not" / "there", "state", 3.0)
    assert found.locks
    assert (found.path, found.role) == (str(tmp_path / "not" / "there"), "state")
    assert below(tmp_path) == set()


def test_of_a_work_tree_the_git_directory_is_tried_and_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    before = (tmp_path / ".git").stat().st_mtime_ns, tmp_path.stat().st_mtime_ns
    assert look_at_disk(tmp_path, "repository", 3.0).locks
    assert tmp_path.stat().st_mtime_ns == before[1]
    assert (tmp_path / ".git").stat().st_mtime_ns > before[0]
    assert below(tmp_path) == {tmp_path / ".git"}


def test_what_refuses_is_named_with_its_error() -> None:
    found = look_at_disk(Path("/proc/self"), "cache", 3.0)
    assert found.refused in ("ENOENT", "EACCES", "EPERM", "ESRCH", "EINVAL")
    assert found.problem.startswith("making a file: ")
    assert found.locks is None


def test_it_never_takes_longer_than_it_may(tmp_path: Path) -> None:
    began = time.monotonic()
    found = look_at_disk(tmp_path, "cache", 0.0)
    assert time.monotonic() - began < 2
    assert found.late or found.locks


def seen_from(wrap: list[str], place: Path) -> dict[str, Any]:
    done = subprocess.run(
        [*wrap, sys.executable, "-c", _LOOK, str(place)], capture_output=True, text=True, check=True, timeout=30
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.needs("unshare")
def test_a_full_disk_refuses_the_first_byte_or_has_nothing_free() -> None:
    try:
        with SmallDisk(1_000_000) as disk:
            disk.fill(leave=0)
            found = seen_from(disk.enter, disk.place)
    except NoSmallDisk as reason:
        pytest.skip(str(reason))
    assert found["file_system"] == "tmpfs"
    assert found["refused"] == "ENOSPC" or found["free"] == 0


@pytest.mark.needs("unshare")
def test_a_read_only_mount_is_told_as_such(tmp_path: Path) -> None:
    script = f'mount --bind {tmp_path} {tmp_path} && mount -o remount,bind,ro {tmp_path} && exec "$@"'
    user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    found = seen_from(["unshare", *user, "--mount", "sh", "-c", script, "sh"], tmp_path / "cache")
    assert found["read_only"]
    assert found["refused"] == "EROFS"
