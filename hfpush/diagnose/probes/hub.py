"""What an endpoint says to the questions with which a publish and a fetch begin. Nothing is changed anywhere.

All are asked at the same time, each once. Those about the repository are asked with the token and without it, so that
what hides it can be told; git's own go as git sends them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from hfpush.diagnose.advertisement import branches
from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.http import Asked, Exchange
from hfpush.diagnose.probes.account import looks_like, with_rights, with_whoami
from hfpush.diagnose.probes.ask import ask, http_for
from hfpush.diagnose.probes.http2 import try_http2
from hfpush.diagnose.side_by_side import side_by_side
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.endpoints.repo_address import RepoType
from hfpush.errors import HfpushError, Misuse
from hfpush.net.call import Call
from hfpush.net.http import Http
from hfpush.net.network import Network

_TYPES: tuple[RepoType, ...] = ("model", "dataset", "space")
_WITHOUT_GIT = ("nexus", "artifactory")
_LFS = {"Accept": "application/vnd.git-lfs+json", "Content-Type": "application/vnd.git-lfs+json"}
_IN_BETWEEN = ("tls-untrusted", "tls-failed", "not-a-hub")
_HIDDEN = (401, 404)
_FIRST = 0.7
"""The share of the time in which the first answers must be there, so that the second questions have some."""
_A_MOMENT = 0.2

Answer = tuple[Exchange, bytes]


def ask_hub(
    endpoint: Endpoint,
    network: Network,
    token: str | None,
    question: Question,
    seconds: float,
    *,
    known: Account | None = None,
    git_login: tuple[str, str] | None = None,
) -> tuple[tuple[Exchange, ...], Account]:
    """Every exchange, and what they say of the account. `known` is what is known of it without asking anybody (where
    the token comes from); `git_login` the name and the password that git would send. Never raises."""
    until = time.monotonic() + seconds
    account, token = _with_secret(known or Account(), token)
    try:
        http = http_for(endpoint, network, token, seconds)
    except HfpushError as error:  # a proxy or a CA file that cannot be used
        return (Exchange("api", failure=error.finding.reference, said=error.finding.message),), account
    with http:
        repo = _repo(endpoint, question)
        answers = side_by_side(_questions(http, repo, question, seconds * _FIRST), until)
        more = _again(http, repo, question, answers, max(0.2, until - time.monotonic() - _A_MOMENT))
        answers |= side_by_side(more, until)
    exchanges = [exchange for exchange, _ in answers.values()]
    if exchanges and endpoint.url.lower().startswith("https:") and _spoke(answers):
        how, said = try_http2(http, until - time.monotonic())
        exchanges[0] = replace(exchanges[0], h2=how, h2_said=said)
    me = answers.get(("api", "token"))
    account = account if me is None else with_whoami(account, *me)
    account = with_rights(account, {(one.what, one.with_token): one for one in exchanges if one.what != "other-type"})
    there = [key[1] for key, (one, _) in answers.items() if key[0] == "other-type" and one.status == 200]
    refs = answers.get(("refs", ""))
    known_refs = refs is not None and refs[0].status == 200
    account = replace(account, other_types=tuple(there), advertised=branches(refs[1]) if refs and known_refs else None)
    if git_login is not None and endpoint.trusted:
        account = _with_git(account, endpoint, network, git_login, repo, until - time.monotonic())
    return tuple(exchanges), account


Key = tuple[Asked, str]


def _with_secret(account: Account, token: str | None) -> tuple[Account, str | None]:
    if not token:
        return account, None
    malformed = not all(33 <= ord(letter) <= 126 for letter in token)
    account = replace(
        account, source=account.source or "the settings", looks_like=looks_like(token), malformed=malformed
    )
    return account, None if malformed else token


def _repo(endpoint: Endpoint, question: Question, type: RepoType | None = None) -> RepoAddress | None:
    if not question.repo_id:
        return None
    try:
        return RepoAddress.parse(endpoint, question.repo_id, type or question.repo_type)
    except Misuse:
        return None


def _questions(
    http: Http, repo: RepoAddress | None, question: Question, seconds: float
) -> dict[Key, Callable[[], Answer]]:
    """What is asked first, by what it is and a word that tells two of a kind apart."""
    base, token = http.endpoint.url, bool(http.secrets)
    calls: dict[Key, Call] = {("api", "token" if token else ""): Call("GET", f"{base}/api/whoami-v2")}
    if repo is not None:
        calls["repo", "alone"] = Call("GET", repo.api_url, bare=True)
        calls["access", ""] = Call("GET", f"{repo.api_url}/auth-check")
        if token:
            calls["repo", "token"] = Call("GET", repo.api_url)
        if http.endpoint.kind not in _WITHOUT_GIT:
            calls["refs", ""] = Call("GET", f"{repo.web_url}.git/info/refs?service=git-upload-pack", basic=True)
            if token and question.purpose != "fetch":
                calls["push", ""] = Call("GET", f"{repo.web_url}.git/info/refs?service=git-receive-pack", basic=True)
                locks = Call("POST", f"{repo.lfs_url}/locks/verify", _LFS, data=b"{}", basic=True)
                calls["locks", ""] = locks
    return {key: partial(ask, key[0], http, call, seconds) for key, call in calls.items()}


def _again(
    http: Http, repo: RepoAddress | None, question: Question, answers: Mapping[Key, Answer], seconds: float
) -> dict[Key, Callable[[], Answer]]:
    """What is asked since of what the first answers were: under which other type a repository that is not there is,
    and who answers without TLS where TLS is not believed."""
    calls: dict[Key, Call] = {}
    first = answers.get(("repo", "token")) or answers.get(("repo", "alone"))
    me = answers.get(("api", "token"))
    refused = me is not None and me[0].status == 401
    if repo is not None and first is not None and first[0].status in _HIDDEN and not (first[0].html or refused):
        for type in _TYPES:
            other = _repo(http.endpoint, question, type) if type != repo.type else None
            if other is not None:
                calls["other-type", type] = Call("GET", other.api_url)
    api = answers.get(("api", "token")) or answers.get(("api", ""))
    if api is not None and api[0].failure in _IN_BETWEEN and http.endpoint.url.lower().startswith("https:"):
        host = http.endpoint.url.partition("://")[2].partition("/")[0].partition(":")[0]
        calls["plain", ""] = Call("GET", f"http://{host}/", bare=True)
    return {key: partial(ask, key[0], http, call, seconds) for key, call in calls.items()}


def _spoke(answers: Mapping[Key, Answer]) -> bool:
    return any(exchange.status for exchange, _ in answers.values())


def _with_git(
    account: Account,
    endpoint: Endpoint,
    network: Network,
    login: tuple[str, str],
    repo: RepoAddress | None,
    seconds: float,
) -> Account:
    """The account with what the endpoint says to the login that git has for it."""
    user, password = login
    account = replace(account, git_has=True, git_looks_like=looks_like(password))
    if repo is None and account.git_looks_like != "token":
        return account  # the API takes tokens alone
    seconds = max(0.2, seconds)
    try:
        http = http_for(endpoint, network, password, seconds, None if repo is None else user)
    except HfpushError:
        return account
    url = f"{endpoint.url}/api/whoami-v2"
    call = Call("GET", url) if repo is None else Call("GET", f"{repo.web_url}.git/info/refs?service=git-receive-pack")
    with http:
        exchange, _ = ask("push", http, call, seconds)
    return replace(account, git_status=exchange.status, git_said=exchange.said)
