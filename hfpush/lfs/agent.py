"""What git-lfs and a transfer agent say to each other: a JSON object a line, on standard input and output. Pure.

Source: docs/custom-transfers.md of git-lfs. It speaks first, one object at a time; each answer names that object.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hfpush.errors import Damaged
from hfpush.lfs.pointer import Pointer, is_oid

Direction = Literal["upload", "download"]


@dataclass(frozen=True)
class Init:
    """The beginning: which way objects go, the remote (its name, or a URL), and how many agents there may be."""

    direction: Direction
    remote: str = field(repr=False)
    agents: int = 1


@dataclass(frozen=True)
class Transfer:
    """One object to be sent from `path`, or to be received (None). `action` is the batch answer's, still unread."""

    direction: Direction
    pointer: Pointer
    path: str | None
    action: Any = field(repr=False)


@dataclass(frozen=True)
class Terminate:
    """The end: nothing more will come."""


Message = Init | Transfer | Terminate


def parse_message(line: bytes) -> Message:
    """One line of git-lfs. Raises Damaged (`agent-protocol`) for what is none."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _unreadable("a line that is no JSON") from error
    if not isinstance(said, dict):
        raise _unreadable("a line that is no JSON object")
    event = said.get("event")
    if event == "init":
        return _init(said)
    if event == "terminate":
        return Terminate()
    if event in ("upload", "download"):
        return _transfer(event, said)
    raise _unreadable(f"an event that does not exist: {str(event)[:40]!r}")


def _init(said: Mapping[str, Any]) -> Init:
    direction, remote, agents = said.get("operation"), said.get("remote"), said.get("concurrenttransfers")
    if direction not in ("upload", "download"):
        raise _unreadable(f"an operation that does not exist: {str(direction)[:40]!r}")
    several = agents if isinstance(agents, int) and said.get("concurrent") is not False else 1
    return Init(direction, remote if isinstance(remote, str) else "", max(1, several))


def _transfer(direction: Direction, said: Mapping[str, Any]) -> Transfer:
    oid, size, path = said.get("oid"), said.get("size"), said.get("path")
    if not isinstance(oid, str) or not is_oid(oid):
        raise _unreadable("an object without an oid")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise _unreadable("an object without a size")
    if direction == "upload" and (not isinstance(path, str) or not path):
        raise _unreadable("an object to be sent that has no path")
    return Transfer(direction, Pointer(oid, size), path if direction == "upload" else None, said.get("action"))


def ready() -> bytes:
    """The answer to `init`: go on."""
    return b"{}\n"


def refusal(code: int, message: str) -> bytes:
    """The answer to `init` when nothing can be done. git-lfs prints the message."""
    return _line({"error": {"code": code, "message": message}})


def progress(oid: str, so_far: int, since_last: int) -> bytes:
    """How many bytes of the object have gone."""
    return _line({"event": "progress", "oid": oid, "bytesSoFar": so_far, "bytesSinceLast": since_last})


def complete(oid: str, path: str | None = None) -> bytes:
    """The object is there; a received one lies at `path`, from where git-lfs takes it away."""
    return _line({"event": "complete", "oid": oid, **({} if path is None else {"path": path})})


def failed(oid: str, code: int, message: str) -> bytes:
    """The object did not get there. git-lfs prints the message, and tries no more."""
    return _line({"event": "complete", "oid": oid, "error": {"code": code, "message": message}})


def _line(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, separators=(",", ":")).encode() + b"\n"


def _unreadable(what: str) -> Damaged:
    return Damaged.of(
        "agent-protocol",
        "This is not what git-lfs says to a transfer agent.",
        seen=(what,),
        to_try=("let git-lfs start the agent: hfpush lfs enable-largefiles",),
    )
