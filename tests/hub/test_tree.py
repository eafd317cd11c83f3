"""A server's list of files, checked at the door."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.errors import Damaged
from hfpush.hub.tree import TreeFile, Unsafe, is_safe_path, parse_tree_entry, read_tree_entry, why_unsafe
from hfpush.lfs.pointer import Pointer

OID = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
BLOB = "d670460b4b4aece5915caf5c68d12f560a9fe3e4"
DOT_GIT = [
    ".git",
    ".GIT",
    ".Git",
    ".git ",
    ".git.",
    ".git . ",
    "git~1",
    "GIT~1",
    ".git::$INDEX_ALLOCATION",
    ".g\u200cit",
]


@pytest.mark.parametrize(
    "path",
    [
        "model.safetensors",
        "a/b/c.txt",
        ".gitattributes",
        ".gitignore",
        ".github/workflows/x.yml",
        "git",
        "a.git",
        "..a/...b",
        "a..b",
        "a b/ü/模型.bin",
        "~/x",
        "$HOME",
        "-rf",
        "constant.txt",
        "auxiliary/nulls.txt",
        "2024-01-01T10:00:00.json",
        "x" * 255,
    ],
)
def test_an_ordinary_name_is_safe(path: str) -> None:
    assert is_safe_path(path)


@pytest.mark.parametrize(
    "path",
    [
        *["", "/", "/etc/passwd", "//x", "a//b", "a/", ".", "..", "../x", "a/../b", "a/..", "./a", "a/./b"],
        *["..\\x", "a\\b", "C:/x", "c:x", "a/...", "a/.. ", ".. ./x"],
        *["a\0b", "a\nb", "a\x1b[31m", "a\x7f", "a\x9b31m", "a\ud800"],
        *["con", "NUL", "aux.py", "a/com1.txt", "lpt9", "con .txt", "nul:x", "ab:$DATA", "ab::$DATA", "a/b:c:$DATA"],
        *DOT_GIT,
        *(f"{name}/config" for name in DOT_GIT),
        *(f"sub/{name}/hooks/pre-commit" for name in DOT_GIT),
        "x" * 256,
        "ü" * 128,
    ],
)
def test_a_name_that_must_not_be_written_is_refused(path: str) -> None:
    assert not is_safe_path(path)
    with pytest.raises(Damaged) as caught:
        parse_tree_entry({"type": "file", "path": path, "size": 1, "oid": BLOB})
    assert caught.value.finding.reference == "path-unsafe"
    caught.value.finding.evidence[0].encode()  # can be shown


def test_a_name_that_must_not_be_written_can_be_told_without_losing_the_rest_of_the_list() -> None:
    found = read_tree_entry({"type": "file", "path": "../x", "size": 1, "oid": BLOB})
    assert found == Unsafe("../x", "has a path that could lead out of its folder")
    assert read_tree_entry(entry()) == parse_tree_entry(entry())


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("", "no name"),
        ("/x", "absolute"),
        ("C:/x", "Windows"),
        ("a\x1bb", "control"),
        ("a\ud800", "Unicode"),
        ("a//b", "empty"),
        ("a/../b", "lead out"),
        ("a/.GIT/x", "git"),
        ("aux", "device"),
        ("ab:$DATA", "stream"),
        ("ü" * 128, "255 bytes"),
        ("x/" * 300 + "y", "too long"),
        ("ü" * 100 + ("/" + "ü" * 100) * 10, "too long"),
    ],
)
def test_the_reason_is_told(path: str, word: str) -> None:
    assert word in (why_unsafe(path) or "")


@given(st.text(max_size=40) | st.text("./\\:~ gitGIT\u200c\ud800", max_size=12))
def test_a_safe_path_stays_below_its_folder_and_out_of_git(path: str) -> None:
    if not is_safe_path(path):
        return
    joined = PurePosixPath("/folder") / path
    assert os.path.normpath(joined) == f"/folder/{path}"
    assert ".git" not in [part.lower() for part in joined.parts]
    path.encode()


@pytest.mark.needs("git")
@pytest.mark.parametrize("name", [*DOT_GIT, "..", ".gitattributes", "model.bin", "a.git"])
def test_git_refuses_the_same_names(name: str, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True, timeout=30)
    protect = ["-c", "core.protectNTFS=true", "-c", "core.protectHFS=true"]
    entry = f"100644,{BLOB},{name}/x"
    command = ["git", *protect, "update-index", "--add", "--cacheinfo", entry]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=30)
    if done.returncode != 0:
        assert not is_safe_path(f"{name}/x")
    assert is_safe_path(f"{name}/x") == (name in (".gitattributes", "model.bin", "a.git"))


def entry(**changes: Any) -> dict[str, Any]:
    return {"type": "file", "path": "a/b.bin", "size": 7, "oid": BLOB} | changes


def test_a_file_is_read_with_its_size_and_its_blob() -> None:
    assert parse_tree_entry(entry()) == TreeFile("a/b.bin", 7, BLOB)


@pytest.mark.parametrize("oid", [OID, f"sha256:{OID}"])
def test_an_lfs_file_has_the_size_and_the_digest_of_its_object(oid: str) -> None:
    found = parse_tree_entry(entry(size=99, lfs={"oid": oid, "size": 99, "pointerSize": 130}))
    assert found == TreeFile("a/b.bin", 99, BLOB, Pointer(OID, 99))


def test_a_directory_is_no_file() -> None:
    assert parse_tree_entry({"type": "directory", "path": "a", "oid": BLOB, "size": 0}) is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "a",
        {},
        {"path": 7},
        entry(size=None),
        entry(size=-1),
        entry(size=True),
        entry(size="7"),
        entry(size=7.0),
        entry(size=2**63),
        entry(oid=None),
        entry(oid="../../x"),
        entry(oid=BLOB.upper()),
        entry(oid=BLOB[1:]),
        entry(lfs=[]),
        entry(lfs={}),
        entry(lfs={"oid": OID}),
        entry(lfs={"oid": OID, "size": -1}),
        entry(lfs={"oid": OID, "size": True}),
        entry(lfs={"oid": OID.upper(), "size": 1}),
        entry(lfs={"oid": f"md5:{OID}", "size": 1}),
        entry(lfs={"oid": [OID], "size": 1}),
    ],
)
def test_an_entry_that_is_not_what_the_hub_promises_is_damaged(value: object) -> None:
    with pytest.raises(Damaged) as caught:
        parse_tree_entry(value)
    assert caught.value.finding.reference == "tree-unreadable"


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=2))


@given(st.dictionaries(st.sampled_from(["type", "path", "size", "oid", "lfs"]), JSON | st.just({"oid": OID})))
def test_no_entry_breaks_the_reader(value: dict[str, Any]) -> None:
    json.dumps(value)
    try:
        found = parse_tree_entry(value)
    except Damaged:
        return
    assert found is None or is_safe_path(found.path)
