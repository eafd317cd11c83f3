"""Where an address in git's configuration leads, seen from the repository that is published: to its host, to itself, or
elsewhere. Pure; nothing is sent anywhere for these answers."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.endpoints.endpoint import origin

_HUB_HOSTS = frozenset({"huggingface.co", "www.huggingface.co", "hf.co"})
_SCP_LIKE = re.compile(r"(?:[^@/:\s]+@)?([^/:\s]+):(?!//)(.*)", re.DOTALL)


def without_user(url: str) -> str:
    """A URL without its user information; any other text as it is."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        return url
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def holds_secret(url: str) -> bool:
    """Whether an http(s) URL has a password, or a user name that is a token."""
    scheme, mark, rest = url.partition("://")
    user = rest.partition("/")[0].rpartition("@")[0] if mark else ""
    if scheme.lower() not in ("http", "https"):
        return False
    return bool(user.partition(":")[2]) or user.startswith("hf_")


def same_host(url: str, endpoint: Endpoint) -> bool:
    """Whether an address is at the endpoint's host, or, where the endpoint is the Hub or stands for it, at the Hub's
    own; plain http in place of TLS is another."""
    plain = without_user(url)
    if origin(plain) is not None and origin(plain) == origin(endpoint.url):
        return True
    mine, host = _host_and_path(endpoint.url)[0], _host_and_path(plain)[0]
    is_the_hubs = mine in _HUB_HOSTS or endpoint.kind in ("mirror", "relay")
    return is_the_hubs and host in _HUB_HOSTS and not plain.lower().startswith("http:")


def same_repository(url: str, repo: RepoAddress) -> bool:
    """Whether an address, of git or of its LFS API, is that of the repository itself."""
    if not same_host(url, repo.endpoint):
        return False
    host, path = _host_and_path(without_user(url))
    mine, prefix = _host_and_path(repo.endpoint.url)
    path = path.strip("/")
    if host == mine:
        path = path.removeprefix(prefix.strip("/")).lstrip("/")
    for ending in ("/info/lfs", ".git"):
        path = path.removesuffix(ending)
    return path == str(repo)


def reach(pattern: str, url: str) -> int | None:
    """How closely the URL in a setting's name fits an address, as for `http.<url>.*`: None where it does not, else a
    number that is higher for the closer one. A `*` in the host stands for one of its labels."""
    scheme, mark, rest = pattern.partition("://")
    theirs, theirs_mark, theirs_rest = url.partition("://")
    if not mark or not theirs_mark or scheme.lower() != theirs.lower():
        return None
    authority, _, path = rest.partition("/")
    their_authority, _, their_path = theirs_rest.partition("/")
    host = authority.rpartition("@")[2].lower()
    if not re.fullmatch(re.escape(host).replace(r"\*", "[^.]*"), their_authority.lower()):
        return None
    path = path.rstrip("/")
    if path and their_path != path and not their_path.startswith(path + "/"):
        return None
    return 1 + len(host) + len(path)


def _host_and_path(url: str) -> tuple[str, str]:
    """Host and path of an address, also of the form that ssh has; empty for what cannot be read."""
    match = _SCP_LIKE.fullmatch(url)
    if match and "://" not in url:
        return match[1].lower(), match[2]
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), parts.path
    except ValueError:
        return "", ""
