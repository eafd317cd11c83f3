"""Commits and tags as bytes: what they point at, and the same bytes pointing elsewhere. Pure.

Nothing is decoded and nothing is set right: an odd time zone, a Latin-1 message, a NUL in it or a missing one stay as
they are. A signature signs the bytes, so it is taken out of what changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_SIGNING = (b"gpgsig ", b"gpgsig-sha256 ", b"mergetag ")
# How a signature begins that stands at the end of a tag's message (git's parse of signed tags).
_SIGNATURES = (
    b"-----BEGIN PGP SIGNATURE-----",
    b"-----BEGIN PGP MESSAGE-----",
    b"-----BEGIN SIGNED MESSAGE-----",
    b"-----BEGIN SSH SIGNATURE-----",
)


@dataclass(frozen=True)
class Envelope:
    """A commit: the tree that it holds, its parents, and whether it or a tag that it merged is signed."""

    tree: str
    parents: tuple[str, ...]
    signed: bool


def commit_envelope(commit: bytes) -> Envelope:
    """What a commit points at."""
    header = _header(commit)
    lines = header.split(b"\n")
    parents = []
    for line in lines[1:]:
        if not line.startswith(b"parent "):
            break
        parents.append(line[7:].decode("ascii"))
    return Envelope(lines[0][5:].decode("ascii"), tuple(parents), _has_signature(header))


def with_tree(commit: bytes, tree: str, commits: Mapping[str, str]) -> bytes:
    """The commit with another tree, and with each parent that `commits` names replaced; without signatures."""
    header = _header(commit)
    rest = commit[len(header) :]
    lines = header.split(b"\n")
    at = 1
    new = [b"tree " + tree.encode()]
    while at < len(lines) and lines[at].startswith(b"parent "):
        parent = lines[at][7:].decode("ascii")
        new.append(b"parent " + commits.get(parent, parent).encode())
        at += 1
    kept = lines[at:]
    return b"\n".join(new + (_unsigned(kept) if _has_signature(header) else kept)) + rest


def essence(commit: bytes) -> tuple[bytes, ...]:
    """What a rewrite must not change: each header but those of the tree, the parents and signatures; then the rest."""
    header, gap, message = commit.partition(b"\n\n")
    whole = header.replace(b"\n ", b"\0").split(b"\n")  # a header goes on in lines that begin with a space
    kept = [one for one in whole if not one.startswith((b"tree ", b"parent ", *_SIGNING))]
    return (*kept, gap + message)


def tagged(tag: bytes) -> tuple[str, str]:
    """Id and type of the object that a tag names; both empty when it cannot be read."""
    lines = tag.split(b"\n", 2)
    if len(lines) < 2 or not lines[0].startswith(b"object ") or not lines[1].startswith(b"type "):
        return "", ""
    return lines[0][7:].decode("ascii", "replace"), lines[1][5:].decode("ascii", "replace")


def is_signed_tag(tag: bytes) -> bool:
    """Whether a tag carries a signature."""
    return _signature_at(tag) >= 0 or _has_signature(_header(tag))


def with_object(tag: bytes, object: str) -> bytes:
    """The tag naming another object, without its signature."""
    end = _signature_at(tag)
    whole = tag if end < 0 else tag[:end]
    header = _header(whole)
    lines = header.split(b"\n")
    lines[0] = b"object " + object.encode()
    return b"\n".join(_unsigned(lines) if _has_signature(header) else lines) + whole[len(header) :]


def _header(commit: bytes) -> bytes:
    end = commit.find(b"\n\n")
    return commit if end < 0 else commit[:end]


def _has_signature(header: bytes) -> bool:
    return any(b"\n" + name in header for name in _SIGNING)


def _unsigned(lines: list[bytes]) -> list[bytes]:
    kept, dropping = [], False
    for line in lines:
        dropping = line.startswith(_SIGNING) or (dropping and line.startswith(b" "))
        if not dropping:
            kept.append(line)
    return kept


def _signature_at(tag: bytes) -> int:
    at = -1  # the last one counts, as for git
    for name in _SIGNATURES:
        found = tag.rfind(b"\n" + name)
        at = max(at, found + 1 if found >= 0 else -1)
    return at
