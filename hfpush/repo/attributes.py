"""`.gitattributes`: which paths go to LFS, and how a line is spelled that sends one there.

git itself answers (`check-attr`), in a scratch repository that holds nothing but the attribute files: neither a user's
own attributes nor a repository's info/attributes count, because they do not travel with a push. Lines are only ever
added at the end of a file; what stands there is kept byte for byte. Which lines are wanted is decided in track/.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from hfpush.disk.shipped import shipped
from hfpush.repo.scratch import scratch

FILE = ".gitattributes"
_TO_LFS = "filter=lfs diff=lfs merge=lfs -text"
_AS_IT_IS = "!working-tree-encoding "

LFS_QUESTION = ("filter", "working-tree-encoding")
"""The attributes by which a path goes to LFS as it is: the first says `lfs`, and the second is one of UNENCODED."""
UNENCODED = ("unspecified", "unset")

Attributes = Mapping[str, bytes]
"""Content of each `.gitattributes` file by the folder it stands in: `""` for the top, else `a/b`."""


def template() -> bytes:
    """What a folder without a `.gitattributes` starts with: the file that this project ships at its top."""
    return shipped("repo/gitattributes.template", ".gitattributes.template", "list of files for LFS")


def lfs_paths(attributes: Attributes, paths: Collection[str], *, as_they_are: bool = False) -> set[str]:
    """Those of `paths` that the attribute files send to LFS; `as_they_are` leaves out those with an encoding of the
    work tree, which git would give to pointers, too, so that no filter knows them."""
    if not paths:
        return set()
    with scratch() as git:
        for folder, content in attributes.items():
            place = git.directory / folder
            place.mkdir(parents=True, exist_ok=True)
            (place / FILE).write_bytes(content)
        asked = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths)
        settings = ("core.attributesFile=/dev/null", "core.ignoreCase=false")
        answer = git.read("check-attr", "--stdin", "-z", *LFS_QUESTION, stdin=asked, settings=settings)
    fields = answer.decode("utf-8", "surrogateescape").split("\0")
    rows = zip(fields[0::6], fields[2::6], fields[5::6], strict=False)
    return {path for path, value, encoding in rows if value == "lfs" and (not as_they_are or encoding in UNENCODED)}


def extended(attributes: Attributes, lines: Mapping[str, tuple[str, ...]]) -> Attributes:
    """The attribute files with lines at their ends, in the line ends that each file has."""
    result = dict(attributes)
    for folder, more in lines.items():
        if more:
            before = result.get(folder, b"")
            end = b"\r\n" if b"\r\n" in before else b"\n"
            gap = end if before and not before.endswith(b"\n") else b""
            text = [line.encode("utf-8", "surrogateescape") + end for line in more]
            result[folder] = before + gap + b"".join(text)
    return result


def lfs_line(pattern: str, *, encoded: bool = False) -> str:
    """The line that sends a pattern to LFS; where it is `encoded` by another line, that is taken back."""
    return f"{pattern} {_AS_IT_IS if encoded else ''}{_TO_LFS}"


def exact_pattern(path: str, *, below: str = "", loosely: bool = False) -> str:
    """The pattern that matches `path` alone, in the attribute file of the folder `below`, for git and git-lfs alike.

    A leading slash anchors it and takes the meaning from a first `!`, `#` or quote; glob characters are escaped;
    blanks, which end a pattern, become a character class, or `loosely` any one character, which is shorter.
    """
    relative = path[len(below) + 1 :] if below else path
    escaped = re.sub(r"[*?\[\]\\]", r"\\\g<0>", relative)
    return "/" + re.sub(r"[ \t\r\n]", "?" if loosely else "[[:space:]]", escaped)
