"""What git's configuration says about the network, as a value: proxies and CA files, for all URLs or for some. Pure.

The reader is repo/git_network.py. Here is how git chooses among its settings for one URL (git-config, `http.<url>.*`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from hfpush.findings import Finding
from hfpush.net.redact import redact

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class GitSetting:
    """One line of git's configuration: `http.<name>`, or `http.<scope>.<name>` where `scope` is a URL.

    `name` is in lower case; `file` and `line` say where it stands (a file may be something else in git's words, such
    as `command line:`; the line is 0 where it cannot be told).
    """

    name: str
    value: str = field(repr=False)
    scope: str | None = None
    file: str = ""
    line: int = 0
    written: str = ""
    """The key as git lists it, where it is another: `remote.origin.proxy`."""

    @property
    def key(self) -> str:
        """The key, as one would give it to `git config`; a password in its URL is left out."""
        if self.written and not self.written.startswith("http."):
            return redact(self.written)
        spelt = "sslCAInfo" if self.name == "sslcainfo" else self.name
        return redact(f"http.{self.scope}.{spelt}") if self.scope is not None else f"http.{spelt}"

    @property
    def place(self) -> str:
        """Key, file and line, to be shown."""
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{self.key} ({where})" if where else self.key


@dataclass(frozen=True)
class GitNetwork:
    """The settings of one repository, or of the user alone, in git's order: the later wins.

    `ignored` are CA files that a repository names inside itself, which do not count.
    """

    settings: tuple[GitSetting, ...] = ()
    ignored: tuple[GitSetting, ...] = ()

    def setting(self, name: str, url: str) -> GitSetting | None:
        """The setting that git uses for `url`: the one whose scope fits best, and of equals the last."""
        best: tuple[tuple[int, int, int], GitSetting] | None = None
        for setting in self.settings:
            if setting.name != name:
                continue
            fit = (0, 0, 0) if setting.scope is None else fits(setting.scope, url)
            if fit is not None and (best is None or fit >= best[0]):
                best = fit, setting
        return best[1] if best else None

    def proxy(self, url: str) -> GitSetting | None:
        """`http.proxy` for `url`; an empty value means that git goes straight."""
        return self.setting("proxy", url)

    def proxy_of_host(self, url: str) -> GitSetting | None:
        """As `proxy`, for the host of `url` whatever the path: what git has for a remote there, then for the URL, then
        for any path on that host, then for all hosts."""
        there = [s for s in self.settings if s.name == "proxy" and s.scope is not None and fits(_rooted(s.scope), url)]
        remotes = [setting for setting in there if setting.written.startswith("remote.")]
        if remotes:
            return remotes[-1]
        own = self.proxy(url)
        return own if not there or (own is not None and own.scope is not None) else there[-1]

    def all_of(self, name: str) -> tuple[GitSetting, ...]:
        """Every setting of this name that has a value, for whichever URL; each value once."""
        found = {setting.value: setting for setting in reversed(self.settings) if setting.name == name}
        return tuple(setting for value, setting in reversed(found.items()) if value)

    @property
    def ca_files(self) -> tuple[GitSetting, ...]:
        """`http.sslCAInfo`, for all URLs and for some: they add up."""
        return self.all_of("sslcainfo")

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What is set and does not count, for the user to know."""
        return tuple(
            Finding(
                "ca-file-in-repo",
                "A repository names certificates that lie inside itself; they are not trusted.",
                (f"{setting.place}: {setting.value}",),
                ("if you trust them: move the file elsewhere, and name it with: export SSL_CERT_FILE=<file>",),
                "note",
            )
            for setting in self.ignored
        )


def fits(scope: str, url: str) -> tuple[int, int, int] | None:
    """How well the URL of a `http.<url>.*` key fits `url` (length of host, of path, user named), None: it does not.

    As in git's urlmatch.c: the scheme and the port are the same, `*` stands for one label of a host, the path of the
    key is a prefix that ends where a part ends, and a user name in the key must be that of the URL.
    """
    theirs, ours = _parts(scope), _parts(url)
    if theirs is None or ours is None or theirs[:1] != ours[:1] or theirs[2] != ours[2]:
        return None
    labels, given = theirs[1].split("."), ours[1].split(".")
    if len(labels) != len(given) or any(a not in ("*", b) for a, b in zip(labels, given, strict=True)):
        return None
    path = theirs[3].rstrip("/")
    if ours[3] != path and not ours[3].startswith(f"{path}/"):
        return None
    if theirs[4] is not None and theirs[4] != ours[4]:
        return None
    return 1 + len(theirs[1]), len(path), int(theirs[4] is not None)


def _rooted(url: str) -> str:
    """Scheme, user, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _parts(url: str) -> tuple[str, str, int | None, str, str | None] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if not parts.scheme or not parts.hostname:
        return None
    user = unquote(parts.username) if parts.username is not None else None
    port = port if port is not None else _DEFAULT_PORTS.get(parts.scheme)
    return parts.scheme, parts.hostname.lower(), port, unquote(parts.path) or "/", user
