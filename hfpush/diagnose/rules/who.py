"""Who is meant, in words, and how bad it is for them. Pure; what all rules share."""

from __future__ import annotations

from collections.abc import Iterable

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.machine import CLIENTS, Client
from hfpush.diagnose.facts.ways import Way
from hfpush.findings import Severity

PUBLISHING: frozenset[Client] = frozenset({"git", "git-lfs", "hfpush"})
"""Those without which nothing is published or fetched here."""


def by_whom(ways: Iterable[Way]) -> tuple[Client, ...]:
    """The clients of these ways, each once, in the usual order."""
    found = {way.client for way in ways}
    return tuple(client for client in CLIENTS if client in found)


def programs(ways: Iterable[Way]) -> str:
    """The same in words: `git, git-lfs and hfpush`."""
    return listed(by_whom(ways))


def listed(words: Iterable[str], last: str = "and") -> str:
    """`git`, `git and git-lfs`, `git, git-lfs and curl`; each word once."""
    *first, end = list(dict.fromkeys(words)) or [""]
    return f"{', '.join(first)} {last} {end}" if first else end


def severity_for(facts: Facts, clients: Iterable[Client]) -> Severity:
    """How bad it is that it does not work for these; where nobody is known, it may be for all."""
    those = set(clients)
    if not those or those & PUBLISHING:
        return "error"
    return "warning" if facts.question.purpose == "fetch" and "huggingface_hub" in those else "note"
