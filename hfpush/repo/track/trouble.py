"""What keeps attribute files from sending to LFS what must go there, as findings. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hfpush import units
from hfpush.findings import Finding
from hfpush.repo.rules import MAX_GIT_FILE, shown

_SHOWN = 20


@dataclass(frozen=True)
class TrackTrouble:
    """`links` are attribute files that are symbolic links, `uncovered` files that no line could send to LFS, and
    `too_large` those over the limit that git itself reads; the last two with their sizes in bytes."""

    links: tuple[str, ...] = ()
    uncovered: tuple[tuple[str, int], ...] = ()
    too_large: tuple[tuple[str, int], ...] = ()


def trouble_findings(trouble: TrackTrouble) -> Iterator[Finding]:
    """A finding, each an error, for each kind of trouble that there is."""
    if trouble.links:
        yield Finding(
            "attributes-link",
            "A .gitattributes is a symbolic link, which git does not follow.",
            evidence=_seen([shown(path) for path in trouble.links]),
            remedy=("put the file itself in its place",),
        )
    if trouble.uncovered:
        yield Finding(
            "attributes-conflict",
            "Files that must go to LFS are kept out of it by the .gitattributes, whatever line is added.",
            evidence=_sizes(trouble.uncovered),
            remedy=("git check-attr filter -- <file>, which tells what decides; then mend that line",),
        )
    if trouble.too_large:
        yield Finding(
            "attributes-too-large",
            f"A file that git itself reads is over {MAX_GIT_FILE // 2**20} MiB, and cannot go to LFS.",
            evidence=_sizes(trouble.too_large),
            remedy=("make it smaller: one pattern can stand for many lines",),
        )


def _sizes(files: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    return _seen([f"{shown(path)}: {units.size(size)}" for path, size in files])


def _seen(lines: Sequence[str]) -> tuple[str, ...]:
    more = (f"and {len(lines) - _SHOWN:,} more",) if len(lines) > _SHOWN else ()
    return (*lines[:_SHOWN], *more)
