"""Names that come from outside: repository ids, revisions, paths inside a repository.

Everything a caller sends is hostile until it has been through here. A value of this module can be made part of a
file name or of a git command line without another check. Which repositories exist is repos.py's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

REPO_TYPES = ("models", "datasets", "spaces")
"""The repository types of the Hub, as they are spelled in API paths."""

_SINGULAR = {"models": "model", "datasets": "dataset", "spaces": "space"}
_SEGMENT = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?")
_RESERVED = frozenset({"api", "models", "datasets", "spaces", "kernels", "buckets"})
_BAD_SUFFIXES = (".git", ".ipynb", ".lock")
_HEX = re.compile(r"[0-9a-f]{4,40}")
# What `git check-ref-format` refuses, and backslash, space and control characters.
_REF_BAD = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|(?:^|/)\.|\.lock(?:/|$)|^-")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class BadName(ValueError):
    """A name that cannot be: the message says which rule it breaks and repeats no control characters."""


@dataclass(frozen=True, order=True)
class RepoKey:
    """A repository by type and id, both already checked: build it with `RepoKey.parse`, or from constants in tests.

    `type` is one of REPO_TYPES; `id` is `namespace/name`, or a single segment for the Hub's oldest repositories.
    """

    type: str
    id: str

    def __post_init__(self) -> None:
        """Raises BadName for anything that is not a repository id of the Hub."""
        if self.type not in REPO_TYPES:
            raise BadName(f"unknown repository type {self.type!r}")
        segments = self.id.split("/")
        if len(segments) > 2:
            raise BadName("a repository id has one or two segments")
        for segment in segments:
            _check_segment(segment)
        if segments[0] in _RESERVED:
            raise BadName(f"{segments[0]!r} is a reserved name")

    @classmethod
    def parse(cls, type: str, id: str) -> RepoKey:
        """The key for a type as APIs spell it: `models`, `model`, empty and None mean the same. Raises BadName."""
        plural = type if type in REPO_TYPES else next((p for p, s in _SINGULAR.items() if s == (type or "model")), type)
        return cls(plural, id)

    @property
    def singular(self) -> str:
        """`model`, `dataset` or `space`: the spelling of request bodies and messages."""
        return _SINGULAR[self.type]

    @property
    def namespace(self) -> str | None:
        """The user or organisation that owns it; None for a one-segment id."""
        return self.id.split("/")[0] if "/" in self.id else None

    @property
    def name(self) -> str:
        """The last segment of the id."""
        return self.id.rsplit("/", 1)[-1]

    @property
    def path(self) -> str:
        """The path of web and git URLs, without a slash in front: `ns/name`, `datasets/ns/name`, …"""
        return self.id if self.type == "models" else f"{self.type}/{self.id}"

    def __str__(self) -> str:
        return f"{self.type}/{self.id}"


def _check_segment(segment: str) -> None:
    if not _SEGMENT.fullmatch(segment):
        raise BadName(
            f"{segment[:100]!r} is not a valid name: letters, digits, '-', '_' and '.', at most 96 characters, "
            "and neither '-' nor '.' at the start or the end"
        )
    if ".." in segment or "--" in segment:
        raise BadName(f"{segment!r} may not contain '--' or '..'")
    if segment.lower().endswith(_BAD_SUFFIXES):
        raise BadName(f"{segment!r} may not end with .git, .ipynb or .lock")


def check_path(path: str) -> str:
    """The path of a file or folder inside a repository, as it came, if git could store it and a disk could hold it.

    Raises BadName for empty, absolute, backslashed, escaping (`.`, `..`) and over-long paths, control characters, and
    `.git` in any case in any segment.
    """
    if not path or len(path.encode("utf-8", "surrogatepass")) > 4096:
        raise BadName("a path is between 1 and 4096 bytes long")
    if _CONTROL.search(path) or "\\" in path:
        raise BadName(f"{path!r} holds a control character or a backslash")
    if any("\ud800" <= character <= "\udfff" for character in path):
        raise BadName(f"{path!r} is not Unicode text")
    for segment in path.split("/"):
        if segment in ("", ".", ".."):
            raise BadName(f"{path!r} is not a relative path in its shortest form")
        if segment.lower() == ".git":
            raise BadName(f"{path!r} reaches into .git")
        if len(segment.encode()) > 255:
            raise BadName("a file name is at most 255 bytes long")
    return path


def check_ref_name(name: str) -> str:
    """The short name of a branch or tag, as it came, if `git check-ref-format` would take it. Raises BadName."""
    if not name or len(name) > 200 or not name.isprintable() or name == "@":
        raise BadName("not a valid name for a branch or tag")
    if _REF_BAD.search(name) or name.endswith((".", "/")) or name.startswith("/"):
        raise BadName(f"{name!r} is not a valid name for a branch or tag")
    return name


def revision_candidates(revision: str) -> list[str]:
    """What a revision of a URL may mean, best first, as full names for `git rev-parse`; empty: it means nothing.

    Only branches, tags, `refs/…` and hexadecimal commit ids are candidates: git's own revision language (`main~3`,
    `@{yesterday}`, `:/words`) never reaches git from outside.
    """
    try:
        check_ref_name(revision)
    except BadName:
        return []
    names = [revision] if revision.startswith("refs/") else []
    names += [f"refs/heads/{revision}", f"refs/tags/{revision}"]
    if _HEX.fullmatch(revision):
        names.append(revision)
    return names
