import errno
import os
from pathlib import Path

import pytest

from hfpush.disk.plain import beginning_of, is_ours_alone, read_plain


def test_a_file_is_read_also_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("file")
    assert read_plain(tmp_path / "file", 3) == read_plain(tmp_path / "link", 9) == b"abc"


def test_what_has_no_end_is_not_begun(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zeros").symlink_to("/dev/zero")
    for name in ("pipe", "zeros"):
        with pytest.raises(OSError) as caught:
            read_plain(tmp_path / name, 10)
        assert caught.value.errno == errno.EINVAL


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    with pytest.raises(OSError) as caught:
        read_plain(tmp_path / "file", 2)
    assert caught.value.errno == errno.EFBIG


def test_of_a_long_file_only_the_beginning_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("file")
    assert (beginning_of(tmp_path / "link", 2), beginning_of(tmp_path / "file", 9)) == (b"ab", b"abc")


def test_what_has_no_end_has_no_beginning_either(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError):
            beginning_of(path, 10)


def test_a_folder_is_an_error_as_well(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        read_plain(tmp_path, 10)


def test_a_file_with_two_names_is_not_ours_alone(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"abc")
    assert is_ours_alone((tmp_path / "one").lstat())
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    assert not is_ours_alone((tmp_path / "one").lstat())
    assert not is_ours_alone(tmp_path.lstat())
