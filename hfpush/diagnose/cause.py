"""What one rule makes of the facts: a finding, and which others it makes needless."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from hfpush.findings import Finding, Severity


@dataclass(frozen=True)
class Cause:
    """`depth` orders causes, the deepest (0) first: a setting that leads a client astray goes before the silence that
    it meets there. `explains` are references of findings that are symptoms of this one, on the hosts of `hosts` (empty:
    on all). `host` is the host that the finding speaks of, empty where it speaks of none. Whether it is `certain`
    follows from evidence on two sides: one way passes, and the other fails against the same host.

    `heard`, for what is known from a program's own words alone, a log's or git's: the references of findings that
    account for it where the probes have one of them for the same host."""

    finding: Finding
    depth: int = 50
    explains: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    host: str = ""
    certain: bool = True
    heard: frozenset[str] = frozenset()

    @property
    def rank(self) -> int:
        """How bad it is: 0 for an error, 1 for a warning, 2 for a note."""
        return get_args(Severity).index(self.finding.severity)
