"""Which files of a repository a user means. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import islice

from hfpush.errors import NotFound
from hfpush.units import count

_GLOB = frozenset("*?[")
_MOST_COMPARED = 5000


def select(
    paths: Sequence[str], wanted: Sequence[str] = (), *, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> tuple[str, ...]:
    """The paths that `wanted` names, in the order of `paths`; all of them when it is empty. Of these only those that
    some pattern of `include` fits, if it has any, and that none of `exclude` fits.

    A name is a path, a folder (with or without a slash at its end), or a pattern in which `*` also crosses slashes.
    The other two are huggingface_hub's allow_patterns and ignore_patterns: patterns for whole paths, in which `folder/`
    stands for `folder/*`. Raises NotFound: `file-not-found` when a name fits nothing, `nothing-selected` when the
    patterns leave nothing of what the names fit.
    """
    chosen = _named(paths, wanted) if wanted else None
    named = tuple(path for path in paths if chosen is None or path in chosen)
    included = tuple(path for path in named if not include or _fits(path, include))
    if named and not included:
        raise _none_included(named, include)
    left = tuple(path for path in included if not _fits(path, exclude))
    if included and not left:
        raise _all_excluded(included, exclude)
    return left


def is_pattern(name: str) -> bool:
    """Whether a name stands for any number of files: a pattern, or a folder with its slash."""
    return bool(_GLOB & set(name)) or name.endswith("/")


def near(name: str, known: Sequence[str]) -> list[str]:
    """Up to three of the `known` names that look like `name`, the likeliest first: another case, another folder, a slip
    of the finger."""
    folded, base = name.casefold(), name.rstrip("/").rpartition("/")[2].casefold()
    same = [one for one in known if one.casefold() == folded]
    elsewhere = [one for one in known if one.rpartition("/")[2].casefold() == base]
    alike = difflib.get_close_matches(name, list(islice(known, _MOST_COMPARED)), n=3)
    return list(dict.fromkeys([*same, *elsewhere, *alike]))[:3]


def _named(paths: Sequence[str], wanted: Sequence[str]) -> set[str]:
    known, chosen = set(paths), set[str]()
    for name in wanted:
        found = {name} if name in known else {path for path in paths if _means(name, path)}
        if not found:
            raise _nothing(name, paths)
        chosen |= found
    return chosen


def _means(name: str, path: str) -> bool:
    if path.startswith(name.rstrip("/") + "/"):
        return True
    return bool(_GLOB & set(name)) and fnmatchcase(path, name)


def _fits(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(path, f"{pattern}*" if pattern.endswith("/") else pattern) for pattern in patterns)


def _nothing(name: str, paths: Sequence[str]) -> NotFound:
    alike = [] if _GLOB & set(name) else near(name, paths)
    has = f"it has {count(len(paths), 'file')}"
    if alike:
        has += f", among them {', '.join(alike)}"
    elif paths:
        has += f": {', '.join(paths[:5])}" + (", ..." if len(paths) > 5 else "")
    return NotFound.of(
        "file-not-found",
        f"The repository has no file {name!r} at that revision.",
        seen=(has,),
        to_try=("check the name; in a shell, put a pattern into quotes",),
    )


def _none_included(named: Sequence[str], include: Sequence[str]) -> NotFound:
    patterns = ", ".join(map(repr, include[:5]))
    return NotFound.of(
        "nothing-selected",
        f"{_none_of(named)} --include {patterns}.",
        seen=(f"there are for example {', '.join(named[:5])}",),
        to_try=("a pattern is for the whole path: '*.json' is every .json file, 'data/' all of that folder",),
    )


def _all_excluded(included: Sequence[str], exclude: Sequence[str]) -> NotFound:
    patterns = ", ".join(map(repr, exclude[:5]))
    return NotFound.of(
        "nothing-selected",
        f"--exclude {patterns} leaves out {_all_of(included)}.",
        seen=(f"there are for example {', '.join(included[:5])}",),
        to_try=("leave out the --exclude, or write it narrower",),
    )


def _none_of(paths: Sequence[str]) -> str:
    return "The only file does not fit" if len(paths) == 1 else f"None of the {len(paths):,} files fits"


def _all_of(paths: Sequence[str]) -> str:
    return "the only file" if len(paths) == 1 else f"every one of the {len(paths):,} files"
