"""Which operation a request is, by method and path. Pure.

A handler may know better later: a resolve GET that turns out to be the bytes of an LFS object becomes a `get`.
"""

from __future__ import annotations

import re

from hfpush.localhub.route import parse

OPS = (
    "batch", "put", "complete", "verify", "locks", "get", "git-refs", "git-fetch", "git-push", "resolve", "commit",
    "preupload", "whoami", "create", "tree", "info", "api", "page",
)  # fmt: skip
"""The operations that requests are sorted into: `get` is object bytes, from the storage or through resolve."""

_API = (
    (re.compile(r"/api/complete_multipart"), "complete"),
    (re.compile(r"/api/resolve-cache/.+"), "resolve"),
    (re.compile(r"/api/whoami-v2"), "whoami"),
    (re.compile(r"/api/repos/create"), "create"),
    (re.compile(r"/api/[a-z]+/[^/]+(/[^/]+)?/commit/.+"), "commit"),
    (re.compile(r"/api/[a-z]+/[^/]+(/[^/]+)?/preupload/.+"), "preupload"),
    (re.compile(r"/api/[a-z]+/[^/]+(/[^/]+)?/(tree|paths-info)/.+"), "tree"),
    (re.compile(r"/api/(models|datasets|spaces)/[^/]+(/[^/]+)?(/revision/.+)?"), "info"),
)
_GIT = {"git-upload-pack": "git-fetch", "git-receive-pack": "git-push", "info/refs": "git-refs"}


def api_operation(method: str, raw_path: str) -> str:
    """The operation of a request to the API origin; `page` for what is nothing else."""
    if raw_path.startswith("/api/"):
        for pattern, op in _API:
            if pattern.fullmatch(raw_path) and (op != "info" or method in ("GET", "HEAD")):
                return op
        return "api"
    target = parse(raw_path)
    if target is None:
        return "page"
    if target.kind == "git":
        return _GIT[target.path]
    if target.kind == "lfs":
        return {"objects/batch": "batch", "verify": "verify"}.get(target.path, "locks")
    return "resolve" if target.kind in ("resolve", "raw") else "page"


def storage_operation(method: str) -> str:
    """The operation of a request to the storage origin."""
    return "put" if method in ("PUT", "POST") else "get"
