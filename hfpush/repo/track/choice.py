"""Which patterns stand for a set of files that must go to LFS: as general as is right, and why. Pure.

An extension where most files of that extension must go, a folder where many do and none stays, else the path itself.
An extension of text gets no pattern of its own: one such file may be large, but the next one is small and wants to be
read and compared. How a pattern is spelled is attributes.py's business.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from hfpush import units
from hfpush.repo.rules import MAX_GIT_FILE, shown

Why = Literal["large", "binary", "pointer"]

_MOST = 0.75
_MANY = 8
_TOO_MANY = 200  # git tries each line on each file: hundreds of lines are felt
_NAMED = 3
_PLAIN_EXTENSION = re.compile(r"[A-Za-z0-9_+-]{1,40}")
_WITH_LETTER = re.compile(r"[0-9_+-]*[A-Za-z]")
_TEXT = frozenset(
    {
        *("bib", "c", "cc", "cfg", "conf", "cpp", "css", "csv", "env", "go", "h", "hpp", "htm", "html", "ini"),
        *("ipynb", "java", "js", "json", "jsonl", "lock", "log", "md", "ndjson", "py", "r", "rs", "rst", "sh", "sql"),
        *("srt", "svg", "tex", "toml", "ts", "tsv", "txt", "vtt", "xml", "yaml", "yml"),
    }
)


@dataclass(frozen=True)
class Need:
    """A file that must go to LFS: because it is `binary`, `large` (over MAX_GIT_FILE, and no more is known against it),
    or an LFS `pointer` already. `size` in bytes."""

    path: str
    size: int
    why: Why


@dataclass(frozen=True)
class Choice:
    """A pattern: `*.value` for an extension, the files of the folder `value`, those of one `extension` in it, or the
    path `value`; and what it is for."""

    kind: Literal["extension", "folder", "path"]
    value: str
    needs: tuple[Need, ...]
    reason: str
    extension: str = ""


def choose(needs: Sequence[Need], others: Iterable[str]) -> list[Choice]:
    """The patterns for `needs`, where `others` are the paths of files that are to stay in git."""
    extensions: Counter[str] = Counter()
    folders = set()
    for path in others:
        extensions[extension_of(path)] += 1
        folders.add(folder_of(path))
    choices, rest = [], []
    for extension, group in _grouped(needs, extension_of).items():
        if _stands_for(extension, group, extensions[extension]):
            reason = _reason(group, extensions[extension])
            choices.append(Choice("extension", extension, tuple(group), reason))
        else:
            rest += group
    for folder, group in _grouped(rest, folder_of).items():
        choices += _in_folder(folder, group, mixed=folder in folders)
    return sorted(choices, key=lambda choice: (choice.kind, choice.value, choice.extension))


def extension_of(path: str) -> str:
    """What follows the last dot of a file's name; empty where there is none but at the beginning."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2] if "." in name.lstrip(".") else ""


def folder_of(path: str) -> str:
    """The folder of a path, empty for the top."""
    return path.rpartition("/")[0]


def is_texts(extension: str) -> bool:
    """Whether files of that extension are text, as a rule."""
    return extension.lower() in _TEXT


def _stands_for(extension: str, group: Sequence[Need], others: int) -> bool:
    if is_texts(extension) or not _PLAIN_EXTENSION.fullmatch(extension):
        return False
    if not _WITH_LETTER.match(extension) and len(group) < _MANY:
        return False  # a version number, most likely
    if len(group) / (len(group) + others) < _MOST:
        return False
    # One text over the limit tells nothing of the next file with its ending; one binary file does.
    return len(group) > 1 or group[0].why != "large"


def _in_folder(folder: str, group: Sequence[Need], *, mixed: bool) -> list[Choice]:
    if folder and not mixed:
        texts = [need for need in group if is_texts(extension_of(need.path))]
        if not texts and len(group) >= _MANY:
            return [Choice("folder", folder, tuple(group), _reason(group, 0))]
        if len(texts) > _TOO_MANY:
            found = [
                Choice("folder", folder, tuple(some), _reason(some, 0), extension)
                for extension, some in _grouped(group, extension_of).items()
                if extension and len(some) > _TOO_MANY
            ]
            named = {need.path for choice in found for need in choice.needs}
            return found + [_exact(need) for need in group if need.path not in named]
    return [_exact(need) for need in group]


def _exact(need: Need) -> Choice:
    return Choice("path", need.path, (need,), _reason([need], 0))


def _grouped(needs: Iterable[Need], key: Callable[[str], str]) -> dict[str, list[Need]]:
    groups: dict[str, list[Need]] = defaultdict(list)
    for need in needs:
        groups[key(need.path)].append(need)
    return groups


_WORDS: dict[Why, str] = {
    "large": f"over {MAX_GIT_FILE // 2**20} MiB",
    "binary": "binary",
    "pointer": "an LFS pointer already",
}


def _reason(group: Sequence[Need], others: int) -> str:
    kinds = [why for why in _WORDS if any(need.why == why for need in group)]
    what = " or ".join(_WORDS[kind] for kind in kinds)
    if len(group) == 1 and not others:
        return f"{shown(group[0].path)} is {what} ({units.size(group[0].size)})"
    how_many = f"{len(group):,} of {len(group) + others:,}" if others else f"all {len(group):,}"
    largest = sorted(group, key=lambda need: (-need.size, need.path))
    named = ", ".join(f"{shown(need.path)} {units.size(need.size)}" for need in largest[:_NAMED])
    more = ", ..." if len(group) > _NAMED else ""
    return f"{how_many} such files are {what} ({named}{more})"
