"""The files of a folder against its notes and lists."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from hfpush.commands.verify_folder import notes_of, sightings_in
from hfpush.commands.verify_found import Listing
from hfpush.disk.content import Content
from hfpush.hub.tree import TreeFile

OLD, NEW = "1" * 40, "2" * 40
GIT = hashlib.sha1(b"blob 3\0abc").hexdigest()


def put(folder: Path, path: str, commit: str, etag: str, *, time: float = 4e9, there: bool = True) -> None:
    note = folder / ".cache/huggingface/download" / f"{path}.metadata"
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(f"{commit}\n{etag}\n{time}\n")
    if there:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"abc")


def nothing(commit: str) -> Listing | None:
    return None


def test_notes_are_read_and_what_is_none_is_left(tmp_path: Path) -> None:
    put(tmp_path, "deep/a.txt", OLD, GIT)
    notes = tmp_path / ".cache/huggingface/download"
    (notes / "b.metadata").write_text("half")
    os.mkfifo(notes / "c.metadata")
    (notes / "d.metadata").write_bytes(b"\xff\n\n\n")
    (notes / "e.metadata").write_text("x" * 5000)
    assert list(notes_of(tmp_path)) == ["deep/a.txt"]


def test_a_file_is_what_its_note_says_unless_the_list_of_its_commit_says_more(tmp_path: Path) -> None:
    put(tmp_path, "a", OLD, GIT)
    put(tmp_path, "b", NEW, "etag")
    put(tmp_path, "c", NEW, GIT, there=False)
    put(tmp_path, "d", NEW, GIT, time=5)
    lists = {NEW: Listing({"b": TreeFile("b", 7, "b" * 40)})}
    found = {one.path: one for one in sightings_in(tmp_path, notes_of(tmp_path), lists.get, None, whole=False)}
    assert found["a"].item is not None
    assert found["a"].item.contents == (Content(GIT, 3, git=True),)
    assert found["b"].item is not None
    assert found["b"].item.contents == (Content("b" * 40, 7, git=True),)
    assert (found["c"].state, found["d"].edited) == ("missing", True)
    alone = {one.path: one for one in sightings_in(tmp_path, notes_of(tmp_path), nothing, None, whole=False)}
    assert alone["b"].state == "unjudged"


def test_a_list_of_all_that_was_there_misses_what_was_never_noted(tmp_path: Path) -> None:
    put(tmp_path, "a", OLD, GIT)
    files = {"a": TreeFile("a", 3, GIT), "b": TreeFile("b", 3, GIT), ".cache/huggingface/x": TreeFile("x", 1, GIT)}
    for lost, paths in ((True, ["a", "b"]), (False, ["a"])):
        known = Listing(files, lost)
        found = sightings_in(tmp_path, notes_of(tmp_path), {OLD: known}.get, OLD, whole=False)
        assert [one.path for one in found] == paths


def test_a_revision_is_compared_with_all_files_of_it(tmp_path: Path) -> None:
    put(tmp_path, "a", OLD, GIT)
    lists = {NEW: Listing({"a": TreeFile("a", 9, "c" * 40), "b": TreeFile("b", 3, GIT)})}
    found = {one.path: one for one in sightings_in(tmp_path, notes_of(tmp_path), lists.get, NEW, whole=True)}
    assert found["a"].content == Content("c" * 40, 9, git=True)
    assert (found["a"].commit, found["b"].state) == (NEW, "missing")


def test_a_file_may_be_a_link_and_no_pipe(tmp_path: Path) -> None:
    put(tmp_path, "a", OLD, GIT)
    (tmp_path / "a").rename(tmp_path / "elsewhere")
    os.symlink("elsewhere", tmp_path / "a")
    put(tmp_path, "b", OLD, GIT, there=False)
    os.mkfifo(tmp_path / "b")
    found = {one.path: one for one in sightings_in(tmp_path, notes_of(tmp_path), nothing, None, whole=False)}
    assert found["a"].item is not None
    assert found["a"].item.where == tmp_path / "elsewhere"
    assert found["b"].state == "misplaced"
