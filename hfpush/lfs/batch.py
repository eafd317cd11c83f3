"""The Git LFS batch API: the request we send, and its answer turned into one value per object. Pure.

Sources: docs/api/batch.md of git-lfs; huggingface_hub's lfs.py for `multipart`, which is told from `basic` by the
action's `chunk_size` and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from hfpush.errors import Damaged
from hfpush.lfs.lease import Action, Lease, upload_id_of
from hfpush.lfs.parts import part_count
from hfpush.lfs.pointer import Pointer

MEDIA_TYPE = "application/vnd.git-lfs+json"
HEADERS = {"Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE}
MAX_OBJECTS = 100
_MAX_PARTS = 10_000


@dataclass(frozen=True)
class Present:
    """The server has the object already (upload), or will give it (download)."""

    size: int


@dataclass(frozen=True)
class Rejected:
    """The server will not take or give this object; `message` is its own, unredacted."""

    code: int
    message: str


Answered = Lease | Present | Rejected


def batch_request(operation: Literal["upload", "download"], objects: Iterable[Pointer], ref: str) -> dict[str, Any]:
    """The JSON of a batch request; `ref` is a full ref name such as refs/heads/main."""
    return {
        "operation": operation,
        "transfers": ["basic", "multipart"] if operation == "upload" else ["basic"],
        "ref": {"name": ref},
        "hash_algo": "sha256",
        "objects": [{"oid": pointer.oid, "size": pointer.size} for pointer in objects],
    }


def parse_uploads(answer: Any, asked: Iterable[Pointer], *, now: float) -> dict[str, Answered]:
    """What the server says of each object of an upload batch, by oid. `now` is unix time when the answer arrived.

    Raises Damaged when the answer cannot be read, leaves an object out, or speaks of another size. Objects that nobody
    asked about are ignored.
    """
    return {pointer.oid: _upload_of(entry, pointer, now) for pointer, entry in _entries(answer, asked)}


def parse_downloads(answer: Any, asked: Iterable[Pointer]) -> dict[str, Present | Rejected]:
    """Which objects of a download batch the server would give, by oid. Raises Damaged as `parse_uploads` does."""
    found: dict[str, Present | Rejected] = {}
    for pointer, entry in _entries(answer, asked):
        rejected = _rejection(entry)
        if rejected is None and "download" not in _actions(entry):
            rejected = Rejected(404, "the server offers no download")
        found[pointer.oid] = rejected or Present(pointer.size)
    return found


def _entries(answer: Any, asked: Iterable[Pointer]) -> list[tuple[Pointer, Mapping[str, Any]]]:
    entries = answer.get("objects") if isinstance(answer, dict) else None
    if not isinstance(entries, list):
        raise _unreadable("it has no list of objects")
    by_oid = {entry["oid"]: entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("oid"), str)}
    pairs: list[tuple[Pointer, Mapping[str, Any]]] = []
    for pointer in asked:
        entry = by_oid.get(pointer.oid)
        if entry is None:
            raise _unreadable(f"it leaves out object {pointer.oid[:12]}")
        if _rejection(entry) is None and entry.get("size", pointer.size) != pointer.size:
            raise _unreadable(f"it gives object {pointer.oid[:12]} another size than ours")
        pairs.append((pointer, entry))
    return pairs


def _rejection(entry: Mapping[str, Any]) -> Rejected | None:
    error = entry.get("error")
    if error is None:
        return None
    if not isinstance(error, dict) or not isinstance(error.get("code"), int):
        raise _unreadable("an object's error has no code")
    return Rejected(error["code"], str(error.get("message", "")))


def _actions(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    actions = entry.get("actions")
    return actions if isinstance(actions, dict) else {}


def _upload_of(entry: Mapping[str, Any], pointer: Pointer, now: float) -> Answered:
    rejected = _rejection(entry)
    if rejected is not None:
        return rejected
    actions = _actions(entry)
    if "upload" not in actions:
        return Present(pointer.size)
    upload = actions["upload"]
    action = _action(upload)
    verify = _action(actions["verify"]) if actions.get("verify") is not None else None
    if "chunk_size" not in action.headers:
        expires = _expiry(upload, action.href, now)
        whole = max(pointer.size, 1)
        return Lease("whole", pointer.size, whole, (action.href,), None, action.headers, verify, expires)
    part_bytes, urls = _parts(action.headers, pointer.size)
    expires = _expiry(upload, urls[0], now)
    upload_id = upload_id_of(action.href, urls[0])
    return Lease(upload_id, pointer.size, part_bytes, urls, action.href, {}, verify, expires)


def _action(value: Any) -> Action:
    href = value.get("href") if isinstance(value, dict) else None
    if not isinstance(href, str) or not _is_web(href):
        raise _unreadable("an action has no usable address")
    headers = value.get("header") or {}
    if not isinstance(headers, dict):
        raise _unreadable("an action's headers are not a map")
    return Action(href, {str(name): str(content) for name, content in headers.items()})


def _parts(headers: Mapping[str, str], size: int) -> tuple[int, tuple[str, ...]]:
    text = headers["chunk_size"]
    part_bytes = int(text) if text.isascii() and text.isdigit() else 0
    numbered = {int(key): url for key, url in headers.items() if key.isascii() and key.isdigit()}
    if part_bytes < 1:
        raise _unreadable(f"its part size is {text[:20]!r}")
    wanted = part_count(size, part_bytes)
    if wanted > _MAX_PARTS or sorted(numbered) != list(range(1, wanted + 1)):
        raise _unreadable(f"it gives {len(numbered)} part addresses where {wanted} are needed")
    urls = tuple(numbered[number] for number in range(1, wanted + 1))
    if not all(map(_is_web, urls)):
        raise _unreadable("a part has no usable address")
    return part_bytes, urls


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _expiry(action: Mapping[str, Any], url: str, now: float) -> float | None:
    seconds = action.get("expires_in")
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds != 0:
        return now + seconds
    at = action.get("expires_at")
    if isinstance(at, str):
        try:
            moment = datetime.fromisoformat(at.replace("Z", "+00:00"))
        except ValueError:
            moment = None
        if moment is not None:
            return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    signed = parse_qs(urlsplit(url).query).get("X-Amz-Expires", [""])[0]
    return now + int(signed) if signed.isascii() and signed.isdigit() else None


def _unreadable(what: str) -> Damaged:
    return Damaged.of(
        "batch-unreadable",
        "The Hub's answer about the large files cannot be used.",
        seen=(f"the batch answer: {what}",),
        to_try=("run the same command again", "if it stays so, try another endpoint with --endpoint"),
    )
