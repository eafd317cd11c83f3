"""The lines of settings in git's files."""

from __future__ import annotations

import os
from pathlib import Path

from hfpush.repo.config_files import ConfigFiles, content_of


def test_a_key_that_stands_there_twice_has_one_line_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "config").write_text('[http]\n\tproxy = a\n\tsslVerify\n[http "x"]\n\tproxy = c\n[http]\n\tproxy = b\n')
    files = ConfigFiles()
    found = [files.line(tmp_path / "config", key) for key in ("http.proxy", "http.x.proxy", "http.proxy", "http.proxy")]
    assert found == [2, 5, 7, None]
    assert files.line(tmp_path / "none", "http.proxy") is None


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "none", "a\0b", "."):
        assert content_of(tmp_path / name) == b""
