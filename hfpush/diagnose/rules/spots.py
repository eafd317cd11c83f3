"""A host and port as several lines lead there, and who takes which: what rules about connections begin with. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.machine import Client
from hfpush.findings import Severity

PUBLISHING: frozenset[Client] = frozenset({"git", "git-lfs", "hfpush"})
"""Those without which nothing is published or fetched here."""


def place_of(line: str) -> str:
    """`hf.test:443` of a line's name."""
    return line.partition(" ")[0]


def via_of(line: str) -> str:
    """The proxy of a line's name, empty for straight."""
    return line.partition(" through ")[2]


def host_of(line: str) -> str:
    """`hf.test` of a line's name."""
    return place_of(line).rpartition(":")[0].strip("[]")


def clients_of(facts: Facts, line: str) -> tuple[Client, ...]:
    """Who needs this line to the Hub or its storage, by its own rules; ways of Xet are its own rules' business."""
    ways = [way for way in facts.ways if way.line == line and way.target != "xet" and way.needed and not way.error]
    return tuple(dict.fromkeys(way.client for way in ways))


def is_of_use(facts: Facts, line: str) -> bool:
    """Whether anybody needs this line; all count where it is not known who takes which."""
    return not facts.ways or bool(clients_of(facts, line))


def severity_for(facts: Facts, clients: Iterable[Client]) -> Severity:
    """How bad it is that it does not work for these."""
    those = set(clients)
    if not those or those & PUBLISHING:
        return "error"
    return "warning" if facts.question.purpose == "fetch" and "huggingface_hub" in those else "note"


def listed(words: Iterable[str], last: str = "and") -> str:
    """`git`, `git and git-lfs`, `git, git-lfs and curl`."""
    *first, end = list(dict.fromkeys(words)) or [""]
    return f"{', '.join(first)} {last} {end}" if first else end
