"""A commit body is understood whole, or refused."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfpush.localhub.commitbody import BadCommit, CommitBody, Delete, PutFile, PutLfs, parse_body
from hfpush.localhub.names import BadName

OID = "ab" * 32
HEADER = {"key": "header", "value": {"summary": "Title", "description": "Body"}}


def parse(tmp_path, *lines):
    (tmp_path / "body").write_bytes(b"\n".join(json.dumps(line).encode() for line in lines))
    return parse_body(tmp_path / "body", tmp_path)


def op(key, **value):
    return {"key": key, "value": value}


def test_every_operation_becomes_a_value(tmp_path):
    body = parse(
        tmp_path,
        op("header", summary="Title", description="Body", parentCommit="abcde"),
        op("file", path="a/b.txt", content=base64.b64encode(b"hi\n").decode(), encoding="base64"),
        op("file", path="c.txt", content="plain", encoding="utf-8"),
        op("lfsFile", path="d.bin", algo="sha256", oid=OID, size=12),
        op("lfsFile", path="copy.bin", algo="sha256", oid=OID),
        op("deletedFile", path="e"),
        op("deletedFolder", path="f/g/"),
    )
    put, plain, *rest = body.operations
    assert isinstance(put, PutFile)
    assert (put.path, put.content.read_bytes(), put.size) == ("a/b.txt", b"hi\n", 3)
    assert plain.content.read_bytes() == b"plain"
    assert rest == [PutLfs("d.bin", OID, 12), PutLfs("copy.bin", OID, None), Delete("e", False), Delete("f/g", True)]
    assert (body.parent, body.message) == ("abcde", "Title\n\nBody")


def test_a_message_without_description_is_its_summary():
    assert CommitBody("Title", "", None, ()).message == "Title"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [op("file", path="a", content="", encoding="base64")],
        [op("header", summary="")],
        [op("header", summary=3)],
        [op("header", summary="T", parentCommit=["x"])],
        [HEADER, {"key": "file"}],
        [HEADER, [1]],
        [HEADER, op("unknown", path="a")],
        [HEADER, op("file", path="a", content="%%%", encoding="base64")],
        [HEADER, op("file", path="a", content=3, encoding="base64")],
        [HEADER, op("file", path="a", content="", encoding="rot13")],
        [HEADER, op("file", content="", encoding="base64")],
        [HEADER, op("lfsFile", path="a", algo="sha1", oid=OID, size=1)],
        [HEADER, op("lfsFile", path="a", oid="../../etc", size=1)],
        [HEADER, op("lfsFile", path="a", oid=OID, size=-1)],
        [HEADER, op("lfsFile", path="a", oid=OID, size="1")],
        [HEADER, op("lfsFile", path="a", oid=OID, size=True)],
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, lines):
    with pytest.raises(BadCommit):
        parse(tmp_path, *lines)


@pytest.mark.parametrize("key", ["file", "lfsFile", "deletedFile", "deletedFolder"])
@pytest.mark.parametrize("path", ["../x", "/x", ".git/config", "a\0", ""])
def test_paths_that_escape_are_refused(tmp_path, key, path):
    with pytest.raises(BadName):
        parse(tmp_path, HEADER, op(key, path=path, content="", encoding="base64", oid=OID, size=1))


def test_a_line_that_is_no_json_is_named(tmp_path):
    (tmp_path / "body").write_bytes(json.dumps(HEADER).encode() + b"\n{nope\n")
    with pytest.raises(BadCommit, match="Line 2 is not JSON"):
        parse_body(tmp_path / "body", tmp_path)


@settings(max_examples=50)
@given(st.binary(max_size=300))
def test_any_bytes_are_survived(tmp_path_factory, data):
    aside = tmp_path_factory.mktemp("body")
    (aside / "body").write_bytes(json.dumps(HEADER).encode() + b"\n" + data)
    try:
        parse_body(aside / "body", aside)
    except (BadCommit, BadName):
        return
