"""What a commit would bring in: as the index has it, whatever is on the disk."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.hooked import Place

from hfpush.repo.hooks.staged import all_files, staged_files
from hfpush.repo.hooks.verdict import File
from hfpush.repo.repository import Repository

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    subprocess.run(["git", "init", "-q", "repo"], cwd=tmp_path, check=True, timeout=60)
    place = Place(tmp_path / "repo")
    place.write("old.bin", b"old\0")
    place.write("text.txt", b"text\n")
    place.done("add", ".")
    place.done("commit", "-qm", "before")
    return place


def seen(files: list[File]) -> dict[str, tuple[int, bool]]:
    return {file.path: (file.size, file.binary) for file in files}


def test_new_and_changed_files_are_seen_with_size_and_kind(place: Place) -> None:
    place.write(b"odd\n\xf6.dat", b"\0\0\0")
    place.write("text.txt", b"longer text\n")
    place.write("latin.txt", b"caf\xe9\n")
    place.done("add", ".")
    place.write("text.txt", b"not staged any more\n")
    assert seen(staged_files(Repository.around(place.path), None)) == {
        "odd\n\udcf6.dat": (3, True),
        "text.txt": (12, False),
        "latin.txt": (5, True),
    }


def test_what_is_moved_or_has_a_new_mode_is_not_new(place: Place) -> None:
    place.done("mv", "old.bin", "moved.bin")
    place.done("update-index", "--chmod=+x", "text.txt")
    (place.path / "link").symlink_to("text.txt")
    place.done("add", "link")
    assert staged_files(Repository.around(place.path), None) == []


def test_the_index_of_the_commit_counts(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "other-index"
    place.write("new.txt", b"new\n")
    assert place.git("add", "new.txt", env={"GIT_INDEX_FILE": str(other)}).returncode == 0
    repository = Repository.around(place.path)
    assert staged_files(repository, None) == []
    assert seen(staged_files(repository, other)) == {"new.txt": (4, False)}


def test_before_the_first_commit_all_is_new(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "empty"], cwd=tmp_path, check=True, timeout=60)
    place = Place(tmp_path / "empty")
    place.write("a.txt", b"a\n")
    place.done("add", ".")
    assert seen(staged_files(Repository.around(place.path), None)) == {"a.txt": (2, False)}


def test_the_files_of_a_commit_are_all_of_them(place: Place) -> None:
    assert set(seen(all_files(Repository.around(place.path)))) == {"old.bin", "text.txt"}


def test_in_a_merge_only_what_no_parent_has_is_new(place: Place) -> None:
    main = place.done("branch", "--show-current")
    place.done("switch", "-q", "-c", "side")
    for branch, text in (("side", b"side\n"), (main, b"main\n")):
        place.done("switch", "-q", branch)
        place.write("text.txt", text)
        place.write(f"of {branch}.txt", text)
        place.done("add", ".")
        place.done("commit", "-qm", branch)
    assert place.git("merge", "side").returncode == 1
    place.write("text.txt", b"both\n")
    place.done("add", ".")
    assert seen(staged_files(Repository.around(place.path), None)) == {"text.txt": (5, False)}
