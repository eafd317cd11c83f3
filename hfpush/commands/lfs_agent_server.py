"""Where an agent's objects go: the LFS server that git-lfs has asked, and who we are there.

git-lfs gives an agent one action for each object and no way to ask for another, so the agent has to know whom to ask.
The first credential is the one in the user's own URL, then ours where the server belongs to a trusted endpoint; if that
is not enough, git's credential helpers are asked about that very URL, as git-lfs itself has done. At a server that is
none of ours the user's name and password go along as git-lfs sends them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from hfpush.commands.outlet import network_for, user_at
from hfpush.endpoints import Endpoint
from hfpush.endpoints.lfs_address import LfsAddress
from hfpush.hub.token import token_for
from hfpush.lfs.agent import Init
from hfpush.net.http import Http
from hfpush.net.network import Network
from hfpush.repo.filter.origin import LfsServer
from hfpush.repo.filter.place import FilterPlace, filter_place
from hfpush.repo.hooks.pushed import destination
from hfpush.settings import Settings, load_settings
from hfpush.transfer.lfs_api import LfsRepo

_TAIL = ".git/info/lfs"


@dataclass(frozen=True)
class AgentServer:
    """The server of one agent's objects. `http` is a connection with the first credential."""

    settings: Settings
    place: FilterPlace
    repo: LfsRepo
    http: Http
    token: str | None = field(repr=False)
    asked: LfsServer = field(repr=False)

    def otherwise(self) -> Http | None:
        """A connection with what git's credential helpers have for the server; None if they have nothing else."""
        found = self.place.login(self.asked)
        if found is None or found.password == self.token:
            return None
        endpoint = self.http.endpoint
        user = user_at(endpoint, found.user)
        connections = self.settings.jobs + 1
        return Http(endpoint, found.password, user=user, network=self.http.network, connections=connections)


def agent_server(
    init: Init,
    directory: Path,
    environment: Mapping[str, str],
    watch: Callable[[Network], Network] = lambda network: network,
) -> AgentServer:
    """The server for an agent that was started in `directory`; `watch` has its network watched. Raises Misuse
    (`lfs-remote`, settings), LocalTrouble."""
    settings = load_settings({}, environment)
    place = filter_place(directory, environment)
    found = place.asked_server(init.remote, push=init.direction == "upload")
    owner = owner_of(settings, found.url)
    endpoint = owner or _stranger(found.url)
    token = found.password
    if token is None and owner is not None and not found.foreign:
        token = token_for(settings, owner)
    network = watch(network_for(settings, endpoint, place.git.directory))
    user = user_at(endpoint, found.user)
    http = Http(endpoint, token, user=user, network=network, connections=settings.jobs + 1)
    return AgentServer(settings, place, _repo(endpoint, found.url), http, token, found)


def owner_of(settings: Settings, url: str) -> Endpoint | None:
    """The endpoint that a URL belongs to: the one that the user named for this run, else any that is known."""
    if settings.endpoint is not None and settings.endpoint.owns(url):
        return settings.endpoint
    return settings.book.owner(url)


def _stranger(url: str) -> Endpoint:
    parts = urlsplit(url)
    return Endpoint(parts.netloc, f"{parts.scheme}://{parts.netloc}", trusted=False)


def _repo(endpoint: Endpoint, url: str) -> LfsRepo:
    """The repository at the Hub that the server is for, so that it has the name that it has for a publish."""
    to = destination(url.removesuffix(_TAIL), endpoint) if url.endswith(_TAIL) else None
    return LfsAddress(endpoint, url) if to is None else to.repo
