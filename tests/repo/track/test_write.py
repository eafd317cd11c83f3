from __future__ import annotations

import os
from pathlib import Path

import pytest

from hfpush.errors import LocalTrouble
from hfpush.repo.track.write import ASIDE, write_attributes


def test_a_file_is_replaced_with_its_rights_and_a_leftover_is_taken_over(tmp_path: Path) -> None:
    place, left = tmp_path / ".gitattributes", tmp_path / f".gitattributes{ASIDE}"
    place.write_bytes(b"old")
    place.chmod(0o640)
    elsewhere = tmp_path / "elsewhere"
    left.symlink_to(elsewhere)
    write_attributes(place, b"new")
    assert (place.read_bytes(), place.stat().st_mode & 0o777) == (b"new", 0o640)
    assert sorted(os.listdir(tmp_path)) == [".gitattributes"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LocalTrouble):
        write_attributes(tmp_path / "none/.gitattributes", b"x")


def test_a_folder_in_its_place_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / ".gitattributes").mkdir()
    with pytest.raises(LocalTrouble) as caught:
        write_attributes(tmp_path / ".gitattributes", b"x")
    assert caught.value.finding.reference == "not-a-file"
    assert os.listdir(tmp_path) == [".gitattributes"]
