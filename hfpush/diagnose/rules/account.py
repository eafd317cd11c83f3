"""Tokens: none, one that the Hub does not take, a password in its place, one that would go to a stranger. Pure.

What a token that is taken may do is told by rules/access.py.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.findings import Finding, Severity

DEPTH = 43
_SETTINGS = "/settings/tokens"
_HIDDEN = frozenset({"repo-not-found", "no-permission", "token-missing", "token-refused", "repo-gated", "hub-refused"})


def causes(facts: Facts) -> Iterator[Cause]:
    """What is wrong with the token of hfpush, huggingface_hub and git, one cause for each login."""
    me = facts.account
    if not facts.question.trusted and me.source:
        yield from _stranger(facts)
    if me.malformed or (me.status == 401 and me.looks_like == "other"):
        yield _cause(facts, _password(facts, f"The token of hfpush and huggingface_hub ({me.source})", renewed(facts)))
    elif me.status == 401:
        yield _cause(facts, _refused(facts))
    if me.git_status == 401 and not _is_told(facts):
        yield _cause(facts, _gits(facts), depth=DEPTH + 1)
    if not me.source and not facts.question.offline and any(one.status for one in facts.exchanges):
        yield from _missing(facts)
    yield from _unarmed_git(facts)


def _stranger(facts: Facts) -> Iterator[Cause]:
    question, source = facts.question, facts.account.source
    place = question.endpoint.partition("://")[2].partition("/")[0]
    named = next((one for one in facts.machine.variables if one.name == "HF_ENDPOINT" and place in one.value), None)
    trust = shlex.join(["hfpush", "endpoint", "add", "NAME", question.endpoint, "--trust"])
    asked = "doctor asked without it, so what only the token shows could not be told"
    if named is None:
        finding = Finding(
            "token-withheld",
            f"Your token was not sent to {question.endpoint_name or place}, which you have not trusted.",
            (asked,),
            (f"if you trust it: {trust}",),
            "note",
        )
    else:
        finding = Finding(
            "token-to-mirror",
            f"HF_ENDPOINT leads to {place}, which is not the Hub and which you have not trusted: huggingface_hub sends "
            "your token there, and whoever runs it can then do what you can.",
            (f"HF_ENDPOINT={named.value}", f"there is a token: {source}", f"hfpush sent none there: {asked}"),
            (
                "unset HF_ENDPOINT   # to go to the Hub itself",
                "export HF_HUB_DISABLE_IMPLICIT_TOKEN=1   # to read what is public there, without the token",
                f"if you trust it, or it is yours: {trust}",
            ),
            "warning",
        )
    yield Cause(finding, DEPTH - 1, host=place.partition(":")[0])


def _is_told(facts: Facts) -> bool:
    """Whether git's login is the token of which the refusal is told already."""
    me = facts.account
    return me.git_same and me.status == 401 and me.looks_like == me.git_looks_like != "other"


def _refused(facts: Facts) -> Finding:
    me = facts.account
    both = me.git_status == 401 and _is_told(facts)
    whose = "hfpush, huggingface_hub and git" if both else "hfpush and huggingface_hub"
    seen = [f"{facts.question.endpoint}/api/whoami-v2 answered 401" + (f": {me.said}" if me.said else "")]
    if both:
        seen.append(f"git's credential helpers give the same token: {', '.join(me.helpers[:5])}")
    return Finding(
        "token-refused",
        f"The Hub does not accept the token of {whose} ({me.source}): it is wrong, has expired, or was deleted.",
        tuple(seen),
        (*renewed(facts), *((f"{_forget(facts)}   # git then asks for the new one",) if both else ())),
    )


def renewed(facts: Facts) -> tuple[str, ...]:
    """How to put another token where the one at hand comes from."""
    me, page = facts.account, f"{facts.question.endpoint}{_SETTINGS}"
    make = f"make a token of the kind Write at {page}"
    if me.source.startswith("HF_TOKEN") or me.source.startswith("HUGGING"):
        return (make, f"read -rs {me.source} && export {me.source}   # then paste the token", "hfpush doctor")
    if me.source.startswith("the token kept"):
        name = facts.question.endpoint_name
        return (make, f"hfpush endpoint add {shlex.quote(name)} {facts.question.endpoint} --trust --token-stdin")
    return (make, "hf auth login   # then paste the token")


