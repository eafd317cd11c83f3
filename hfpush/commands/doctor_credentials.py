"""Which login each tool has for an endpoint: hfpush's token and where it comes from, and what git's helpers answer.

git's helpers are the user's own programs: they are asked as git asks them, but for what a terminal or a window would be
needed for. Only what the user has configured is run, never what a repository brings along. What they answer is kept in
memory for one question to the same endpoint, and is in no report.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from hfpush.diagnose.credential_helper import shown_helper
from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.probes.account import looks_like
from hfpush.diagnose.side_by_side import Asking
from hfpush.endpoints import Endpoint
from hfpush.errors import HfpushError
from hfpush.findings import Finding
from hfpush.hub.token import has_token, token_for
from hfpush.repo.process import PROGRAM
from hfpush.settings import Settings

SECONDS = 2.0
_NOT_FOR_HELPERS = re.compile(
    r"GIT_(?:DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|PREFIX|TRACE\w*|CURL_VERBOSE)|\w+_proxy|\w+_PROXY|HFPUSH_\w+"
)
"""The caller's own repository, traces, which would hold what is said, and proxies, which may have a login."""
_QUIET = ("-c", "core.askPass=", "-c", "credential.interactive=false")
_VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


@dataclass(frozen=True)
class Credentials:
    """`token` is hfpush's for the endpoint, None where there is none or the user has not trusted it; `git_login` the
    name and the password that git's helpers give, None where they give none or were not heard of in time. `account`
    says the same without secrets; `noted` is what kept a token from being read."""

    token: str | None = field(default=None, repr=False)
    git_login: tuple[str, str] | None = field(default=None, repr=False)
    account: Account = field(default_factory=Account)
    noted: tuple[Finding, ...] = ()


def read_credentials(
    settings: Settings, endpoint: Endpoint, environment: Mapping[str, str] | None = None, seconds: float = SECONDS
) -> Credentials:
    """Both, at the same time, within `seconds`. Never raises."""
    env = os.environ if environment is None else environment
    until = time.monotonic() + seconds
    helping = Asking(lambda: _of_git(endpoint.url, env, seconds))
    reading = Asking(lambda: _of_hfpush(settings, endpoint, env))
    own = reading.wait(until) or Credentials(noted=(_late(seconds),))
    helpers, login = helping.wait(until + 0.3) or ((), None)
    account = replace(
        own.account,
        helpers=helpers,
        git_has=login is not None,
        git_looks_like="" if login is None else looks_like(login[1]),
        git_same=login is not None and login[1] == own.token,
    )
    return replace(own, account=account, git_login=login)


def _of_hfpush(settings: Settings, endpoint: Endpoint, env: Mapping[str, str]) -> Credentials:
    try:
        token = token_for(settings, endpoint)
        there = token is not None or has_token(settings, endpoint)
    except HfpushError as error:
        return Credentials(noted=(error.finding,))
    if not there:
        return Credentials()
    account = Account(source=_source(settings, endpoint, env))
    return Credentials(token, account=replace(account, looks_like="" if token is None else looks_like(token)))


def _source(settings: Settings, endpoint: Endpoint, env: Mapping[str, str]) -> str:
    entry = settings.book.entries.get(endpoint.name)
    if entry is not None and entry.token is not None and entry.endpoint == endpoint:
        return f"the token kept for the endpoint {endpoint.name}"
    for name in _VARIABLES:
        if env.get(name, "").strip():
            return name
    return "--token" if settings.token else "hf auth login"


def _of_git(url: str, env: Mapping[str, str], seconds: float) -> tuple[tuple[str, ...], tuple[str, str] | None]:
    """The helpers that are configured, and the login that they give for `url`. A token in a variable goes along only
    where a helper names that variable: it answers with it."""
    half = seconds / 2
    bare = {name: value for name, value in env.items() if name not in _VARIABLES}
    listed = _said(["config", "-z", "--get-regexp", r"^credential\..*helper$"], "", bare, half)
    values = [entry.partition("\n")[2] for entry in listed.split("\0")]
    helpers = tuple(shown_helper(one) for one in values if one)
    if not helpers:
        return (), None
    asked = {name: env[name] for name in env if name not in _VARIABLES or any(name in one for one in values)}
    filled = _said([*_QUIET, "credential", "fill"], f"url={url}\n\n", asked, half)
    fields = dict(line.partition("=")[::2] for line in filled.splitlines())
    user, password = fields.get("username", ""), fields.get("password", "")
    return helpers, (user, password) if password else None


def _said(words: list[str], text: str, env: Mapping[str, str], seconds: float) -> str:
    """What git prints, empty where it fails or takes longer; then it is dead with all that it started."""
    own = {name: value for name, value in env.items() if not _NOT_FOR_HELPERS.fullmatch(name)}
    own |= {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "", "GIT_CEILING_DIRECTORIES": "/"}
    try:
        process = subprocess.Popen(
            [PROGRAM, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=own,
            start_new_session=True,
        )
    except OSError:
        return ""
    with process:
        try:
            said, _ = process.communicate(text.encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            said = b""
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return said.decode("utf-8", "replace") if process.returncode == 0 else ""


def _late(seconds: float) -> Finding:
    return Finding(
        "token-unreadable",
        f"The saved token was not given out within {seconds:g} s.",
        ("perhaps a keyring waits for its password",),
        ("unlock the keyring, or put a token into HF_TOKEN",),
        "warning",
    )
