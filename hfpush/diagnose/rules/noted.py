"""Findings that other parts of hfpush made, put in their place among the causes. Pure.

An audit, a look at settings, a login: they say the same here as in the commands that they belong to, with the same
words.
"""

from __future__ import annotations

from collections.abc import Iterator

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts

_SETTINGS, _NETWORK, _ACCOUNT, _TRANSFER, _REPOSITORY = 9, 29, 49, 59, 60
_DEPTHS = {
    **dict.fromkeys(("lfs-elsewhere", "lfs-url-overrides", "url-rewritten", "token-in-remote"), _SETTINGS),
    **dict.fromkeys(("tls-unverified", "lfs-agent-standalone", "lfs-basic-only"), _SETTINGS),
    **dict.fromkeys(("token-missing", "token-refused", "token-unreadable", "endpoint-untrusted"), _ACCOUNT),
    **dict.fromkeys(("lfs-agent-missing", "large-object-agent"), _TRANSFER),
}
_OF_PROXIES = ("proxy-", "socks-", "ca-", "tls-")
_EXPLAINS = {
    "repo-damaged": frozenset({"object-missing", "history-incomplete", "ref-broken"}),
    "object-corrupt": frozenset({"object-missing"}),
    "attributes-ignored": frozenset({"should-be-pointer", "pointer-uncovered"}),
}
_TOLD_OTHERWISE = {"proxy-key-unknown"}  # with what the setting does to each program


def causes(facts: Facts) -> Iterator[Cause]:
    """One each, in their order."""
    for one in facts.noted:
        if one.reference not in _TOLD_OTHERWISE:
            yield Cause(one, _depth(one.reference), _EXPLAINS.get(one.reference, frozenset()))


def _depth(reference: str) -> int:
    if reference in _DEPTHS:
        return _DEPTHS[reference]
    return _NETWORK if reference.startswith(_OF_PROXIES) else _REPOSITORY
