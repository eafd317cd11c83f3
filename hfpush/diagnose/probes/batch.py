"""Where would the bytes of large files go? Asked for objects that nobody has, none of which is ever referred to.

Objects of each size that a ladder (put.py) may send are named in one request; naming them sends nothing. Their content
is random and made here, so that an upload to a signed URL is one that the storage takes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.lfs import Batch
from hfpush.diagnose.probes.ask import ask, http_for
from hfpush.diagnose.side_by_side import Asking
from hfpush.endpoints import Endpoint
from hfpush.endpoints.endpoint import origin
from hfpush.endpoints.repo_address import RepoAddress
from hfpush.errors import HfpushError
from hfpush.lfs.batch import HEADERS, Rejected, batch_request, expiry_of, parse_uploads
from hfpush.lfs.lease import Action, Lease
from hfpush.lfs.pointer import Pointer
from hfpush.net.call import Call
from hfpush.net.http import Http
from hfpush.net.network import Network
from hfpush.net.redact import redact

SIZES = (500, 1300, 8192, 262_144, 4_194_304, 25_165_824)
"""Bytes. The last one is begun only to see how much is taken before anybody answers, and never sent to its end."""
IN_PARTS = 5 * 10**9 + 1
"""The least size that the Hub wants in parts."""
_WHOLE = 4_194_304  # what is made: a larger object has an oid that its bytes do not have
_HREF = re.compile(r'"href"\s*:\s*"([^"\\]+)"')
_CHUNK = re.compile(r'"chunk_size"\s*:\s*"?([0-9]{1,15})')
_BRANCH = "refs/heads/main"


@dataclass(frozen=True)
class Place:
    """Where the bytes of one object may be sent, and those bytes."""

    size: int
    action: Action = field(repr=False)
    content: memoryview = field(repr=False)


@dataclass(frozen=True)
class Offer:
    """What a batch answer lets us do: a place for each size, where an upload is checked (`verify`) and put together
    (`complete`). Nothing in it may be shown."""

    places: tuple[Place, ...] = field(default=(), repr=False)
    verify: Action | None = field(default=None, repr=False)
    complete: str = field(default="", repr=False)

    def place(self, size: int) -> Place | None:
        """The place for an object of that size, if there is one."""
        return next((one for one in self.places if one.size == size), None)


def ask_batch(
    endpoint: Endpoint, network: Network, token: str | None, question: Question, seconds: float
) -> tuple[Batch, Offer | None]:
    """The answer, within `seconds`, and what may be done with it: None where it offers no upload. Never raises. Without
    a repository nothing is asked; where only fetching matters, a download is."""
    if not question.repo_id:
        return Batch(failure="not-asked"), None
    try:
        address = RepoAddress.parse(endpoint, question.repo_id, question.repo_type)
        http = http_for(endpoint, network, token, seconds)
    except HfpushError as error:
        return Batch(failure=error.finding.reference, said=error.finding.message), None
    until = time.monotonic() + seconds
    with http:
        if question.purpose == "fetch":
            return _downloads(http, address, seconds), None
        larger = Asking(lambda: _in_parts(http, address, seconds))
        batch, offer = _uploads(http, address, seconds)
        parts = larger.wait(until)
        if parts is None or offer is None:
            return batch, offer
        transfer, part_size, complete = parts
        batch = replace(batch, transfer=transfer, part_size=part_size, complete=_origin(complete))
        return batch, replace(offer, complete=complete)


def _uploads(http: Http, address: RepoAddress, seconds: float) -> tuple[Batch, Offer | None]:
    content = memoryview(os.urandom(_WHOLE))
    pointers = {size: Pointer(_oid(content, size), size) for size in SIZES}
    request = {**batch_request("upload", pointers.values(), _BRANCH), "transfers": ["basic"]}
    exchange, body = ask("batch", http, _call(address, request), seconds)
    batch, said = _read(exchange, body)
    if said is None:
        return batch, None
    now, ahead = time.time(), exchange.ahead or 0.0
    entries = _entries(said, pointers.values())
    refusals = [error for one in entries if isinstance(error := one.get("error"), dict)]
    if refusals:
        code, words = refusals[0].get("code"), refusals[0].get("message")
        batch = replace(
            batch,
            rejected=len(refusals),
            rejected_code=code if isinstance(code, int) else 0,
            said=redact(str(words), *http.secrets)[:500],
        )
    actions = next((found for one in entries if isinstance(found := one.get("actions"), dict)), {})
    batch = _lives(_leads(batch, actions), actions.get("upload"), now, ahead)
    try:
        leases = parse_uploads(said, pointers.values(), now=now, ahead=ahead)
    except HfpushError as error:
        known = bool(batch.href_unusable or batch.rejected)
        return (batch if known else replace(batch, failure=error.finding.reference, said=_seen(error))), None
    places = tuple(
        Place(size, Action(lease.part_urls[0], lease.headers), content[: min(size, _WHOLE)])
        for size, pointer in pointers.items()
        if isinstance(lease := leases[pointer.oid], Lease) and not lease.in_parts
    )
    verify = next((one.verify for one in leases.values() if isinstance(one, Lease)), None)
    if not places and not any(isinstance(one, Rejected) for one in leases.values()):
        return replace(batch, failure="batch-unreadable", said="no object has an address to be sent to"), None
    return batch, Offer(places, verify) if places else None


def _downloads(http: Http, address: RepoAddress, seconds: float) -> Batch:
    """Of an object that nobody has: that it is not there is a good answer."""
    pointer = Pointer(_oid(memoryview(os.urandom(64)), 64), 64)
    exchange, body = ask("batch", http, _call(address, batch_request("download", [pointer], _BRANCH)), seconds)
    return _read(exchange, body)[0]


def _in_parts(http: Http, address: RepoAddress, seconds: float) -> tuple[str, int, str]:
    """The transfer that is chosen where parts are offered, the size of a part, and the address that puts them together.

    Read without JSON: an answer with hundreds of part addresses is not read to its end."""
    sizes = (_WHOLE,) if address.endpoint.kind == "hub" else (_WHOLE, IN_PARTS)
    for size in sizes:
        pointer = Pointer(_oid(memoryview(os.urandom(64)), 64), size)
        exchange, body = ask("batch", http, _call(address, batch_request("upload", [pointer], _BRANCH)), seconds)
        text = body.decode("utf-8", "replace")
        chunk, href = _CHUNK.search(text), _HREF.search(text)
        if exchange.status == 200 and chunk and href:
            return "multipart", int(chunk[1]), href[1]
    return "basic", 0, ""


def _read(exchange: Exchange, body: bytes) -> tuple[Batch, Any]:
    """What an answer is as such; and its JSON, None where it is none of a batch."""
    batch = Batch(
        exchange.status,
        exchange.failure,
        exchange.said,
        retry_after=exchange.retry_after,
        exchange=exchange,
    )
    if exchange.failure or exchange.status != 200:
        return batch, None
    with suppress(ValueError, RecursionError):
        said = json.loads(body)
        if isinstance(said, dict) and isinstance(said.get("objects"), list):
            return batch, said
    return replace(batch, failure="not-a-hub" if exchange.html else "batch-unreadable"), None


def _entries(said: Mapping[str, Any], asked: Iterable[Pointer]) -> list[dict[str, Any]]:
    oids = {one.oid for one in asked}
    return [one for one in said["objects"] if isinstance(one, dict) and one.get("oid") in oids]


def _leads(batch: Batch, actions: Mapping[str, Any]) -> Batch:
    """The batch with where its actions lead: storage and verify, or an address that cannot be used."""
    found = {"upload": "", "verify": ""}
    unusable = ""
    for name in found:
        action = actions.get(name)
        href = action.get("href") if isinstance(action, dict) else None
        if isinstance(href, str):
            found[name] = _origin(href)
            if not found[name]:
                unusable = unusable or redact(re.split(r"[?#]", href, maxsplit=1)[0])[:200]
    return replace(batch, storage=found["upload"], verify=found["verify"], href_unusable=unusable)


def _lives(batch: Batch, action: Any, now: float, ahead: float) -> Batch:
    """The batch with how long its signed URL lives: by the server's clock, and by ours as git-lfs reckons."""
    if not isinstance(action, dict):
        return batch
    ends, by_ours = expiry_of(action, now=now, ahead=ahead), expiry_of(action, now=now)
    told = bool(action.get("expires_in") or action.get("expires_at"))  # git-lfs reads no URLs
    return replace(
        batch,
        lives=None if ends is None else round(ends - now, 1),
        left=None if by_ours is None or not told else round(by_ours - now, 1),
    )


def _origin(url: str) -> str:
    """Scheme, host and port, empty for what has none."""
    found = origin(url)
    if found is None:
        return ""
    scheme, host, port = found
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _oid(content: Sequence[int] | memoryview, size: int) -> str:
    """The oid of the first `size` bytes; of a larger object, one that nothing has."""
    taken = memoryview(content)[:size]  # type: ignore[arg-type]
    digest = hashlib.sha256(taken)
    if len(taken) < size:
        digest.update(os.urandom(32))
    return digest.hexdigest()


def _call(address: RepoAddress, request: object) -> Call:
    return Call("POST", f"{address.lfs_url}/objects/batch", headers=HEADERS, json=request)


def _seen(error: HfpushError) -> str:
    return "; ".join(error.finding.evidence) or error.finding.message
