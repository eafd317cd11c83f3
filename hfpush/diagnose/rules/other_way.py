"""Who takes a way that fails, and by which other way the same host is reached. Pure; for rules that compare the two."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.names import Lookup
from hfpush.diagnose.facts.ways import Way


def taken(facts: Facts, line: str) -> tuple[Way, ...]:
    """The ways to the Hub and to its storage that are this line, of programs that go there. What Xet's servers are to
    it is another matter."""
    return tuple(way for way in facts.ways if way.line == line and _counts(way))


def asking(facts: Facts, host: str) -> tuple[Way, ...]:
    """The same, for which this machine's own resolver is asked for a host."""
    return tuple(way for way in facts.ways if way.host == host and way.names == "here" and _counts(way))


def _counts(way: Way) -> bool:
    return way.needed and not way.error and way.target != "xet"


def others_that_work(facts: Facts, host: str, failing: Sequence[str]) -> tuple[Way, ...]:
    """Ways to the same host by other lines, on which connections stand."""
    return tuple(way for way in facts.ways if way.host == host and way.line not in failing and facts.works(way.line))


def go_that_way(ways: Sequence[Way]) -> tuple[str, ...]:
    """The line for a shell that leads programs by the proxy of the first of these that has one; none where there is
    none. A login stays where the user has it."""
    way = next((one for one in ways if "://" in one.via), None)
    if way is None:
        return ()
    if _is_variable(way.by) and way.by.upper() != "HTTPS_PROXY":
        return (f'export HTTPS_PROXY="${way.by}"',)
    if way.by.endswith(".proxy"):
        return (f'export HTTPS_PROXY="$(git config --get {shlex.quote(way.by)})"',)
    return (f"export HTTPS_PROXY={shlex.quote(way.via)}",)


def resolve_there(way: Way) -> tuple[str, ...]:
    """The command that lets the SOCKS proxy of a way resolve names itself, whatever login it has."""
    if _is_variable(way.by):
        return (f'export {way.by}="socks5h://${{{way.by}#*://}}"',)
    if way.by.endswith(".proxy"):
        key, where = shlex.quote(way.by), "" if ".git/config" in way.why else "--global "
        return (f"git config {where}{key} \"socks5h://$(git config --get {key} | sed 's,^[^:]*://,,')\"",)
    return (f"export HTTPS_PROXY={shlex.quote('socks5h://' + way.via.partition('://')[2])}",)


def out_of_hosts(lookup: Lookup) -> tuple[str, ...]:
    """The command that takes the line out of the hosts file; written into it, since containers have it mounted."""
    number = lookup.hosts_line
    if not number:
        return ()
    return (f"""hosts=$(sed {number}d /etc/hosts) && printf '%s\\n' "$hosts" >/etc/hosts   # as root""",)


def _is_variable(by: str) -> bool:
    return by.upper() in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
