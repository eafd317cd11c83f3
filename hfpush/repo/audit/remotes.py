"""Which remotes of a repository are a Hub, so that their tracking refs tell what the Hub has. Pure.

A remote at another host does not count: what is there still has to travel to the Hub, and is looked at by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from hfpush.endpoints import Endpoint, RepoType

_HUB_HOSTS = frozenset({"huggingface.co", "www.huggingface.co", "hf.co"})
_WITH_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SCP_LIKE = re.compile(r"(?:[^@/:\s]+@)?([^/:\s]+):(?!//)(.*)", re.DOTALL)


def hub_remotes(remotes: Iterable[tuple[str, str]], endpoint: Endpoint) -> frozenset[str]:
    """The names among (name, URL) pairs whose URL belongs to `endpoint`, or to the Hub of Hugging Face, over HTTP(S) or
    SSH. User information in a URL is looked past: nothing is sent anywhere for this answer."""
    return frozenset(name for name, url in remotes if is_hub(url, endpoint))


def is_hub(url: str, endpoint: Endpoint) -> bool:
    """Whether a remote's URL is one of `endpoint`, or of the Hub of Hugging Face."""
    plain = _without_user(url)
    return endpoint.owns(plain) or _host_and_path(plain)[0] in _HUB_HOSTS


def type_of(url: str, endpoint: Endpoint) -> RepoType | None:
    """The type of repository that a Hub's URL names; None for a URL that is no Hub's."""
    if not is_hub(url, endpoint):
        return None
    plain = _without_user(url)
    path = plain[len(endpoint.url) :] if endpoint.owns(plain) else _host_and_path(plain)[1]
    first = path.lstrip("/").partition("/")[0]
    return "dataset" if first == "datasets" else "space" if first == "spaces" else "model"


def _without_user(url: str) -> str:
    match = _WITH_SCHEME.match(url)
    if match is None:
        return url
    authority, slash, path = url[match.end() :].partition("/")
    return match[0] + authority.rpartition("@")[2] + slash + path


def _host_and_path(url: str) -> tuple[str, str]:
    if _WITH_SCHEME.match(url):
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return "", ""
        return (host.lower(), parts.path) if parts.scheme.lower() in ("http", "https", "ssh", "git+ssh") else ("", "")
    match = _SCP_LIKE.fullmatch(url)
    return (match[1].lower(), match[2]) if match else ("", "")
