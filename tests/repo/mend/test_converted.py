"""Which files git has converted. What a fix does about them is in tests/commands/test_fix.py."""

from __future__ import annotations

import os
from pathlib import Path

from support.mendable import LONG_AGO, empty

from hfpush.repo.mend.converted import left_with_other_bytes, only_converted, reshaped, with_other_bytes
from hfpush.repo.mend.work_tree import files, read_index
from hfpush.repo.repository import Repository


def test_converted_files_are_told_from_edited_ones_and_no_filter_runs(tmp_path: Path) -> None:
    repo = empty(tmp_path / "repo")
    repo.write(".gitattributes", b"*.txt text eol=crlf\n*.odd filter=odd\n")
    names = ("a.txt", "b.txt", '"c.txt', "d.odd")
    for name in names:
        repo.write(name, b"one\ntwo\n")
    repo.commit()
    repo.git("config", "filter.odd.clean", f"touch {tmp_path / 'ran'}; cat")
    for name in names:
        repo.write(name, b"one\r\ntwo\r\n")
    repo.write("b.txt", b"two\r\n")
    repo.write("d.odd", b"eno\ntwo\n")
    repository = Repository.open(repo.path)
    staged = read_index(repository).at(names)
    assert only_converted(repository, staged) == {"a.txt"}
    sizes = {staged["a.txt"].id: 8}
    assert with_other_bytes(repository, ["a.txt", "d.odd"], sizes) == ["a.txt", "d.odd"]
    assert left_with_other_bytes(repository, [*names, "gone"]) == sorted(names)
    assert not (tmp_path / "ran").exists()


def test_a_filter_that_keeps_the_size_is_seen_through(tmp_path: Path) -> None:
    repo = empty(tmp_path / "repo")
    repo.git("config", "filter.turned.clean", "tr ab ba")
    repo.write(".gitattributes", b"*.odd filter=turned\n")
    repo.write("d.odd", b"abab")
    repo.write("e.odd", b"cccc")
    repo.commit()
    for name in ("d.odd", "e.odd"):
        os.utime(repo.path / name, ns=(LONG_AGO, LONG_AGO))
    repo.git("update-index", "--refresh")
    repository = Repository.open(repo.path)
    index = read_index(repository)
    staged = index.at(["d.odd", "e.odd"])
    assert reshaped(repository, staged, files(repository, index, staged)) == {"d.odd"}
