"""What the names in one tree do to other machines: paths in, flaws out. Pure.

git stores any name; a checkout elsewhere may not. Two names that differ in case only, or in how an accent is written,
become one file on Windows and macOS; names that Windows keeps for itself stop a checkout there altogether.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from hfpush.repo.rules import path_problem

_ILLEGAL = re.compile(r'[<>:"|?*]')
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file, also with any extension behind them
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])", re.IGNORECASE)
_GITS_OWN = re.compile(r"\.git|git~1", re.IGNORECASE)
# Whatever one of the rules below could have a word about; nearly all paths are told by this one look.
_DEVICES = r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:in\$|out\$|\b)"
_SUSPECT = re.compile(
    r"""[^\x20-\x7e]|[<>:"|?*\\]|[. ](?:/|\Z)|(?:\A|/)(?:/|\Z|\.git|git~|""" + _DEVICES + ")", re.IGNORECASE
)
_MOST_BYTES = 255
_IGNORED_BY_MACOS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")


def is_plain(path: str) -> bool:
    """Whether it is sure at first sight that no rule of this file has a word about the path by itself. False says
    nothing."""
    return len(path) <= _MOST_BYTES and _SUSPECT.search(path) is None


def is_gits_own(path: str) -> bool:
    """Whether a part of the path is `.git`, as some file system or other reads it: git refuses to check it out."""
    parts = (_IGNORED_BY_MACOS.sub("", part).rstrip(". ") for part in path.split("/"))
    return any(_GITS_OWN.fullmatch(part.partition(":")[0]) for part in parts)


def not_portable(path: str) -> tuple[str, str] | None:
    """The first file or folder on the path that Windows refuses, as a whole path, and why, as the end of a sentence;
    None where it takes all."""
    parts = path.split("/")
    for number, part in enumerate(parts, 1):
        why = _refused_by_windows(part)
        if why:
            return "/".join(parts[:number]), why
    return None


def _refused_by_windows(name: str) -> str | None:
    found = _ILLEGAL.search(name)
    if found:
        return f"Windows allows no {found[0]} in a name"
    if name.endswith((".", " ")):
        return f"Windows drops the {'dot' if name.endswith('.') else 'space'} at the end of a name"
    stem = name.partition(".")[0].rstrip(" ")
    return f"{stem} is a device on Windows" if _RESERVED.fullmatch(stem) else None


def unusable(path: str) -> str | None:
    """Why the Hub's API, or a machine, could not hold the path; `.git` is told by `is_gits_own`."""
    return None if is_gits_own(path) else path_problem(path)


def colliding(paths: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of paths, or of folders, that are one and the same where case or the writing of accents do not count.

    A group is told at the topmost level where the names differ: `a/x` and `A/x` as the folders `A` and `a`.
    """
    asked = [*paths]
    once: set[int] = set()
    twice: set[int] = set()
    for key, _ in _by_folded_name(asked):
        (twice if hash(key) in once else once).add(hash(key))  # numbers, since a tree can hold a million names
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key, path in _by_folded_name(asked) if twice else ():
        if hash(key) in twice:
            groups[key].add(path)
    return tuple(sorted(tuple(sorted(same)) for same in groups.values() if len(same) > 1))


def _by_folded_name(paths: Iterable[str]) -> Iterator[tuple[tuple[str, str], str]]:
    """Each file and each folder above it, once, by the folder that it is in and its folded name."""
    folders: set[str] = set()
    for path in paths:
        here = path
        while here not in folders:
            folder, _, name = here.rpartition("/")
            yield (folder, folded(name)), here
            if here != path:
                folders.add(here)
            if not folder:
                break
            here = folder


def folded(name: str) -> str:
    """What a file system that knows neither case nor two ways to write an accent makes of a name."""
    return name if name.isascii() and name.islower() else unicodedata.normalize("NFC", _caseless(name))


def _caseless(name: str) -> str:
    return unicodedata.normalize("NFD", name).casefold()


def leaves(path: str, target: str) -> bool:
    """Whether a symbolic link at `path` with this target leads out of the repository, or to a place on one machine."""
    if target.startswith("/") or re.match(r"[A-Za-z]:[\\/]", target):
        return True
    reached = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return reached == ".." or reached.startswith("../")


def renamed(path: str) -> str:
    """A name beside it that every system takes and that is not taken for the same: `aux.py` becomes `aux-2.py`."""
    folder, slash, name = path.rpartition("/")
    plain = re.sub(r'[<>:"|?*\\\x00-\x1f\x7f\ud800-\udfff]', "_", name).rstrip(". ")
    stem, dot, extension = plain.rpartition(".")
    return f"{folder}{slash}" + (f"{stem}-2.{extension}" if stem and dot else f"{plain}-2")


def crowded(counts: Mapping[str, int], most: int) -> tuple[tuple[str, int], ...]:
    """The folders (`""` for the top) that hold more than `most` entries, with how many; the fullest first."""
    over = [(folder, count) for folder, count in counts.items() if count > most]
    return tuple(sorted(over, key=lambda one: (-one[1], one[0])))


def entries_by_folder(paths: Iterable[str]) -> dict[str, int]:
    """How many entries, files and folders, each folder holds itself. Files of one folder should come together."""
    counts: dict[str, int] = defaultdict(int)
    known: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        counts[folder] += 1
        while folder and folder not in known:
            known.add(folder)
            folder = folder.rpartition("/")[0]
            counts[folder] += 1
    return dict(counts)
