"""What the headers of an endpoint's answers say of a file."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.hub.resolved import Resolved, read_resolved
from hfpush.hub.tree import TreeFile
from hfpush.lfs.pointer import Pointer

COMMIT, BLOB, OID = "c" * 40, "b" * 40, "a" * 64
POINTER = Pointer(OID, 9)
_TEXT = POINTER.encode()
LARGE = TreeFile("x.bin", 9, hashlib.sha1(b"blob %d\0" % len(_TEXT) + _TEXT).hexdigest(), POINTER)
SMALL = TreeFile("x.bin", 7, BLOB)
LINKED = {"X-Repo-Commit": COMMIT, "X-Linked-ETag": f'"{OID}"', "X-Linked-Size": "9"}


@pytest.mark.parametrize(
    ("heads", "whole", "file"),
    [
        ([LINKED], False, LARGE),
        ([{**LINKED, "ETag": '"of-the-storage"', "Content-Length": "9"}], True, LARGE),
        ([{"X-Repo-Commit": COMMIT, "ETag": f'"{BLOB}"', "Content-Length": "7"}], True, SMALL),
        ([{"X-Repo-Commit": COMMIT, "ETag": f'W/"{BLOB}"', "Content-Length": "7"}], True, SMALL),
        ([{"X-Repo-Commit": COMMIT}, {"ETag": f'"{BLOB}"', "Content-Length": "7"}], True, SMALL),
        ([{"X-Repo-Commit": COMMIT, "ETag": f'"{BLOB}"', "Content-Length": "49"}], False, None),
        (
            [{"X-Repo-Commit": COMMIT, "ETag": f'"{BLOB}"', "Content-Length": "5", "Content-Encoding": "gzip"}],
            True,
            None,
        ),
        ([{"X-Repo-Commit": COMMIT, "ETag": '"5f3a-1c"', "Content-Length": "7"}], True, None),
        ([{"X-Repo-Commit": COMMIT, "ETag": f'"{BLOB}"'}], True, None),
        ([{**LINKED, "X-Linked-Size": "-9"}], False, None),
    ],
)
def test_a_file_is_known_by_its_digest_and_size(heads: list[dict[str, str]], whole: bool, file: TreeFile) -> None:
    assert read_resolved("x.bin", heads, whole=whole) == Resolved(COMMIT, file)


@pytest.mark.parametrize("commit", ["", "main", "C" * 40, "../x", "c" * 39])
def test_without_a_commit_nothing_is_known(commit: str) -> None:
    assert read_resolved("x.bin", [{**LINKED, "X-Repo-Commit": commit}], whole=True) is None


@given(st.dictionaries(st.sampled_from(sorted({*LINKED, "ETag", "Content-Length"})), st.text()), st.text())
def test_anything_else_is_nothing(head: dict[str, str], path: str) -> None:
    found = read_resolved(path, [head], whole=True)
    assert found is None or found.file is None or found.file.path == path
