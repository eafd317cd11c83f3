"""git and git-lfs that are told not to check whose certificate it is. Pure.

Of settings in a repository's configuration the traps tell (repo/trap_rules.py): here is what the environment says, and
what the user's settings say where there is no repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.rules.proxy_words import git_config
from hfpush.diagnose.rules.who import by_whom, listed
from hfpush.findings import Finding

DEPTH = 9
_VARIABLE = "GIT_SSL_NO_VERIFY"
_SETTING = re.compile(r"(?i)http\.(?:.+\.)?sslverify")
_NO = ("false", "no", "off", "0", "")
_INSTEAD = "if a proxy with its own certificates stands in between: git config --global http.sslCAInfo CA.pem"


def causes(facts: Facts) -> Iterator[Cause]:
    """One for the variable, else one for the settings where nobody else tells of them."""
    ways = [way for way in facts.ways if way.client in ("git", "git-lfs") and way.needed and not way.verifies]
    if not ways:
        return
    value = next((one.value for one in facts.machine.variables if one.name == _VARIABLE), None)
    settings = [one for one in facts.machine.settings if _SETTING.fullmatch(one.key) and one.value.lower() in _NO]
    if value is not None:
        seen: tuple[str, ...] = (f"{_VARIABLE}={value}; git takes whatever it is for a yes",)
        remedy: tuple[str, ...] = (f"unset {_VARIABLE}",)
        off = f"{_VARIABLE} is set"
    elif settings and not any(one.reference == "tls-unverified" for one in facts.noted):
        seen = tuple(f"{one.where}, line {one.line}: {one.key} = {one.value}" for one in settings)
        remedy = tuple(f"{git_config(facts, one.key)} --unset-all {quote(one.key)}" for one in settings)
        off = "http.sslVerify is off"
    else:
        return
    who = by_whom(ways)
    do, they = ("do", "they") if len(who) > 1 else ("does", "it")
    message = (
        f"{listed(who)} {do} not check who {they} {'speak' if len(who) > 1 else 'speaks'} to ({off}), and would give a "
        "token to whoever answers. hfpush checks it all the same."
    )
    yield Cause(Finding("tls-unverified", message, seen, (*remedy, _INSTEAD), "warning"), DEPTH)
