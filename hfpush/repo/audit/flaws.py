"""What is wrong at the tips of a history, gathered: each thing once, with all refs on which it is so. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hfpush.repo.audit.spelling import ref_names


class Flaw(NamedTuple):
    """Something wrong at one tip: `kind` is the reference of the finding it belongs to; then a line about it, and what
    its remedy has to name (most often the path)."""

    kind: str
    line: str
    about: str = ""


class Flaws:
    """The flaws of several tips. Filled tip by tip, then read."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, tuple[str, list[str]]]] = {}

    def add(self, flaws: Iterable[Flaw], refs: Iterable[str]) -> None:
        """Flaws of a tip at which these refs stand."""
        names = list(refs)
        for flaw in flaws:
            self._seen.setdefault(flaw.kind, {}).setdefault(flaw.line, (flaw.about, []))[1].extend(names)

    def lines(self, kind: str) -> tuple[str, ...]:
        """The lines of one kind, each with its refs."""
        return tuple(f"{line}, on {ref_names(refs)}" for line, (_, refs) in self._seen.get(kind, {}).items())

    def about(self, kind: str) -> tuple[str, ...]:
        """What the remedies of one kind have to name, each once, in the order of the lines."""
        return tuple(dict.fromkeys(about for about, _ in self._seen.get(kind, {}).values() if about))
