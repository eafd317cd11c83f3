"""The words for a blob, and its document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.scans import FIRST, LIMIT, at, blob

from hfpush.lfs.pointer import Pointer
from hfpush.repo.audit.words import blob_document, words

OID = "1" * 64


@pytest.mark.parametrize(
    ("size", "what", "above", "said"),
    [
        (LIMIT, {}, None, []),
        (LIMIT + 1, {}, None, ["large"]),
        (LIMIT + 1, {}, 100, ["above", "large"]),
        (101, {"binary": None}, 100, ["above"]),
        (5, {"binary": True}, None, ["binary"]),
        (5, {"broken_pointer": True}, None, ["pointer-broken"]),
        (130, {"pointer": Pointer(OID, 5), "stored": True}, None, ["pointer-uncovered"]),
        (
            130,
            {"pointer": Pointer(OID, 6 * 10**9), "stored": False, "canonical": False},
            None,
            ["pointer-not-canonical", "pointer-uncovered", "object-not-here", "object-in-parts"],
        ),
    ],
)
def test_each_word_has_its_reason(size: int, what: dict[str, Any], above: int | None, said: list[str]) -> None:
    assert list(words(blob(size, at("f"), **what), above)) == said


def test_raw_and_what_git_reads_go_by_the_place() -> None:
    assert list(words(blob(5, at("f", lfs=True)), None)) == ["raw"]
    assert list(words(blob(5, at(".gitignore"), binary=True), None)) == ["binary", "read-by-git"]


def test_the_document_has_all_places_of_a_blob() -> None:
    document = json.loads(json.dumps(blob_document(blob(LIMIT + 1, at("a"), at("b"), at("a")), None)))
    assert (document["size"], document["paths"], document["refs"]) == (LIMIT + 1, ["a", "b"], ["refs/heads/main"])
    assert document["sightings"][0] == {"path": "a", "commit": FIRST, "mode": "100644", "lfs": False, "removed": None}
