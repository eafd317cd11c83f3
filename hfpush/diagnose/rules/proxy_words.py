"""How a proxy is spoken of: who goes by it, what came of it, and the line that changes where it is set. Pure.

A login is never shown: a line that has to keep one takes it from where the user has it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.machine import Client
from hfpush.diagnose.facts.ways import Way

UNTRIED = " Whether that way is open was not tried."
_VARIABLE = re.compile(r"(?i)(?:https?|all)_proxy")
_SAID = {
    "ok": "connects",
    "refused": "refuses the connection",
    "unreachable": "there is no way to it",
    "silent": "gives no answer",
    "cut": "cuts the connection",
    "unresolved": "its name has no address",
    "proxy-unresolved": "the proxy's name has no address",
    "proxy-unreached": "the proxy cannot be reached",
    "proxy-silent": "the proxy gives no answer",
    "proxy-login": "the proxy wants a login",
    "proxy-refused": "the proxy does not allow it",
    "proxy-failed": "the proxy fails",
    "proxy-other-kind": "the proxy is of another kind",
    "proxy-untrusted": "the proxy's certificate is not trusted",
}


def ways_of(facts: Facts, client: Client) -> tuple[Way, ...]:
    """Where this client goes of what a publish or a fetch needs."""
    return tuple(way for way in facts.ways if way.client == client and way.needed)


def open_ways(facts: Facts, ways: Iterable[Way]) -> bool | None:
    """Whether connections stand on all of these: False where one fails, None where nothing is known to fail and not
    all were tried."""
    tried = [facts.works(way.line) for way in ways]
    return False if False in tried else None if None in tried or not tried else True


def dialled(facts: Facts, line: str) -> str:
    """What came of dialling a line, in a few words."""
    dials = facts.dialled(line)
    if not dials:
        return "was not tried"
    best = next((one for one in dials if one.outcome == "ok"), dials[0])
    shaken = facts.handshake(line)
    if best.outcome == "ok" and shaken is not None and shaken.failed and shaken.failed == shaken.tries:
        return "connects, and then there is no TLS with it"
    return said_of(best)


def said_of(dial: Dial) -> str:
    """One dial in a few words."""
    status = f" ({dial.status})" if dial.status else ""
    address = f" ({dial.address})" if dial.address and dial.outcome != "ok" else ""
    return f"{_SAID[dial.outcome]}{status}{address}"


def scheme_in(facts: Facts, by: str) -> str:
    """The scheme of the proxy that a variable or a key has, in lower case; `http` where it has none written."""
    value = value_of(facts, by)
    scheme, mark, _ = value.partition("://")
    return scheme.lower() if mark else "http"


def value_of(facts: Facts, by: str) -> str:
    """The value of a variable or a key of git's, without secrets; empty where it is not known."""
    for one in facts.machine.variables:
        if one.name == by:
            return one.value
    return next((one.value for one in reversed(facts.machine.settings) if one.key.lower() == by.lower()), "")


def respelt(facts: Facts, by: str, scheme: str) -> str:
    """The line that gives the proxy in `by` (a variable, or a key of git's) another scheme, and keeps its login."""
    if _VARIABLE.fullmatch(by):
        return f'export {by}="{scheme}://${{{by}#*://}}"'
    config, key = git_config(facts, by), shlex.quote(by)
    return f"""{config} {key} "$({config} --get {key} | sed 's|^.*://||; s|^|{scheme}://|')\""""


def git_config(facts: Facts, key: str) -> str:
    """`git config` for the file in which a key stands."""
    where = next((one.where for one in reversed(facts.machine.settings) if one.key.lower() == key.lower()), "")
    if where.endswith(".git/config"):
        path = facts.question.path
        return f"git -C {shlex.quote(path)} config" if path else "git config"
    return f"git config --file {shlex.quote(where)}" if where.startswith("/") else "git config --global"


def except_for(hosts: Sequence[str]) -> str:
    """The line that lets all programs go straight to these hosts. In both spellings, as programs differ in which of
    them they read first."""
    return f'export NO_PROXY="{",".join(hosts)}${{NO_PROXY:+,$NO_PROXY}}"; export no_proxy="$NO_PROXY"'
