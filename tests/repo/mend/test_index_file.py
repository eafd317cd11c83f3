"""git's own indexes, read; and statuses written into them that git then believes."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.repo.mend.index_file import FileStatus, entries, fingerprint, status_of, with_statuses

NAMES = ("a.txt", "a/b c", "a/b d", "ä/ö", "long/" + "x" * 5000, "long/" + "x" * 4094, "long/" + "x" * 4095, "z")
STATUS = FileStatus((1, 2), (3, 4), 5, 6, 7, 8, 9)


@pytest.fixture
def repo(request: pytest.FixtureRequest, new_repo: Callable[..., Any]) -> Any:
    """A repository of the object format and with the index version that are asked for, whose index holds NAMES."""
    object_format, version = request.param
    place = new_repo("repo", f"--object-format={object_format}")
    place.git("config", "index.version", str(version))
    blob = place.git("hash-object", "-w", "--stdin", stdin=b"content")
    lines = "".join(f"100644 {blob}\t{name}\0" for name in NAMES)
    place.git("update-index", "-z", "--index-info", stdin=lines.encode())
    return place


every_kind = pytest.mark.parametrize(
    "repo", [(kind, version) for kind in ("sha1", "sha256") for version in (2, 4)], indirect=True, ids=str
)


def data_of(repo: Any) -> tuple[bytes, str]:
    return (repo.path / ".git/index").read_bytes(), repo.git("rev-parse", "--show-object-format")


@every_kind
def test_entries_are_those_that_git_lists(repo: Any) -> None:
    data, kind = data_of(repo)
    listed = [line.partition("\t") for line in repo.git("ls-files", "-s", "-z").split("\0") if line]
    assert [(f"{one.mode:o} {one.id} {one.stage}", one.path) for one in entries(data, kind)] == [
        (what, path) for what, _, path in listed
    ]


@every_kind
def test_flags_are_read_also_in_version_three(repo: Any) -> None:
    repo.git("update-index", "--skip-worktree", "a.txt")
    repo.write("intended", b"")
    repo.git("add", "-N", "intended")
    found = {one.path: (one.skip, one.intended) for one in entries(*data_of(repo))}
    assert found["a.txt"] == (True, False)
    assert found["intended"] == (False, True)
    assert found["z"] == (False, False)


@every_kind
def test_git_reads_what_was_written_into_it(repo: Any) -> None:
    data, kind = data_of(repo)
    written = with_statuses(data, kind, {"a/b d": STATUS, "z": STATUS, "not there": STATUS})
    (repo.path / ".git/index").write_bytes(written)
    repo.git("fsck")
    shown = repo.git("ls-files", "--debug", "a/b d").split()
    assert [shown[shown.index(word) + 1] for word in ("ctime:", "mtime:", "dev:", "uid:", "size:")] == [
        *("1:2", "3:4", "5", "7", "9")
    ]
    assert {one.path for one in entries(written, kind) if one.status == STATUS} == {"a/b d", "z"}
    assert fingerprint(written, kind) == fingerprint(data, kind)


@every_kind
def test_an_index_without_a_checksum_stays_without(repo: Any) -> None:
    data, kind = data_of(repo)
    length = 32 if kind == "sha256" else 20
    assert with_statuses(data[:-length] + bytes(length), kind, {"z": STATUS})[-length:] == bytes(length)


def test_a_fingerprint_sees_what_is_staged(new_repo: Callable[..., Any]) -> None:
    place = new_repo()
    file = place.write("a", b"1")
    place.git("add", "a")
    first = fingerprint(*data_of(place))
    os.utime(file, ns=(1, 1))
    place.git("update-index", "--refresh")
    assert fingerprint(*data_of(place)) == first
    place.git("update-index", "--chmod=+x", "a")
    assert fingerprint(*data_of(place)) != first


@pytest.mark.parametrize(
    ("size", "kept"), [(0, 0), (5, 5), (2**32 - 1, 2**32 - 1), (2**32, 2**31), (2**33, 2**31), (2**32 + 7, 7)]
)
def test_a_size_is_kept_as_git_keeps_it(size: int, kept: int) -> None:
    assert status_of((0, 0, 0, 0, 0, 0, size)).size == kept


def test_numbers_are_cut_as_git_cuts_them() -> None:
    status = status_of((10**9 + 5, 2 * 10**9, 2**40 + 1, 2**33 + 2, 2**32 + 3, 2**32 + 4, 5))
    assert status == FileStatus((1, 5), (2, 0), 1, 2, 3, 4, 5)


@given(st.data())
def test_what_is_cut_or_no_index_is_refused(data: st.DataObject) -> None:
    whole = b"DIRC\0\0\0\2\0\0\0\1" + bytes(40) + bytes(20) + b"\0\1a\0"
    cut = whole[: data.draw(st.integers(0, len(whole) - 3))]
    for bad in (cut, b"DIRX" + whole[4:], b"DIRC\0\0\0\5" + whole[8:]):
        with pytest.raises(ValueError, match="index"):
            list(entries(bad, "sha1"))