def _password(facts: Facts, which: str, remedy: tuple[str, ...]) -> Finding:
    return Finding(
        "password-not-token",
        f"{which} is no token but looks like a password: the Hub takes tokens alone, which begin with hf_.",
        (
            f"{facts.question.endpoint} answered 401"
            if facts.account.status
            else "no header can hold it; it was not sent",
        ),
        remedy,
    )


def _gits(facts: Facts) -> Finding:
    me, question = facts.account, facts.question
    host = question.endpoint.partition("://")[2].partition("/")[0]
    remedy = (
        _forget(facts),
        f"make a token at {question.endpoint}{_SETTINGS}, and give it to git as the password at its next question",
        "hfpush run -- git push   # with hfpush's own token",
    )
    if me.git_looks_like == "other":
        return _password(facts, f"What git's credential helper gives for {host}", remedy)
    return Finding(
        "token-refused",
        f"The Hub does not accept the token that git's credential helper gives for {host}: a plain git push fails"
        f"{', although the token of hfpush is taken' if me.status == 200 else ''}.",
        (
            f"{question.endpoint} answered 401 to it" + (f": {me.git_said}" if me.git_said else ""),
            f"helpers: {', '.join(me.helpers[:5])}",
        ),
        remedy,
    )


def _forget(facts: Facts) -> str:
    """The command after which git's helpers no longer have their login for the endpoint."""
    scheme, _, rest = facts.question.endpoint.partition("://")
    lines = shlex.quote(f"protocol={scheme}\nhost={rest.partition('/')[0]}\n\n".replace("\n", "\\n"))
    return f"printf {lines} | git credential reject"


def _missing(facts: Facts) -> Iterator[Cause]:
    """No token at all, where one is needed whatever the repository is like."""
    question, me = facts.question, facts.account
    if question.purpose == "fetch" or not question.trusted or me.repo_status in (401, 404):
        return
    severity: Severity = "error" if question.purpose == "publish" or question.repo_id else "note"
    if me.git_has and me.git_status != 401:
        severity = "warning" if question.purpose == "publish" else "note"
    others = "" if me.git_has else ", and git has no login for it either"
    finding = Finding(
        "token-missing",
        f"There is no token for {question.endpoint or 'the Hub'}{others}: what is public can be fetched, and nothing "
        "can be published.",
        ("HF_TOKEN is not set, and hf auth login has left none", *_helpers(facts)),
        (
            f"make a token of the kind Write at {question.endpoint}{_SETTINGS}",
            "hf auth login --add-to-git-credential   # then paste the token",
            "or, for this terminal alone: read -rs HF_TOKEN && export HF_TOKEN",
        ),
        severity,
    )
    yield Cause(finding, DEPTH, _HIDDEN - {"token-missing"})


def _unarmed_git(facts: Facts) -> Iterator[Cause]:
    """hfpush could publish, and a plain git push would ask for a login."""
    me, question = facts.account, facts.question
    if me.status != 200 or me.git_has is not False or not question.repo_id or question.purpose == "fetch":
        return
    if not facts.machine.program("git").version or any("***@" in one.value for one in facts.machine.settings):
        return
    finding = Finding(
        "token-missing",
        f"git itself has no login for {question.endpoint}: a plain git push asks for one, or fails where nobody can be "
        "asked. hfpush has its own.",
        _helpers(facts),
        ("hf auth login --add-to-git-credential", "hfpush run -- git push"),
        "note",
    )
    yield Cause(finding, DEPTH + 2)


def _helpers(facts: Facts) -> tuple[str, ...]:
    names = facts.account.helpers
    if not names:
        return ("git has no credential helper",)
    return (
        (f"git's credential helpers have nothing for it: {', '.join(names[:5])}",) if not facts.account.git_has else ()
    )


def _cause(facts: Facts, finding: Finding, depth: int = DEPTH) -> Cause:
    return Cause(finding, depth, _HIDDEN - {finding.reference} if depth == DEPTH else frozenset())
