"""Facts about ways and what came of them, in few words: for the tests of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.machine import ConfigLine, Machine, Program, Variable
from hfpush.diagnose.facts.ways import Target, Way, line_name

HOSTS: dict[Target, str] = {"hub": "hf.test", "storage": "s3.hf.test"}


def to_both(client: str, via: str = "", by: str = "", **more: Any) -> tuple[Way, ...]:
    """The ways of a client to the Hub and to the storage."""
    return tuple(one_way(client, target, via, by, **more) for target in HOSTS)


def one_way(client: str, target: Target, via: str = "", by: str = "", **more: Any) -> Way:
    """One of them."""
    return Way(client, target, HOSTS[target], 443, via, why=by or "no proxy is set", by=by, **more)  # type: ignore[arg-type]


def dialled(via: str, outcome: str, *hosts: str, **more: Any) -> tuple[Dial, ...]:
    """What came of the lines through `via` (empty: straight) to these hosts, to both where none is named."""
    return tuple(
        Dial(line_name(host, 443, via), outcome=outcome, **more)  # type: ignore[arg-type]
        for host in hosts or HOSTS.values()
    )


def machine(
    variables: Mapping[str, str] | None = None, settings: Mapping[str, str] | None = None, **more: Any
) -> Machine:
    """A machine with these variables and settings, and git-lfs."""
    return Machine(
        programs=more.pop("programs", (Program("git-lfs", "/usr/bin/git-lfs", "3.3.0", is_go=True),)),
        variables=tuple(Variable(name, value) for name, value in (variables or {}).items()),
        settings=tuple(ConfigLine(key, value, ".git/config", 3) for key, value in (settings or {}).items()),
        **more,
    )


def facts(around: Machine, *found: tuple[Any, ...], **more: Any) -> Facts:
    """All of it together; ways and dials in any order."""
    rows = [row for group in found for row in group]
    return Facts(
        machine=around,
        ways=tuple(row for row in rows if isinstance(row, Way)),
        dials=tuple(row for row in rows if isinstance(row, Dial)),
        **more,
    )
