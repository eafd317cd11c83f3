"""What the Hub's answers say of an account and of what it may do. Reads only; who asks is probes/hub.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.http import Asked, Exchange
from hfpush.net.redact import redact

_MOST_SCOPES = 50
_TOKENS = ("hf_", "api_", "ey")
"""How the Hub's tokens begin: those of users and of programs, old ones of organisations, and signed ones (JWT)."""


def looks_like(secret: str) -> str:
    """`token`, or `other`: what a person would choose as a password."""
    return "token" if secret.startswith(_TOKENS) and len(secret) >= 20 else "other"


def with_whoami(account: Account, exchange: Exchange, body: bytes) -> Account:
    """The account with what `whoami-v2` said of it."""
    account = replace(account, status=exchange.status, said=exchange.said)
    if exchange.status != 200:
        return account
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return account
    token = _at(data, "auth", "accessToken")
    owners = _at(data, "orgs")
    names = [_text(one, "name") for one in owners if isinstance(one, dict)] if isinstance(owners, list) else []
    return replace(
        account,
        name=_text(data, "name"),
        role=_text(token, "role"),
        scopes=tuple(_scopes(_at(token, "fineGrained"))),
        owners=tuple(filter(None, names))[:_MOST_SCOPES],
    )


def with_rights(account: Account, answers: Mapping[tuple[Asked, bool], Exchange]) -> Account:
    """The account with what it may do. `answers` are by what was asked, and whether the token went along."""
    told = account.status != 0 or not any(with_token for _, with_token in answers)
    repo = answers.get(("repo", True)) or answers.get(("repo", False))
    alone = answers.get(("repo", False))
    access = answers.get(("access", True)) or answers.get(("access", False))
    push, locks = answers.get(("push", True)), answers.get(("locks", True))
    if repo is not None:
        account = replace(account, repo_status=repo.status, repo_code=repo.code, may_read=_may(repo, access))
    if alone is not None:
        account = replace(account, anonymous_status=alone.status)
    if access is not None:
        account = replace(account, access_status=access.status, access_code=access.code, access_said=access.said)
    if push is not None and told:
        account = replace(account, push_status=push.status, push_said=push.said, may_write=_yes(push))
    if locks is not None:
        account = replace(account, locks_status=locks.status)
    return account


def _may(repo: Exchange, access: Exchange | None) -> bool | None:
    first = _yes(repo)
    second = None if access is None or (access.code == "" and access.status == 404) else _yes(access)
    return second if first else first


def _yes(exchange: Exchange) -> bool | None:
    """Whether it was let in; None for what says nothing about that."""
    if exchange.status == 200 and not exchange.html:
        return True
    return False if exchange.status in (401, 403, 404) and not exchange.html else None


def _scopes(fine: Any) -> list[str]:
    """`model org/name: repo.write, repo.content.read` for each entity of a fine-grained token."""
    rows = _at(fine, "scoped")
    found = []
    for row in rows if isinstance(rows, list) else []:
        rights = _at(row, "permissions")
        words = ", ".join(str(one) for one in rights) if isinstance(rights, list) else ""
        found.append(redact(f"{_text(_at(row, 'entity'), 'type')} {_text(_at(row, 'entity'), 'name')}: {words}")[:200])
    everywhere = _at(fine, "global")
    if isinstance(everywhere, list) and everywhere:
        found.append(redact(f"everywhere: {', '.join(str(one) for one in everywhere)}")[:200])
    return found[:_MOST_SCOPES]


def _at(data: Any, *names: str) -> Any:
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _text(data: Any, name: str) -> str:
    value = _at(data, name)
    return redact(value)[:200] if isinstance(value, str) else ""
