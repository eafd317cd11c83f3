"""The way out for one endpoint: its network and its token, put together from the settings, the environment and git.

Everything that speaks to an endpoint gets its network here, so that one rule for proxies, certificates and time limits
holds for all of it.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from hfpush.disk.trouble import disk_trouble
from hfpush.endpoints import Endpoint
from hfpush.endpoints.choice import Operation
from hfpush.errors import HfpushError, Refused
from hfpush.findings import Finding
from hfpush.hub.token import has_token, token_for
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.net.proxies import parse_proxy
from hfpush.net.routes import Routes
from hfpush.net.trust import NamedCa, merged, named_cas
from hfpush.repo.git_network import git_network
from hfpush.repo.process import PROGRAM
from hfpush.settings import Settings
from hfpush.settings.vault import Vault


@dataclass(frozen=True)
class Outlet:
    """How one run speaks to one endpoint. `notes` are findings that do not stop it."""

    endpoint: Endpoint
    token: str | None = field(default=None, repr=False)
    network: Network = field(default_factory=Network)
    notes: tuple[Finding, ...] = ()


def outlet_for(settings: Settings, endpoint: Endpoint, operation: Operation, repo_root: Path | None = None) -> Outlet:
    """The way out to `endpoint`. Raises Refused (`endpoint-untrusted`) for a publish to one without the user's trust;
    Misuse for a proxy or a CA file that cannot be used, LocalTrouble for a token that cannot be read."""
    token: str | None = None
    notes: tuple[Finding, ...] = ()
    if endpoint.trusted:
        token = token_for(settings, endpoint)
    elif operation == "publish":
        raise untrusted(settings, endpoint)
    elif has_token(settings, endpoint):
        notes = (_withheld(settings, endpoint),)
    network = network_for(settings, endpoint, repo_root)
    if network.trace is not None:
        network.trace.keep_secret(token)
    return Outlet(endpoint, token, network, (*notes, *network.notes))


@contextmanager
def noted(outlet: Outlet) -> Iterator[None]:
    """What fails within the block brings the notes of the outlet along: one of them may be why."""
    try:
        yield
    except HfpushError as error:
        error.also = (*error.also, *(note for note in outlet.notes if note not in error.also))
        raise


def network_for(settings: Settings, endpoint: Endpoint, repo_root: Path | None = None) -> Network:
    """The network for `endpoint`: its own proxy, CA file and time limits, over git's settings in the repository at
    `repo_root` (the user's, for None), over the environment.

    A time limit from the environment goes before the endpoint's. Raises Misuse and LocalTrouble as `outlet_for` does.
    """
    endpoint = with_proxy_secret(settings, endpoint)
    git = git_network(repo_root) if shutil.which(PROGRAM) else None  # a fetch needs no git
    named = named_cas(os.environ, endpoint=endpoint, configured=settings.network.ca_bundle, git=git)
    routes = Routes.of(os.environ, endpoint=endpoint, git=git)
    if settings.network.trace is not None:
        for secret in routes.secrets:
            settings.network.trace.keep_secret(secret)
    return replace(
        settings.network,
        patience=_patience(settings.network.patience, endpoint),
        ca_bundle=_bundled(named, settings.state_dir / "trust"),
        routes=routes,
    )


def _bundled(named: Sequence[NamedCa], folder: Path) -> str | None:
    try:
        return merged(named, folder)
    except OSError as error:
        raise disk_trouble(error, folder) from error


def user_at(endpoint: Endpoint, user: str | None) -> str | None:
    """The name with which the user's password for an LFS server goes to `endpoint`, as git-lfs sends it; None at one
    that is trusted, where it goes as a token. Pure."""
    return None if endpoint.trusted else user or ""


def trust_command(settings: Settings, endpoint: Endpoint) -> str:
    """The command that trusts an endpoint: under its name, if it has one."""
    if endpoint.name in settings.book.names:
        return shlex.join(["hfpush", "endpoint", "trust", endpoint.name])
    return shlex.join(["hfpush", "endpoint", "add", "NAME", endpoint.url, "--trust"])


def untrusted(settings: Settings, endpoint: Endpoint) -> Refused:
    """The error for a publish to an endpoint that the user has not trusted."""
    return Refused.of(
        "endpoint-untrusted",
        f"A publish needs your token, and you have not trusted {endpoint.name} with it.",
        seen=(f"{endpoint.url} would receive the token, and with it your rights at the Hub",),
        to_try=(f"if you trust it: {trust_command(settings, endpoint)}", "or publish with --endpoint hf"),
    )


def _withheld(settings: Settings, endpoint: Endpoint) -> Finding:
    return Finding(
        "token-withheld",
        f"Your token was not sent to {endpoint.name}, which you have not trusted.",
        (f"what is public can be read at {endpoint.url} without it",),
        (f"if you trust it: {trust_command(settings, endpoint)}",),
        "note",
    )


def with_proxy_secret(settings: Settings, endpoint: Endpoint) -> Endpoint:
    """The endpoint with the password of its proxy, where that is kept apart. Raises LocalTrouble where it is lost."""
    entry = settings.book.entries.get(endpoint.name)
    if endpoint.proxy is None or entry is None or entry.proxy_secret is None or entry.endpoint != endpoint:
        return endpoint
    password = Vault(settings.config_dir).get(endpoint.proxy, entry.proxy_secret)
    proxy = replace(parse_proxy(endpoint.proxy, f"the endpoint {endpoint.name}"), password=password)
    return replace(endpoint, proxy=proxy.url)


def _patience(given: Patience, endpoint: Endpoint) -> Patience:
    usual = Patience()

    def limit(value: float, plain: float, own: float | None) -> float:
        return own if own is not None and value == plain else value

    return replace(
        given,
        connect=limit(given.connect, usual.connect, endpoint.connect_seconds),
        idle=limit(given.idle, usual.idle, endpoint.idle_seconds),
        answer=limit(given.answer, usual.answer, endpoint.answer_seconds),
    )
