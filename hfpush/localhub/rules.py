"""What the Hub refuses to take into git, and the words it uses. Pure: blobs described in, offences and text out.

The same block reaches a person through `git push` (lines behind `remote:`) and through the commit API (the `error` of a
400), which is why it is written once, here. prereceive.py and api_commit.py find out what the blobs are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from hfpush.localhub.pointer import Pointer

MAX_GIT_FILE = 10 * 1024 * 1024
"""Default size in bytes above which a blob has to be an LFS object."""
MAX_BINARY = 1024 * 1024
"""Size in bytes above which a blob may not be binary: the Hub's rule of 2022; today's threshold is not documented."""
BINARY_WINDOW = 8000
"""How many bytes from the start decide whether a blob is binary; git looks at as many."""

FRAME = "-" * 73

Kind = Literal["large", "binary", "pointer"]


@dataclass(frozen=True)
class Blob:
    """A file on its way into git: where, how large, how it begins, and what it points to if it is an LFS pointer.

    `ref` is the full ref that would hold it. `pointer_stored`: the repository has the object of the pointer.
    """

    path: str
    size: int
    start: bytes = b""
    ref: str = "refs/heads/main"
    pointer: Pointer | None = None
    pointer_stored: bool = True


@dataclass(frozen=True)
class Offence:
    """A blob that breaks a rule, and the rule."""

    kind: Kind
    path: str
    ref: str


def is_binary(start: bytes) -> bool:
    """Whether a file that begins so is binary, by git's rule: a NUL among its first 8000 bytes."""
    return b"\0" in start[:BINARY_WINDOW]


def offence(blob: Blob, *, max_git_file: int = MAX_GIT_FILE, max_binary: int = MAX_BINARY) -> Offence | None:
    """The first rule that the blob breaks, or None."""
    kind: Kind | None = None
    if blob.pointer:
        kind = None if blob.pointer_stored else "pointer"
    elif blob.size > max_git_file:
        kind = "large"
    elif blob.size > max_binary and is_binary(blob.start):
        kind = "binary"
    return kind and Offence(kind, blob.path, blob.ref)


def refusal(offences: Iterable[Offence], *, max_git_file: int = MAX_GIT_FILE) -> str | None:
    """The text for a person: one framed block per rule that is broken; None if there are no offences."""
    found = list(offences)
    blocks = []
    for kind, words in _words(max_git_file).items():
        guilty = [each for each in found if each.kind == kind]
        if guilty:
            lines = [f"  - {_printable(each.path)} (ref: {_printable(each.ref)})" for each in guilty]
            blocks.append("\n".join([FRAME, *words, "", "Offending files:", *lines, FRAME]))
    return "\n".join(blocks) or None


def _words(max_git_file: int) -> dict[Kind, tuple[str, ...]]:
    return {
        "large": (
            f"Your push was rejected because it contains files larger than {_mebibytes(max_git_file)} MiB.",
            "Please use https://git-lfs.github.com/ to store large files.",
            "See also: https://hf.co/docs/hub/repositories-getting-started#terminal",
        ),
        "binary": (
            "Your push was rejected because it contains binary files.",
            "Please use https://huggingface.co/docs/hub/xet to store binary files.",
            "See also: https://hf.co/docs/hub/repositories-getting-started#terminal",
        ),
        "pointer": (
            "LFS pointer pointed to a file that does not exist",
            "Upload the objects first: git lfs push --all origin",
        ),
    }


def _mebibytes(size: int) -> str:
    return f"{size / (1024 * 1024):.6g}"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
