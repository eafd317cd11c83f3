"""Folders of ours, and the rights that a shared folder passes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hfpush.disk.folder import closed_on, make_folder, make_our_folder, rights_in, share


@pytest.fixture(params=[0o022, 0o077], ids=["umask 022", "umask 077"])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    old = os.umask(request.param)
    yield request.param
    os.umask(old)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_new_folder_says_what_it_is(tmp_path: Path) -> None:
    make_our_folder(tmp_path / "a" / "b")
    assert "safe" in (tmp_path / "a" / "b" / "README").read_text()


def test_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    make_our_folder(tmp_path)
    make_folder(tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_below_a_shared_folder_is_shared(tmp_path: Path, umask: int) -> None:
    tmp_path.chmod(0o2770)
    make_our_folder(tmp_path / "a" / "b")
    (tmp_path / "a" / "b" / "file").touch()
    share(tmp_path / "a" / "b" / "file", tmp_path / "a" / "b")
    for folder in (tmp_path / "a", tmp_path / "a" / "b"):
        assert mode(folder) & 0o2770 == 0o2770
        assert mode(folder) & 0o007 == ~umask & 0o005
    for file in ("file", "README"):
        assert mode(tmp_path / "a" / "b" / file) & 0o070 == 0o060


@pytest.mark.parametrize("parent", [0o755, 0o1777, 0o777, 0o2755])
def test_a_folder_that_is_not_a_groups_passes_nothing_on(tmp_path: Path, umask: int, parent: int) -> None:
    tmp_path.chmod(parent)
    make_folder(tmp_path / "a" / "b")
    (tmp_path / "a" / "file").touch()
    share(tmp_path / "a" / "file", tmp_path / "a")
    assert rights_in(tmp_path) is None
    assert mode(tmp_path / "a" / "b") & 0o777 == 0o777 & ~umask
    assert mode(tmp_path / "a" / "file") == 0o666 & ~umask


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to any group")
def test_the_group_is_kept_also_without_the_bit_that_does_so(tmp_path: Path, umask: int) -> None:
    os.chown(tmp_path, -1, 4321)
    tmp_path.chmod(0o770)
    make_folder(tmp_path / "a")
    facts = (tmp_path / "a").stat()
    assert (facts.st_gid, mode(tmp_path / "a") & 0o2070) == (4321, 0o070)


def test_a_file_in_the_way_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "file")
    with pytest.raises(NotADirectoryError):
        make_folder(tmp_path / "file" / "below")


def test_what_is_not_there_has_no_rights_to_pass_on(tmp_path: Path) -> None:
    assert rights_in(tmp_path / "nothing") is None


def test_what_is_not_there_is_not_closed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert closed_on([tmp_path / "a", tmp_path / "a" / "b" / "c"]) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_closed_at_the_first_step(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a").chmod(0)
    try:
        assert closed_on([tmp_path / "none", tmp_path / "a" / "b"]) == tmp_path / "a"
    finally:
        (tmp_path / "a").chmod(0o755)
