"""Whether a file is what was committed."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from hfpush.errors import Damaged
from hfpush.repo.mend.work_tree import files, read_index
from hfpush.repo.repository import Repository

LONG_AGO = 10**18


def old(place: Any, name: str, content: bytes) -> None:
    os.utime(place.write(name, content), ns=(LONG_AGO, LONG_AGO))


@pytest.fixture
def place(new_repo: Callable[..., Any]) -> Any:
    """A repository with a file, a link and a folder; the file is older than the index."""
    made = new_repo()
    old(made, "d/f", b"content")
    os.symlink("d/f", made.path / "link")
    made.commit()
    return made


def state(place: Any, path: str = "d/f") -> str | None:
    repository = Repository.open(place.path)
    found = files(repository, read_index(repository), {path})
    return found[path].state if path in found else None


def leave(place: Any) -> None:
    pass


def touch(place: Any) -> None:
    os.utime(place.path / "d/f")


def edit(place: Any) -> None:
    old(place, "d/f", b"changed")


def grow(place: Any) -> None:
    place.write("d/f", b"content and more")


def remove(place: Any) -> None:
    os.unlink(place.path / "d/f")


def link(place: Any) -> None:
    remove(place)
    os.symlink("/etc/hostname", place.path / "d/f")


def folder(place: Any) -> None:
    remove(place)
    (place.path / "d/f").mkdir()


def link_on_the_way(place: Any) -> None:
    os.rename(place.path / "d", place.path / "elsewhere")
    os.symlink("elsewhere", place.path / "d")


def filtered(place: Any) -> None:
    """It stands under a filter now, so that git calls it modified for ever."""
    place.write(".gitattributes", b"* filter=x\n")
    place.git("config", "filter.x.clean", "false")
    touch(place)


def executable(place: Any) -> None:
    (place.path / "d/f").chmod(0o755)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (leave, "unchanged"),
        (touch, "unchanged"),
        (filtered, "unchanged"),
        (executable, "unchanged"),
        (edit, "edited"),
        (grow, "edited"),
        (link, "edited"),
        (folder, "edited"),
        (link_on_the_way, "edited"),
        (remove, "absent"),
    ],
    ids=lambda one: one.__name__ if callable(one) else None,
)
def test_a_file_is_judged_by_its_bytes(place: Any, act: Callable[[Any], None], expected: str) -> None:
    act(place)
    assert state(place) == expected


def test_a_change_in_the_second_of_the_index_is_seen(new_repo: Callable[..., Any]) -> None:
    place = new_repo()
    place.write("f", b"content")
    place.git("add", "f")
    status = (place.path / "f").stat()
    os.utime(place.path / ".git/index", ns=(status.st_mtime_ns, status.st_mtime_ns))
    place.commit()
    os.utime(place.write("f", b"changed"), ns=(status.st_mtime_ns, status.st_mtime_ns))
    assert state(place, "f") == "edited"


def test_files_that_are_kept_out_of_the_work_tree_are_nobodys_concern(place: Any) -> None:
    place.git("update-index", "--skip-worktree", "d/f")
    remove(place)
    assert state(place) is None
    assert state(place, "not in the index") is None


def test_a_split_index_is_read_whole_and_left_as_it_is(place: Any) -> None:
    place.git("update-index", "--split-index")
    place.write("second", b"2")
    place.git("add", "second")
    before = (place.path / ".git/index").read_bytes()
    repository = Repository.open(place.path)
    assert set(read_index(repository).at({"d/f", "second"})) == {"d/f", "second"}
    assert (place.path / ".git/index").read_bytes() == before


def test_a_damaged_index_is_told(place: Any) -> None:
    file = place.path / ".git/index"
    file.write_bytes(file.read_bytes()[:50])
    repository = Repository.open(place.path)
    with pytest.raises(Damaged) as error:
        read_index(repository).at({"d/f"})
    assert error.value.finding.reference == "repo-damaged"
