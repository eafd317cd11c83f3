"""What one rule makes of the facts: a finding, and which others it makes needless."""

from __future__ import annotations

from dataclasses import dataclass

from hfpush.findings import Finding


@dataclass(frozen=True)
class Cause:
    """`depth` orders causes, the deepest (0) first: a setting that leads a client astray goes before the silence that
    it meets there. `explains` are references of findings that are symptoms of this one, on the hosts of `hosts` (empty:
    on all). `host` is the host that the finding speaks of, empty where it speaks of none. Whether it is `certain`
    follows from evidence on two sides: one way passes, and the other fails against the same host.

    `heard`, for what only a log tells: the references of findings that account for it where the probes have one of
    them for the same host."""

    finding: Finding
    depth: int = 50
    explains: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    host: str = ""
    certain: bool = True
    heard: frozenset[str] = frozenset()
