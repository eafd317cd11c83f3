"""The body of a commit call: newline-delimited JSON, read line by line, contents put aside as files.

What the operations mean for a repository is api_commit.py's business; here they only become values that are whole and
have safe paths.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hfpush.localhub.names import check_path
from hfpush.localhub.objects import is_oid

MAX_OPERATIONS = 25_000
"""Operations in one commit: the limit that the Hub's client documents."""


class BadCommit(ValueError):
    """The body cannot be understood, or asks for the impossible; the message says which line and why."""


@dataclass(frozen=True)
class PutFile:
    """A file that lives in git; its bytes are in the file `content`."""

    path: str
    content: Path
    size: int


@dataclass(frozen=True)
class PutLfs:
    """A file that lives in LFS. `size` is None where the client leaves it to the server (copies)."""

    path: str
    oid: str
    size: int | None


@dataclass(frozen=True)
class Delete:
    """A file, or a folder with all that is in it, that goes."""

    path: str
    folder: bool


@dataclass(frozen=True)
class CommitBody:
    """A whole body. `parent` is the commit the client believes to be the head (maybe abbreviated), or None."""

    summary: str
    description: str
    parent: str | None
    operations: tuple[PutFile | PutLfs | Delete, ...]

    @property
    def message(self) -> str:
        """Summary and description as a commit message."""
        return f"{self.summary}\n\n{self.description}" if self.description else self.summary


def parse_body(spool: Path, aside: Path) -> CommitBody:
    """The body in the file `spool`; contents become files in the folder `aside`. Raises BadCommit (and BadName)."""
    header: dict[str, Any] | None = None
    operations: list[PutFile | PutLfs | Delete] = []
    with spool.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            key, value = _line(line, number)
            if key == "header":
                header = value
            else:
                operations.append(_operation(key, value, aside / str(number), number))
    if header is None:
        raise BadCommit("The commit has no header line")
    if len(operations) > MAX_OPERATIONS:
        raise BadCommit(f"A commit has at most {MAX_OPERATIONS} operations")
    summary, description, parent = (header.get(name) or "" for name in ("summary", "description", "parentCommit"))
    if not all(isinstance(text, str) for text in (summary, description, parent)) or not summary.strip():
        raise BadCommit("The header needs a summary, and its fields are strings")
    return CommitBody(summary, description, parent or None, tuple(operations))


def _line(line: bytes, number: int) -> tuple[str, dict[str, Any]]:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadCommit(f"Line {number} is not JSON") from error
    if not isinstance(parsed, dict) or not isinstance(parsed.get("value"), dict):
        raise BadCommit(f'Line {number} is not of the form {{"key": …, "value": {{…}}}}')
    return str(parsed.get("key")), parsed["value"]


def _operation(key: str, value: dict[str, Any], aside: Path, number: int) -> PutFile | PutLfs | Delete:
    path = value.get("path")
    if not isinstance(path, str):
        raise BadCommit(f"Line {number} has no path")
    if key == "deletedFolder":
        return Delete(check_path(path.rstrip("/")), folder=True)
    check_path(path)
    if key == "deletedFile":
        return Delete(path, folder=False)
    if key == "file":
        content = _content(value, number)
        aside.write_bytes(content)
        return PutFile(path, aside, len(content))
    if key == "lfsFile":
        return _lfs(path, value, number)
    raise BadCommit(f"Line {number} has an unknown key")


def _content(value: dict[str, Any], number: int) -> bytes:
    content, encoding = value.get("content"), value.get("encoding", "utf-8")
    if not isinstance(content, str) or encoding not in ("base64", "utf-8"):
        raise BadCommit(f"Line {number} needs content, in base64 or utf-8")
    try:
        return base64.b64decode(content, validate=True) if encoding == "base64" else content.encode()
    except (binascii.Error, ValueError) as error:
        raise BadCommit(f"The content in line {number} is not {encoding}") from error


def _lfs(path: str, value: dict[str, Any], number: int) -> PutLfs:
    oid, size = value.get("oid"), value.get("size")
    if value.get("algo", "sha256") != "sha256" or not isinstance(oid, str) or not is_oid(oid):
        raise BadCommit(f"Line {number} needs the sha256 oid of its object")
    if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 0):
        raise BadCommit(f"Line {number} has no valid size")
    return PutLfs(path, oid, size)
