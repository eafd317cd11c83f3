from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from git.index.fun import read_cache

from hfpush.repo.index_file import IndexEntry, encode_index, file_mode, write_index

NewRepo = Callable[..., "Place"]  # noqa: F821


def entry(place: Path, name: str, id: str) -> IndexEntry:
    return IndexEntry(name, id, (place / name).lstat())


def test_git_finds_the_entries_and_nothing_to_refresh(new_repo: NewRepo) -> None:
    place = new_repo()
    names = [
        "a",
        "d/b",
        "d-c",
        "d.e",
        "ü",
        "n" * 200,
        "/".join(["l" * 250] * 14),
        "x y",
        *("p" * n for n in range(2, 12)),
    ]
    for name in names:
        place.write(name, name.encode())
    (place.path / "a").chmod(0o755)
    (place.path / "link").symlink_to("a")
    ids = {name: place.git("hash-object", "-w", name) for name in names}
    ids["link"] = place.git("hash-object", "-w", "--stdin", stdin=b"a")
    write_index(place.path / ".git/index", [entry(place.path, name, id) for name, id in ids.items()])
    ours = place.git("ls-files", "-z", "--stage", "--debug")
    assert place.git("status", "--porcelain", "--untracked-files=all").count("A  ") == len(ids)
    place.git("read-tree", "--empty")
    place.git("add", "--all")
    assert place.git("ls-files", "-z", "--stage", "--debug") == ours
    place.git("fsck")


def test_another_reader_of_the_format_sees_the_same(new_repo: NewRepo) -> None:
    place = new_repo()
    names = ["a", "d/b", "ü x", "n" * 200, *("p" * n for n in range(2, 12))]
    for name in names:
        place.write(name, name.encode())
    ids = {name: place.git("hash-object", "-w", name) for name in names}
    write_index(place.path / ".git/index", [entry(place.path, name, id) for name, id in ids.items()])
    with (place.path / ".git/index").open("rb") as stream:
        version, found, _, _ = read_cache(stream)
    assert version == 2
    assert {one.path: (one.hexsha, one.size, one.mode) for one in found.values()} == {
        name: (id, len(name.encode()), 0o100644) for name, id in ids.items()
    }


def test_an_index_of_young_files_is_trusted_by_git(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("f", b"x")
    soon = (int(time.time()) + 1) * 10**9
    os.utime(place.path / "f", ns=(soon, soon))
    another = place.git("hash-object", "--stdin", stdin=b"another")
    write_index(place.path / ".git/index", [entry(place.path, "f", another)])
    # The content differs from the blob; git does not look, because the entry is older than the index.
    assert place.git("diff-files", "--name-only") == ""


@pytest.mark.parametrize(("size", "kept"), [(5 * 2**32 + 7, 7), (2**32, 2**31), (0, 0)])
def test_sizes_that_do_not_fit_are_cut_but_not_to_none(tmp_path: Path, size: int, kept: int) -> None:
    big = tmp_path / "big"
    with big.open("wb") as out:
        out.truncate(size)
    data = encode_index([IndexEntry("big", "12" * 20, big.lstat())])
    assert int.from_bytes(data[12 + 36 : 12 + 40], "big") == kept


@pytest.mark.parametrize(("mode", "wanted"), [(0o600, 0o100644), (0o755, 0o100755), (0o655, 0o100644)])
def test_git_knows_two_kinds_of_files(tmp_path: Path, mode: int, wanted: int) -> None:
    (tmp_path / "f").write_bytes(b"")
    (tmp_path / "f").chmod(mode)
    assert file_mode((tmp_path / "f").lstat()) == wanted
