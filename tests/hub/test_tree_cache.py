import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.hub.tree import TreeFile
from hfpush.hub.tree_cache import is_commit, read_tree, was_complete, write_tree
from hfpush.lfs.pointer import Pointer

COMMIT = "0" * 40
PLAIN = TreeFile("a/b.txt", 5, "b" * 40)
LARGE = TreeFile("model.bin", 9, "c" * 40, Pointer("d" * 64, 9))


def put(folder: Path, text: str) -> None:
    (folder / "trees").mkdir()
    (folder / "trees" / f"{COMMIT}.json").write_text(text)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read_tree(tmp_path, COMMIT) is None
    write_tree(tmp_path, COMMIT, [LARGE, PLAIN], tmp_path / "aside")
    assert read_tree(tmp_path, COMMIT) == [PLAIN, LARGE]
    assert sorted(path.name for path in (tmp_path / "trees").iterdir()) == [f"{COMMIT}.json"]


def test_the_hub_library_reads_it(tmp_path: Path) -> None:
    cache = pytest.importorskip("huggingface_hub._tree_cache")
    write_tree(tmp_path, COMMIT, [LARGE, PLAIN], tmp_path / "aside")
    entries = cache.read_tree_cache(str(tmp_path), COMMIT)
    assert entries["model.bin"].lfs_sha256 == "d" * 64
    assert entries["a/b.txt"].blob_id == "b" * 40
    assert all(entry.xet_hash is None for entry in entries.values())


def test_what_the_hub_library_wrote_is_read(tmp_path: Path) -> None:
    cache = pytest.importorskip("huggingface_hub._tree_cache")
    entry = cache.TreeCacheEntry(size=9, blob_id="c" * 40, lfs_sha256="d" * 64, lfs_size=9, xet_hash="e" * 64)
    cache.write_tree_cache(str(tmp_path), COMMIT, {"model.bin": entry})
    assert read_tree(tmp_path, COMMIT) == [LARGE]


def test_only_our_own_list_says_that_all_files_were_there(tmp_path: Path) -> None:
    cache = pytest.importorskip("huggingface_hub._tree_cache")
    assert not was_complete(tmp_path, COMMIT)
    write_tree(tmp_path, COMMIT, [PLAIN], tmp_path / "aside")
    assert was_complete(tmp_path, COMMIT)
    cache.write_tree_cache(str(tmp_path), COMMIT, {"a/b.txt": cache.TreeCacheEntry(size=5, blob_id="b" * 40)})
    assert not was_complete(tmp_path, COMMIT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format_version": 2, "files": {}}',
        '{"format_version": 1, "files": []}',
        '{"format_version": 1, "files": {"a": 5}}',
        '{"format_version": 1, "files": {"a": {"size": 1}}}',
        json.dumps({"format_version": 1, "files": {"../a": {"size": 1, "blob_id": "b" * 40}}}),
        json.dumps({"format_version": 1, "files": {"a": {"size": 1, "blob_id": "b" * 40, "lfs_sha256": "x"}}}),
        "\x80",
    ],
)
def test_what_is_not_understood_is_not_there(tmp_path: Path, text: str) -> None:
    put(tmp_path, text)
    assert read_tree(tmp_path, COMMIT) is None


@given(st.integers(0, 300))
def test_list_cut_anywhere_is_not_there_or_whole(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("trees")
    write_tree(folder, COMMIT, [LARGE, PLAIN], folder / "aside")
    file = folder / "trees" / f"{COMMIT}.json"
    file.write_bytes(file.read_bytes()[:cut])
    assert read_tree(folder, COMMIT) in (None, [PLAIN, LARGE])


@pytest.mark.parametrize(
    ("text", "is_one"), [("a" * 40, True), ("a" * 64, True), ("a" * 39, False), ("main", False), ("A" * 40, False)]
)
def test_commit_is_told_from_a_name(text: str, is_one: bool) -> None:
    assert is_commit(text) == is_one


def test_a_list_that_was_made_to_hurt_its_reader_is_none(tmp_path: Path) -> None:
    put(tmp_path, "[" * 200_000)
    assert read_tree(tmp_path, COMMIT) is None
    assert not was_complete(tmp_path, COMMIT)


def test_a_pipe_in_place_of_a_list_keeps_nobody_waiting(tmp_path: Path) -> None:
    (tmp_path / "trees").mkdir()
    os.mkfifo(tmp_path / "trees" / f"{COMMIT}.json")
    assert read_tree(tmp_path, COMMIT) is None
    assert not was_complete(tmp_path, COMMIT)
