"""Why our part cannot go into a hook file, told from what is in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

Kind = Literal["framework", "manager", "language"]
_FRAMEWORK = b"138fd403232d2ddd5efb44317e38bf03"  # the pre-commit framework's own sign for files that it wrote
_MANAGERS = {b"husky.sh": "husky", b"call_lefthook": "lefthook"}
_SHELLS = {"sh", "ash", "bash", "busybox", "dash", "ksh", "mksh"}


@dataclass(frozen=True)
class Obstacle:
    """`kind`: the pre-commit `framework` or another `manager` writes the file anew when it likes, or it is in another
    `language` than sh. `name` says which."""

    kind: Kind
    name: str


def obstacle_in(content: bytes) -> Obstacle | None:
    """What stands against putting a part in sh into a file with this content; None if nothing does."""
    if _FRAMEWORK in content:
        return Obstacle("framework", "pre-commit")
    for sign, name in _MANAGERS.items():
        if sign in content:
            return Obstacle("manager", name)
    language = _language(content)
    return None if language in _SHELLS else Obstacle("language", language)


def _language(content: bytes) -> str:
    """The interpreter's name: git runs a text without a first line for it with sh."""
    if not content.startswith(b"#!"):
        return "a program" if b"\0" in content else "sh"
    words = content.partition(b"\n")[0][2:].decode("utf-8", "replace").split()
    names = [PurePosixPath(word).name for word in words if not word.startswith("-") and "=" not in word]
    if len(names) > 1 and names[0] == "env":
        return names[1]
    return names[0] if names else "sh"
