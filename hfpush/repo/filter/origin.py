"""From which LFS server a repository's objects come, by its settings. Pure.

The order is git-lfs's (docs/api/server-discovery, git-lfs-config): `lfs.url`, the remote's `lfsurl`, the .lfsconfig of
the repository, the remote's own URL. A .lfsconfig came with somebody's commits: it may choose another path at the
remote's own host, and no other host.

Which server git-lfs itself has asked, when it starts an agent of ours, is another question: there its order holds as
it is, and what a .lfsconfig chose elsewhere is told, so that no token of ours goes there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from hfpush.endpoints.endpoint import origin
from hfpush.errors import Misuse

_SSH = re.compile(r"(?:git\+)?ssh://(?:[^/@]*@)?([^/:@]+)(?::\d+)?/(.*)|(?:[^/:@]*@)?([^/:@]+):(?!//)([^/].*)")
_WEB_HOSTS = {"hf.co": "huggingface.co"}


@dataclass(frozen=True)
class LfsServer:
    """An LFS API: its URL, without user information, and the name and password that stood in the user's own URL, if
    they did.

    `foreign`: not the user but a .lfsconfig has chosen it, and at another host than the remote's.
    """

    url: str
    password: str | None = field(default=None, repr=False)
    foreign: bool = False
    user: str | None = None


def remote_of(settings: Mapping[str, str], branch: str | None) -> str:
    """The remote that objects are fetched from: the branch's, the only one there is, else `origin`."""
    chosen = settings.get(f"branch.{branch}.remote") if branch else None
    if chosen and chosen != ".":
        return chosen
    names = {
        key[len("remote.") : -len(".url")] for key in settings if key.startswith("remote.") and key.endswith(".url")
    }
    usual = settings.get("remote.lfsdefault") or "origin"
    return next(iter(names)) if len(names) == 1 else usual


def lfs_server(
    settings: Mapping[str, str], brought: Mapping[str, str], *, remote: str, remote_url: str | None
) -> LfsServer:
    """The server for downloads. `settings` are git's, `brought` those of .lfsconfig, `remote_url` the remote's URL as
    git would use it.

    Raises Misuse (`lfs-remote`) where there is none that speaks HTTP.
    """
    own = settings.get("lfs.url") or settings.get(f"remote.{remote}.lfsurl")
    if own:
        return _server(own)
    if remote_url is None:
        raise _none("the repository has no remote")
    derived = _server(remote_url, derived=True)
    theirs = brought.get("lfs.url") or brought.get(f"remote.{remote}.lfsurl")
    if theirs and origin(theirs.rstrip("/")) == origin(derived.url):
        return replace(derived, url=theirs.rstrip("/"))
    return derived


def asked_server(
    settings: Mapping[str, str], brought: Mapping[str, str], *, push: bool, remote: str, remote_url: str | None
) -> LfsServer:
    """The server that git-lfs asks, in its own order (endpoint_finder.go): of git's settings, over those of .lfsconfig.

    An ssh address stands for the https one of the same host, which is what such a server gives git-lfs. Raises Misuse
    (`lfs-remote`) as `lfs_server` does.
    """
    derived = _server(over_http(remote_url), derived=True) if remote_url else None
    keys = ("lfs.pushurl", "lfs.url", f"remote.{remote}.lfspushurl", f"remote.{remote}.lfsurl")
    for key in keys if push else keys[1::2]:
        if settings.get(key):
            return _server(over_http(settings[key]))
        if brought.get(key) and not key.endswith(".lfspushurl"):  # which git-lfs does not take from there
            url = _server(over_http(brought[key])).url
            at_home = derived is not None and origin(url) == origin(derived.url)
            return replace(derived, url=url) if derived is not None and at_home else LfsServer(url, foreign=True)
    if derived is None:
        raise _none("the repository has no remote")
    return derived


def over_http(url: str) -> str:
    """The https address of what an ssh address names; any other as it is. The Hub's ssh has a host of its own."""
    match = _SSH.fullmatch(url)
    if match is None:
        return url
    host, path = match[1] or match[3], match[2] or match[4]
    return f"https://{_WEB_HOSTS.get(host, host)}/{path}"


def _server(url: str, *, derived: bool = False) -> LfsServer:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _none("its address cannot be read") from None
    if parts.scheme not in ("http", "https"):
        raise _none(f"its address does not begin with http: {parts.scheme or 'a path, or an ssh address'}")
    host = parts.netloc.rpartition("@")[2]
    path = parts.path.rstrip("/")
    if derived:
        path = f"{path}/info/lfs" if path.endswith(".git") else f"{path}.git/info/lfs"
    clean = f"{parts.scheme}://{host}{path}"
    if not host or origin(clean) is None:
        raise _none("its address cannot be read in one way only")
    user, password = (unquote(given) if given else None for given in (parts.username, parts.password))
    return LfsServer(clean, password, user=user)


def _none(why: str) -> Misuse:
    return Misuse.of(
        "lfs-remote",
        "There is no server for the bytes of LFS files that hfpush could speak to.",
        seen=(why,),
        to_try=(
            "git remote set-url origin https://huggingface.co/<owner>/<name>",
            "GIT_LFS_SKIP_SMUDGE=1 git checkout <branch>, which leaves the pointers",
        ),
    )
