"""The Git LFS batch API: the request we send, and its answer turned into one value per object. Pure.

Sources: docs/api/batch.md of git-lfs; huggingface_hub's lfs.py for `multipart`, which is told from `basic` by the
action's `chunk_size` and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from hfpush.errors import Damaged
from hfpush.lfs.lease import Action, Lease, upload_id_of
from hfpush.lfs.parts import part_count
from hfpush.lfs.pointer import Pointer

MEDIA_TYPE = "application/vnd.git-lfs+json"
HEADERS = {"Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE}
MAX_OBJECTS = 100
_TRANSFERS = ("basic", "multipart")
_MAX_PARTS = 10_000
_PLAIN = re.compile(r"[!-~]+")  # what a URL is made of; one expression, since a lease may have 10 000 of them
_MAX_SECONDS = 2**31 - 1  # what the batch API allows for expires_in
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t -~\xa0-\xff]*")
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
# Go writes up to nine decimals of a second, of which Python 3.10's fromisoformat takes three or six, and no Z.
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,]\d+)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


@dataclass(frozen=True)
class Present:
    """The server has the object already (upload), or will give it (download)."""

    size: int


@dataclass(frozen=True)
class Rejected:
    """The server will not take or give this object; `message` is its own, unredacted."""

    code: int
    message: str


@dataclass(frozen=True)
class Offer:
    """The server gives the object at `action`, until `expires_at` (unix time) if it said so."""

    action: Action
    expires_at: float | None = None


Answered = Lease | Present | Rejected


def batch_request(operation: Literal["upload", "download"], objects: Iterable[Pointer], ref: str) -> dict[str, Any]:
    """The JSON of a batch request; `ref` is a full ref name such as refs/heads/main."""
    return {
        "operation": operation,
        "transfers": list(_TRANSFERS) if operation == "upload" else ["basic"],
        "ref": {"name": ref},
        "hash_algo": "sha256",
        "objects": [{"oid": pointer.oid, "size": pointer.size} for pointer in objects],
    }


def parse_uploads(answer: Any, asked: Iterable[Pointer], *, now: float, ahead: float = 0.0) -> dict[str, Answered]:
    """What the server says of each object of an upload batch, by oid. `now` is unix time when the answer arrived, by a
    clock that is `ahead` of the server's by so many seconds.

    Raises Damaged when the answer cannot be read, leaves an object out, speaks of another size, or wants a transfer
    that we did not offer: its addresses mean something we do not know. Objects that nobody asked about are ignored.
    """
    found = {pointer.oid: _upload_of(entry, pointer, now, ahead) for pointer, entry in _entries(answer, asked)}
    transfer = answer.get("transfer") or "basic"
    if transfer not in _TRANSFERS and any(isinstance(one, Lease) for one in found.values()):
        raise _unreadable("it wants a kind of transfer that we did not offer")
    return found


def parse_downloads(answer: Any, asked: Iterable[Pointer]) -> dict[str, Present | Rejected]:
    """Which objects of a download batch the server would give, by oid. Raises Damaged as `parse_uploads` does."""
    return {pointer.oid: _undownloadable(entry) or Present(pointer.size) for pointer, entry in _entries(answer, asked)}


def parse_offers(
    answer: Any, asked: Iterable[Pointer], *, now: float, ahead: float = 0.0
) -> dict[str, Offer | Rejected]:
    """Where each object of a download batch can be read, by oid; `now` and `ahead` as for `parse_uploads`. Raises
    Damaged as it does, also for a transfer that we did not offer."""
    found: dict[str, Offer | Rejected] = {}
    for pointer, entry in _entries(answer, asked):
        rejected = _undownloadable(entry)
        if rejected is not None:
            found[pointer.oid] = rejected
            continue
        found[pointer.oid] = offer_of(_actions(entry)["download"], now=now, ahead=ahead)
    if (answer.get("transfer") or "basic") != "basic" and any(isinstance(one, Offer) for one in found.values()):
        raise _unreadable("it wants a kind of transfer that we did not offer")
    return found


def offer_of(download: Any, *, now: float, ahead: float = 0.0) -> Offer:
    """Where one `download` action lets us read. Raises Damaged when it cannot be read; `now` and `ahead` as for
    `parse_uploads`."""
    action = _sendable(_action(download))
    return Offer(action, _expiry(download, action.href, now, ahead))


def _undownloadable(entry: Mapping[str, Any]) -> Rejected | None:
    rejected = _rejection(entry)
    if rejected is None and "download" not in _actions(entry):
        return Rejected(404, "the server offers no download")
    return rejected


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
    message = error.get("message")
    return Rejected(error["code"], message if isinstance(message, str) else "")


def _actions(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    actions = entry.get("actions")
    return actions if isinstance(actions, dict) else {}


def _upload_of(entry: Mapping[str, Any], pointer: Pointer, now: float, ahead: float) -> Answered:
    rejected = _rejection(entry)
    if rejected is not None:
        return rejected
    actions = _actions(entry)
    if "upload" not in actions:
        return Present(pointer.size)
    verify = _sendable(_action(actions["verify"])) if actions.get("verify") is not None else None
    return lease_of(actions["upload"], pointer, verify=verify, now=now, ahead=ahead)


def lease_of(upload: Any, pointer: Pointer, *, verify: Action | None = None, now: float, ahead: float = 0.0) -> Lease:
    """What one `upload` action lets us do, in parts or whole, whatever other objects of the answer get. Raises Damaged
    when it cannot be read; `now` and `ahead` as for `parse_uploads`."""
    action = _action(upload)
    if "chunk_size" not in action.headers:
        expires = _expiry(upload, action.href, now, ahead)
        whole = max(pointer.size, 1)
        return Lease("whole", pointer.size, whole, (action.href,), None, _sendable(action).headers, verify, expires)
    part_bytes, urls = _parts(action.headers, pointer.size)
    expires = _expiry(upload, urls[0], now, ahead)
    upload_id = upload_id_of(action.href, urls[0])
    return Lease(upload_id, pointer.size, part_bytes, urls, action.href, {}, verify, expires)


def _action(value: Any) -> Action:
    href = value.get("href") if isinstance(value, dict) else None
    if not isinstance(href, str) or not _is_web(href):
        raise _unreadable("an action has no usable address")
    headers = value.get("header") or {}
    if not isinstance(headers, dict):
        raise _unreadable("an action's headers are not a map")
    texts = {name: _header_text(content) for name, content in headers.items() if content is not None}
    return Action(href, texts)


def _sendable(action: Action) -> Action:
    """An action whose headers are to be sent, and not a list of parts."""
    headers = action.headers
    if not all(map(_HEADER_NAME.fullmatch, headers)) or not all(map(_HEADER_VALUE.fullmatch, headers.values())):
        raise _unreadable("an action's headers are none that HTTP has")
    return action


def _header_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)  # chunk_size comes in both forms
    raise _unreadable("an action's header is not a text")


def _parts(headers: Mapping[str, str], size: int) -> tuple[int, tuple[str, ...]]:
    text = headers["chunk_size"]
    part_bytes = int(text) if _NUMBER.fullmatch(text) else 0
    numbered = sorted((int(key), url) for key, url in headers.items() if _NUMBER.fullmatch(key))
    if part_bytes < 1:
        raise _unreadable(f"its part size is {text[:20]!r}")
    wanted = part_count(size, part_bytes)
    if wanted > _MAX_PARTS or [number for number, _ in numbered] != list(range(1, wanted + 1)):
        raise _unreadable(f"it gives {len(numbered)} part addresses where {wanted} are needed")
    urls = tuple(url for _, url in numbered)
    if not all(map(_is_web, urls)):
        raise _unreadable("a part has no usable address")
    return part_bytes, urls


def _is_web(url: str) -> bool:
    if _PLAIN.fullmatch(url) is None:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def expiry_of(action: Mapping[str, Any], *, now: float, ahead: float = 0.0) -> float | None:
    """When one action ends, in unix time by our clock; None where nothing in it says so. `now` and `ahead` as for
    `parse_uploads`."""
    href = action.get("href")
    return _expiry(action, href if isinstance(href, str) and _is_web(href) else "", now, ahead)


def _expiry(action: Mapping[str, Any], url: str, now: float, ahead: float) -> float | None:
    """When an action ends, by our clock."""
    seconds = action.get("expires_in")
    # 0 is what Go writes for "not said"; the first comparison is False for a NaN.
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and abs(seconds) > 0:
        return now + max(-_MAX_SECONDS, min(seconds, _MAX_SECONDS))
    moment = _moment(action.get("expires_at"))
    if moment is not None:
        return moment + ahead
    signed = parse_qs(urlsplit(url).query).get("X-Amz-Expires", [""])[0]
    return now + int(signed) if _NUMBER.fullmatch(signed) else None


def _moment(text: Any) -> float | None:
    """Unix time of an RFC 3339 text; None for anything else, and for Go's year 1, which means "not said"."""
    match = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    day, time, zone = match.groups(default="Z")
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{'+00:00' if zone in 'Zz' else zone}")
    except ValueError:
        return None
    return None if moment.year == 1 else moment.timestamp()


def _unreadable(what: str) -> Damaged:
    return Damaged.of(
        "batch-unreadable",
        "The Hub's answer about the large files cannot be used.",
        seen=(f"the batch answer: {what}",),
        to_try=("run the same command again", "if it stays so, try another endpoint with --endpoint"),
    )
