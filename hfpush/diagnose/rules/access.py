"""What the account may do with the repository, and whether there is one. Pure.

To who has no token the Hub says the same of a repository that does not exist and of a private one; to who has one, as
well. What could not be told apart is not told as certain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.rules.account import renewed
from hfpush.findings import Finding, Severity
from hfpush.net.repo_refusals import Named, forbidden, gated, missing, unauthorized

DEPTH = 46
_TAKEN = (0, 200)
_FINE = "fineGrained"


def causes(facts: Facts) -> Iterator[Cause]:
    """One about the repository that was asked for, or about what the token may do at all."""
    me, question = facts.account, facts.question
    if question.offline or me.status == 401 or me.malformed:
        return
    if not question.repo_id:
        yield from _read_only(facts)
    elif me.repo_status in (401, 404):
        yield _hidden(facts)
    elif me.repo_status == 403:
        said = _said(facts, "repo")
        finding = forbidden(_named(facts), said, _seen(facts, "repo"), reading=True).finding
        yield _cause(facts, replace(finding, evidence=(*finding.evidence, *_scopes(facts))))
    elif me.repo_status == 200:
        yield from _closed(facts)
        yield from _no_writing(facts)
        yield from _no_locks(facts)


def _hidden(facts: Facts) -> Cause:
    me, question, named = facts.account, facts.question, _named(facts)
    seen = _seen(facts, "repo")
    if me.other_types:
        other = me.other_types[0]
        page = f"{question.endpoint}/{'' if other == 'model' else f'{other}s/'}{question.repo_id}"
        remote = [f"git remote set-url origin {page}"] if facts.repository.remotes else []
        finding = Finding(
            "repo-not-found",
            f"There is no {named}, but a {other} of that name: git's address of it is {page}.",
            (*seen, f"as a {other} it is there"),
            (*remote, f"hfpush doctor --repo {page}", f"with hfpush publish and fetch: --type {other}"),
        )
        return _cause(facts, finding)
    if not me.source:
        return _cause(facts, unauthorized(named, seen, with_token=False).finding, certain=False)
    finding = missing(named, me.repo_code, (*seen, *_who(facts), *_scopes(facts)), with_token=bool(me.status)).finding
    kind = "" if question.repo_type == "model" else f" --type {question.repo_type}"
    make = f"hf repos create {question.repo_id}{kind}"
    remedy = [*_meant(facts), *finding.remedy, f"if it is to be made: {make}   # hfpush publish makes it by itself"]
    if me.role == _FINE:
        remedy.insert(0, f"if it is private: add it to the token's list at {question.endpoint}/settings/tokens")
    return _cause(facts, replace(finding, remedy=tuple(remedy)), certain=False)


def _meant(facts: Facts) -> list[str]:
    """The id with the owner spelt as the account or one of its organisations is, where it is nearly that."""
    owner, slash, name = facts.question.repo_id.partition("/")
    mine = [one for one in (facts.account.name, *facts.account.owners) if one]
    if not slash or not mine or owner in mine:
        return []
    near = get_close_matches(owner.lower(), [one.lower() for one in mine], 1, 0.75)
    return [f"perhaps you mean: hfpush doctor --repo {one}/{name}" for one in mine if one.lower() in near][:1]


def _closed(facts: Facts) -> Iterator[Cause]:
    me = facts.account
    if me.access_status not in (401, 403) or facts.question.purpose == "publish":
        return
    seen = _seen(facts, "access")
    if me.access_code == "GatedRepo":
        finding = gated(
            _named(facts), me.access_said, seen, with_token=bool(me.source) and facts.question.trusted
        ).finding
    else:
        finding = forbidden(_named(facts), me.access_said, seen, reading=True).finding
    yield _cause(facts, finding)


def _no_writing(facts: Facts) -> Iterator[Cause]:
    me, question = facts.account, facts.question
    if me.push_status not in (401, 403) or question.purpose == "fetch":
        return
    page = f"{question.endpoint}/settings/tokens"
    if me.role == "read":
        message = f"The token ({me.source}) is for reading only: {_named(facts)} cannot be written to with it."
        remedy = renewed(facts)
    elif me.role == _FINE:
        message = f"The token ({me.source}) is fine-grained and does not give the right to write to {_named(facts)}."
        remedy = (f"add the right to write to that repository to the token, at {page}", "no new login is needed then")
    else:
        message = f"The account {me.name or 'of this token'} may not write to {_named(facts)}."
        remedy = (
            "ask its owner to let the account in",
            f"or publish to a repository of your own: hfpush publish --to {me.name or 'OWNER'}/"
            f"{question.repo_id.rpartition('/')[2]}",
        )
    seen = (*_seen(facts, "push"), *_who(facts), *_scopes(facts))
    yield _cause(facts, Finding("no-permission", message, seen, remedy))


def _read_only(facts: Facts) -> Iterator[Cause]:
    me, question = facts.account, facts.question
    if me.role != "read" or question.purpose == "fetch":
        return
    severity: Severity = "error" if question.purpose == "publish" else "note"
    finding = Finding(
        "no-permission",
        f"The token ({me.source}) is for reading only: nothing can be published with it.",
        _who(facts),
        renewed(facts),
        severity,
    )
    yield Cause(finding, DEPTH)


def _no_locks(facts: Facts) -> Iterator[Cause]:
    me, question = facts.account, facts.question
    if me.locks_status in _TAKEN or me.push_status != 200 or me.locks_status in (408, 429):
        return
    lfs = f"{question.endpoint}/{_prefix(facts)}{question.repo_id}.git/info/lfs"
    finding = Finding(
        "locks-unsupported",
        f"{question.endpoint} does not take git-lfs's question about locks: git-lfs warns at each push, which does no "
        "harm.",
        _seen(facts, "locks"),
        (f"git config lfs.{lfs}.locksverify false",),
        "note",
    )
    yield Cause(finding, DEPTH + 3)


# -- words ----------------------------------------------------------------------------------------------------------


def _cause(facts: Facts, finding: Finding, *, certain: bool = True) -> Cause:
    host = facts.question.endpoint.partition("://")[2].partition("/")[0].partition(":")[0]
    others = {"repo-not-found", "no-permission", "token-missing", "repo-gated", "hub-refused", "xet-missing"}
    return Cause(finding, DEPTH, frozenset(others - {finding.reference}), frozenset({host}), host, certain)


def _prefix(facts: Facts) -> str:
    return "" if facts.question.repo_type == "model" else f"{facts.question.repo_type}s/"


def _named(facts: Facts) -> Named:
    question = facts.question
    return Named(question.repo_type, question.repo_id, f"{question.endpoint}/{_prefix(facts)}{question.repo_id}")


def _seen(facts: Facts, what: str) -> tuple[str, ...]:
    found = [one for one in facts.exchanges if one.what == what and one.status]
    return tuple(
        f"{one.url} answered {one.status} {'with' if one.with_token else 'without'} the token"
        + (f": {one.said}" if one.said else "")
        for one in found
    )


def _said(facts: Facts, what: str) -> str:
    return next((one.said for one in facts.exchanges if one.what == what and one.said), "")


def _who(facts: Facts) -> tuple[str, ...]:
    me = facts.account
    return (f"the token is {me.name}'s, of the kind {me.role or 'that is not told'}",) if me.name else ()


def _scopes(facts: Facts) -> tuple[str, ...]:
    return tuple(f"the token may: {one}" for one in facts.account.scopes[:5])
