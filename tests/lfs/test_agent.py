"""What git-lfs says, read; what we say, written."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.errors import Damaged
from hfpush.lfs.agent import Init, Terminate, Transfer, complete, failed, parse_message, progress, ready, refusal
from hfpush.lfs.pointer import Pointer

OID = "ab" * 32
POINTER = Pointer(OID, 5)
ACTION = {"href": "https://storage.example/o?X-Amz-Signature=1", "header": {"x": "y"}}
BEGIN = {"event": "init", "operation": "upload", "remote": "origin", "concurrent": True, "concurrenttransfers": 8}


def parsed(**said: Any) -> object:
    return parse_message(json.dumps(said).encode() + b"\n")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (BEGIN, Init("upload", "origin", 8)),
        (BEGIN | {"operation": "download", "concurrent": False}, Init("download", "origin", 1)),
        ({"event": "init", "operation": "upload"}, Init("upload", "", 1)),
        (BEGIN | {"concurrenttransfers": -3, "remote": None}, Init("upload", "", 1)),
        ({"event": "terminate"}, Terminate()),
        (
            {"event": "upload", "oid": OID, "size": 5, "path": "/x", "action": ACTION},
            Transfer("upload", POINTER, "/x", ACTION),
        ),
        ({"event": "download", "oid": OID, "size": 5, "action": None}, Transfer("download", POINTER, None, None)),
    ],
)
def test_what_git_lfs_says_is_one_value(said: dict[str, Any], message: object) -> None:
    assert parsed(**said) == message


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"event": "explode"},
        {"event": "init"},
        {"event": "init", "operation": "both"},
        {"event": "upload", "size": 5, "path": "/x"},
        {"event": "upload", "oid": "../x", "size": 5, "path": "/x"},
        {"event": "upload", "oid": OID, "size": "5", "path": "/x"},
        {"event": "upload", "oid": OID, "size": True, "path": "/x"},
        {"event": "upload", "oid": OID, "size": -1, "path": "/x"},
        {"event": "upload", "oid": OID, "size": 5},
    ],
)
def test_what_it_would_never_say_is_damaged(said: dict[str, Any]) -> None:
    with pytest.raises(Damaged) as told:
        parsed(**said)
    assert told.value.finding.reference == "agent-protocol"


@given(st.binary(max_size=200))
def test_any_line_is_a_message_or_damaged(line: bytes) -> None:
    with suppress(Damaged):
        parse_message(line)


def test_a_signed_address_is_in_no_text() -> None:
    assert "Signature" not in repr(parsed(event="upload", oid=OID, size=5, path="/x", action=ACTION))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (ready(), {}),
        (refusal(32, "no"), {"error": {"code": 32, "message": "no"}}),
        (progress(OID, 3, 2), {"event": "progress", "oid": OID, "bytesSoFar": 3, "bytesSinceLast": 2}),
        (complete(OID), {"event": "complete", "oid": OID}),
        (complete(OID, "/x\n"), {"event": "complete", "oid": OID, "path": "/x\n"}),
        (failed(OID, 3, "a\nb"), {"event": "complete", "oid": OID, "error": {"code": 3, "message": "a\nb"}}),
    ],
)
def test_each_answer_is_one_line(line: bytes, said: dict[str, Any]) -> None:
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line) == said
