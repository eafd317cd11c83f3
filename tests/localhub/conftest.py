"""A Hub to knock at, and a knocker that knows no more than HTTP."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hfpush.localhub import LocalHub

PART = 65_536


@dataclass(frozen=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


def send(
    method: str,
    url: str,
    body: bytes | Mapping[str, Any] | None = None,
    *,
    token: str | None = None,
    basic: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One request on a connection of its own; redirects are not followed, thirty seconds are the limit."""
    target = urllib.parse.urlsplit(url)
    given = dict(headers or {})
    if token:
        given["Authorization"] = f"Bearer {token}"
    if basic:
        given["Authorization"] = "Basic " + base64.b64encode(f"anybody:{basic}".encode()).decode()
    data = json.dumps(body).encode() if isinstance(body, Mapping) else body
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
    try:
        path = target.path + (f"?{target.query}" if target.query else "")
        connection.request(method, path, body=data, headers=given)
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


@dataclass(frozen=True)
class Lfs:
    """The git-lfs side of one repository of a Hub."""

    hub: LocalHub
    repo: str = "acme/model"

    def batch(
        self,
        *contents: bytes,
        operation: str = "upload",
        transfers: Sequence[str] = ("basic", "multipart"),
        **more: Any,
    ) -> Answer:
        """A batch call about these contents."""
        objects = [{"oid": oid_of(content), "size": len(content)} for content in contents]
        asked = {"operation": operation, "transfers": list(transfers), "objects": objects, **more}
        return send("POST", f"{self.hub.url}/{self.repo}.git/info/lfs/objects/batch", asked, token=self.hub.token)

    def lease(self, content: bytes, *, transfers: Sequence[str] = ("basic", "multipart")) -> dict[str, Any]:
        """The actions for one object that the Hub lacks."""
        actions: dict[str, Any] = self.batch(content, transfers=transfers).json()["objects"][0]["actions"]
        return actions

    def parts(self, content: bytes, upload: Mapping[str, Any]) -> list[tuple[str, bytes]]:
        """URL and bytes of every part of a multipart upload action, first to last."""
        size = int(upload["header"]["chunk_size"])
        urls = [url for key, url in sorted(upload["header"].items()) if key != "chunk_size"]
        return [(url, content[n * size : (n + 1) * size]) for n, url in enumerate(urls)]

    def complete(self, upload: Mapping[str, Any], oid: str, etags: Sequence[str | None]) -> Answer:
        """End a multipart upload."""
        parts = [{"partNumber": number, "etag": etag} for number, etag in enumerate(etags, 1)]
        return send("POST", upload["href"], {"oid": oid, "parts": parts})

    def upload(self, content: bytes) -> Answer:
        """Everything, as a client does it; the last answer."""
        upload = self.lease(content)["upload"]
        if "chunk_size" not in upload.get("header", {}):
            return send("PUT", upload["href"], content)
        etags = [send("PUT", url, piece).headers.get("etag") for url, piece in self.parts(content, upload)]
        return self.complete(upload, oid_of(content), etags)


def oid_of(content: bytes) -> str:
    """The sha256 that names an object."""
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(name="send")
def send_fixture() -> Callable[..., Answer]:
    """See `send` above."""
    return send


@pytest.fixture
def lfs_of() -> type[Lfs]:
    """See `Lfs` above."""
    return Lfs


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., LocalHub]:
    """Makes a Hub with small parts on one folder; enter it. Arguments are LocalHub's."""

    def make(*faults: Any, **config: Any) -> LocalHub:
        settings = {"part_size": PART, "multipart_threshold": 100_000, "root": tmp_path / "hub", **config}
        return LocalHub(*faults, **settings)

    return make


@pytest.fixture
def hub(start: Callable[..., LocalHub]) -> Iterator[LocalHub]:
    """A running Hub with the repository acme/model."""
    with start() as running:
        running.create("acme/model")
        yield running


@pytest.fixture
def lfs(hub: LocalHub) -> Lfs:
    """The git-lfs side of acme/model."""
    return Lfs(hub)
