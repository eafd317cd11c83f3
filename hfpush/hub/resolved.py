"""What an endpoint says of one file when it is asked where it lies: its commit, its size and its digest. Pure.

A file in LFS has `X-Linked-ETag` (its sha256) and `X-Linked-Size`, mostly on a redirect to the storage; any other has
its git blob id as `ETag` and its length as `Content-Length`. The commit is in `X-Repo-Commit`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1

from hfpush.hub.tree import TreeFile, is_safe_path
from hfpush.hub.tree_cache import is_commit
from hfpush.lfs.pointer import Pointer, is_oid

_GIT_ID = re.compile(r"[0-9a-f]{40}", re.ASCII)
_SIZE = re.compile(r"[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True)
class Resolved:
    """The commit that a revision stands for, and what it has at a path; None where the answer does not say."""

    commit: str
    file: TreeFile | None = None


def read_resolved(path: str, heads: Sequence[Mapping[str, str]], *, whole: bool) -> Resolved | None:
    """What the headers of an endpoint's answers about `path` say: those of each redirect that it made, in order.
    `whole`: the last of them is the file's own answer, and no redirect. None where not even a commit is named."""
    commit = _first(heads, "X-Repo-Commit")
    if not is_commit(commit):
        return None
    etag, size = _first(heads, "X-Linked-ETag"), _first(heads, "X-Linked-Size")
    last = heads[-1]
    if whole and not last.get("Content-Encoding"):
        etag, size = etag or last.get("ETag", ""), size or last.get("Content-Length", "")
    return Resolved(commit, _file(path, etag.removeprefix("W/").strip('"'), size))


def _first(heads: Sequence[Mapping[str, str]], name: str) -> str:
    return next((head[name] for head in heads if head.get(name)), "")


def _file(path: str, digest: str, size: str) -> TreeFile | None:
    if _SIZE.fullmatch(size) is None or not is_safe_path(path):
        return None
    if is_oid(digest):
        pointer = Pointer(digest, int(size))
        text = pointer.encode()
        return TreeFile(path, pointer.size, sha1(b"blob %d\0" % len(text) + text).hexdigest(), pointer)
    return TreeFile(path, int(size), digest) if _GIT_ID.fullmatch(digest) else None
