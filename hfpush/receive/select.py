"""Which files of a repository a user means. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from fnmatch import fnmatchcase

from hfpush.errors import NotFound

_GLOB = frozenset("*?[")


def select(paths: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """The paths that `wanted` names, in the order of `paths`; all of them when it is empty.

    A name is a path, a folder (with or without a slash at its end), or a pattern in which `*` also crosses slashes, as
    in huggingface_hub. Raises NotFound (`file-not-found`) when one of them matches nothing.
    """
    if not wanted:
        return tuple(paths)
    chosen: set[str] = set()
    for name in wanted:
        found = {path for path in paths if _means(name, path)}
        if not found:
            raise _nothing(name, paths)
        chosen |= found
    return tuple(path for path in paths if path in chosen)


def is_pattern(name: str) -> bool:
    """Whether a name stands for any number of files: a pattern, or a folder with its slash."""
    return bool(_GLOB & set(name)) or name.endswith("/")


def _means(name: str, path: str) -> bool:
    if path == name or path.startswith(name.rstrip("/") + "/"):
        return True
    return bool(_GLOB & set(name)) and fnmatchcase(path, name)


def _nothing(name: str, paths: Sequence[str]) -> NotFound:
    near = difflib.get_close_matches(name, paths, n=3)
    return NotFound.of(
        "file-not-found",
        f"The repository has no file {name!r} at that revision.",
        seen=(f"it has {len(paths)} files" + (f", among them {', '.join(near)}" if near else ""),),
        to_try=("check the name; in a shell, put a pattern into quotes",),
    )
