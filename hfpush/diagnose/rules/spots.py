"""A host and port as several lines lead there, and who takes which: what rules about connections begin with. Pure."""

from __future__ import annotations

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.machine import Client


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
