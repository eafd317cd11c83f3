"""Lines added to the attribute files of a repository, until git sends there what must go to LFS.

Each answer is git's own (`check-attr`). Lines go to the end of the file at the top, where the last word is; where a
file in a folder below overrules it (`-filter`, `!filter`, a macro that says so), the line goes there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hfpush.repo.attributes import FILE, Attributes, exact_pattern, extended, lfs_line, lfs_paths
from hfpush.repo.track.choice import Choice, Need, choose, folder_of

_LINE_BYTES = 2048  # git leaves out longer lines


@dataclass(frozen=True)
class Line:
    """A line for the attribute file of `folder` (empty for the top), and why it is there."""

    folder: str
    text: str
    reason: str

    @property
    def file(self) -> str:
        """The path of the file that it is for."""
        return f"{self.folder}/{FILE}" if self.folder else FILE


@dataclass(frozen=True)
class Covered:
    """Attribute files after lines were added; and the paths that no line at the end of a file could send to LFS."""

    attributes: Attributes
    lines: tuple[Line, ...]
    uncovered: tuple[str, ...]


def cover(attributes: Attributes, needs: Sequence[Need], others: Iterable[str]) -> Covered:
    """Adds what it takes for each of `needs` to go to LFS. `others` are the paths of files that are to stay in git;
    a few of them may go with the others of their kind.

    A line that would help nobody is not added, so nothing is added when it is asked again.
    """
    if not needs:
        return Covered(attributes, (), ())
    others = list(others)
    overruled = _missed(attributes, [Line("", lfs_line("*"), "")], needs)
    at_top = [_line("", choice) for choice in choose([need for need in needs if need not in overruled], others)]
    below = [
        _line(folder, choice)
        for folder, group in _by_nearest(attributes, overruled).items()
        for choice in choose(group, [path for path in others if _nearest(attributes, path) == folder])
    ]
    lines = [*at_top, *below]
    lost = _missed(attributes, [line for line, _ in lines], needs)
    kept = [line for line, choice in lines if not lost.issuperset(choice.needs)]
    return Covered(_with(attributes, kept), tuple(kept), tuple(sorted(need.path for need in lost)))


def pattern_of(choice: Choice, *, below: str = "") -> str:
    """How a choice is spelled in the attribute file of the folder `below`."""
    if choice.kind == "extension":
        return f"*.{choice.value}"
    if choice.kind == "folder":
        inside = exact_pattern(choice.value, below=below) if choice.value != below else ""
        return f"{inside}/*.{choice.extension}" if choice.extension else f"{inside}/*"
    pattern = exact_pattern(choice.value, below=below)
    fits = len(lfs_line(pattern).encode("utf-8", "surrogateescape")) < _LINE_BYTES
    return pattern if fits else exact_pattern(choice.value, below=below, loosely=True)


def _line(folder: str, choice: Choice) -> tuple[Line, Choice]:
    return Line(folder, lfs_line(pattern_of(choice, below=folder)), choice.reason), choice


def _with(attributes: Attributes, lines: Iterable[Line]) -> Attributes:
    by_folder: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for line in lines:
        by_folder[line.folder] += (line.text,)
    return extended(attributes, by_folder)


def _missed(attributes: Attributes, lines: Iterable[Line], needs: Sequence[Need]) -> set[Need]:
    reached = lfs_paths(_with(attributes, lines), [need.path for need in needs])
    return {need for need in needs if need.path not in reached}


def _by_nearest(attributes: Attributes, needs: Iterable[Need]) -> dict[str, list[Need]]:
    groups: dict[str, list[Need]] = defaultdict(list)
    for need in sorted(needs, key=lambda need: need.path):
        groups[_nearest(attributes, need.path)].append(need)
    return groups


def _nearest(attributes: Attributes, path: str) -> str:
    """The folder of the attribute file that has the last word on a path."""
    folder = folder_of(path)
    while folder and folder not in attributes:
        folder = folder_of(folder)
    return folder
