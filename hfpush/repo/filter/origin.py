"""From which LFS server a repository's objects come, by its settings. Pure.

The order is git-lfs's (docs/api/server-discovery, git-lfs-config): `lfs.url`, the remote's `lfsurl`, the .lfsconfig of
the repository, the remote's own URL. A .lfsconfig came with somebody's commits: it may choose another path at the
remote's own host, and no other host.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from hfpush.endpoints.endpoint import origin
from hfpush.errors import Misuse


@dataclass(frozen=True)
class LfsServer:
    """An LFS API: its URL, without user information, and the password that stood in the user's own URL, if one did."""

    url: str
    password: str | None = field(default=None, repr=False)


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
        return LfsServer(theirs.rstrip("/"), derived.password)
    return derived


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
    return LfsServer(clean, unquote(parts.password) if parts.password else None)


def _none(why: str) -> Misuse:
    return Misuse.of(
        "lfs-remote",
        "There is no remote from which the bytes of LFS files could be downloaded.",
        seen=(why,),
        to_try=(
            "git remote set-url origin https://huggingface.co/<owner>/<name>",
            "GIT_LFS_SKIP_SMUDGE=1 git checkout <branch>, which leaves the pointers",
        ),
    )
