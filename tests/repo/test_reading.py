from __future__ import annotations

import os
from pathlib import Path

import pytest

from hfpush.errors import LocalTrouble, SourceChanged
from hfpush.repo.reading import changed, open_plain, unreadable


def test_a_file_opens_and_a_pipe_does_not_block(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1")
    os.mkfifo(tmp_path / "pipe")
    for name in ("file", "pipe"):
        os.close(open_plain(tmp_path / name))


def test_nothing_and_a_link_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/hostname")
    with pytest.raises(SourceChanged):
        open_plain(tmp_path / "none")
    with pytest.raises(LocalTrouble):
        open_plain(tmp_path / "link")


def test_odd_names_are_written_out() -> None:
    for error in (changed(Path("a\n\udcff"), "it is gone"), unreadable(Path("a\n\udcff"), "no right")):
        assert "\n" not in error.finding.message
        assert error.finding.evidence[0].isprintable()
