import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hfpush.disk.flock import can_lock, lock_living
from hfpush.disk.lock import hold


def test_lock_file_is_made_with_its_mode_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        assert can_lock(tmp_path / "deep" / "x.lock")
    finally:
        os.umask(old)
    assert (tmp_path / "deep" / "x.lock").stat().st_mode & 0o777 == 0o664


def test_held_lock_is_a_lock_that_works_and_asking_does_not_take_it(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    assert can_lock(path)
    with hold(path, "x"):
        assert can_lock(path)


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_missing_locks_are_seen(tmp_path: Path, number: int) -> None:
    script = (
        "import fcntl; from pathlib import Path; from hfpush.disk.flock import can_lock\n"
        f"def no(*a): raise OSError({number}, 'no')\n"
        f"fcntl.flock = no; print(can_lock(Path({str(tmp_path / 'x')!r})))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert done.stdout.strip() == "False", done.stderr


def test_link_or_file_in_the_way_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "x.lock").symlink_to("elsewhere")
    assert not can_lock(tmp_path / "x.lock")
    (tmp_path / "file").touch()
    assert not can_lock(tmp_path / "file" / "x.lock")


def test_a_living_file_is_locked_by_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    fd, waited = lock_living(path)
    assert not waited
    script = (
        "import os, sys; from pathlib import Path; from hfpush.disk.flock import lock_living\n"
        f"print('asks', flush=True); fd, waited = lock_living(Path({str(path)!r}))\n"
        f"print(waited, os.path.samestat(os.fstat(fd), os.stat({str(path)!r})))"
    )
    other = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "asks\n"
    with pytest.raises(subprocess.TimeoutExpired):
        other.wait(0.3)
    path.unlink()  # its work is done: whoever waits shall not lock what is gone
    os.close(fd)
    assert other.communicate(timeout=30)[0] == "True True\n"
