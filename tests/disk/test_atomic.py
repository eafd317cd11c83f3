import os
from pathlib import Path

import pytest

from hfpush.disk.atomic import replace_with, write_text
from hfpush.errors import LocalTrouble


def test_text_is_written_whole_and_with_the_rights_of_a_new_file(tmp_path: Path) -> None:
    target = tmp_path / "refs" / "a" / "main"
    old = os.umask(0o002)
    try:
        write_text(target, "one", tmp_path / "aside")
        write_text(target, "two", tmp_path / "aside")
    finally:
        os.umask(old)
    assert target.read_text() == "two"
    assert target.stat().st_mode & 0o777 == 0o664
    assert [path.name for path in (tmp_path / "aside").iterdir()] == ["README"]
    assert [path.name for path in target.parent.iterdir()] == ["main"]


def test_failure_leaves_the_old_and_nothing_aside(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")

    def make(aside: Path) -> None:
        aside.write_text("half")
        raise OSError("no more")

    with pytest.raises(OSError):
        replace_with(tmp_path / "target", tmp_path / "aside", make)
    assert (tmp_path / "target").read_text() == "old"
    assert [path.name for path in (tmp_path / "aside").iterdir()] == ["README"]


def test_link_takes_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    replace_with(tmp_path / "target", tmp_path / "aside", lambda aside: os.symlink("elsewhere", aside))
    assert os.readlink(tmp_path / "target") == "elsewhere"


def test_trouble_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LocalTrouble) as error:
        write_text(tmp_path / "file" / "x", "text", tmp_path / "aside")
    assert error.value.finding.reference == "not-a-folder"
