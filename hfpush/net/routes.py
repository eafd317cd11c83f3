"""The one rule for how a URL is reached: straight, or through which proxy. Pure.

For each URL, the first of these that says something:

    1. loopback (127.0.0.0/8, ::1, localhost) is this machine itself: straight
    2. NO_PROXY and no_proxy, both together: straight (net/no_proxy.py says how they are read)
    3. the endpoint's own proxy (`hfpush endpoint add --proxy`)
    4. git's http.proxy or http.<url>.proxy, as git chooses it for this URL; an empty one means straight
    5. https_proxy, HTTPS_PROXY; for an http URL http_proxy, and HTTP_PROXY but not in a CGI program
    6. all_proxy, ALL_PROXY
    7. the proxy that git has for the endpoint's own host: a setting for the Hub alone holds for its storage
    8. nothing: straight

Empty variables are as good as unset. docs/network.md tells the same, and how each other tool reads these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from hfpush.endpoints.endpoint import Endpoint, origin
from hfpush.net.git_settings import GitNetwork, GitSetting
from hfpush.net.no_proxy import NoProxy, address_of
from hfpush.net.proxies import parse_proxy, password_in

RULE = tuple(line.strip() for line in (__doc__ or "").split("\n") if line.startswith("    "))
"""The rule as lines of text, to be printed."""

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_SECURE = ("https", "wss")


@dataclass(frozen=True)
class Route:
    """How a URL is reached. `proxy` is a URL in the spelling of `Proxy.url` (it may hold a password), None: straight.

    `why` names what decided, to be shown: a variable, a key of git's configuration with its file and line.
    """

    proxy: str | None = field(default=None, repr=False)
    why: str = "no proxy is set"

    @property
    def shown(self) -> str:
        """One phrase: `straight (no proxy is set)`, `through http://proxy:3128 (https_proxy)`."""
        how = "straight" if self.proxy is None else f"through {parse_proxy(self.proxy, self.why).shown}"
        return f"{how} ({self.why})"


STRAIGHT = Route()


@dataclass(frozen=True)
class _Named:
    """A proxy as it was given: by what, and how one changes it."""

    text: str = field(repr=False)
    by: str
    change: str = ""


@dataclass(frozen=True)
class Routes:
    """The rule, with everything that it looks at. Make it with `Routes.of`."""

    endpoint: Endpoint | None = None
    git: GitNetwork = field(default_factory=GitNetwork)
    variables: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    bypassed: NoProxy = field(default_factory=NoProxy)

    @classmethod
    def of(
        cls, environment: Mapping[str, str], *, endpoint: Endpoint | None = None, git: GitNetwork | None = None
    ) -> Routes:
        """The routes that the environment, the endpoint and git's settings make. Nothing in them is checked yet."""
        names = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
        if "REQUEST_METHOD" in environment:  # CGI: HTTP_PROXY is the client's header "Proxy"
            names.remove("HTTP_PROXY")
        given = tuple((name, value) for name in names if (value := environment.get(name, "").strip()))
        bypassed = NoProxy.of(environment.get("no_proxy", ""), environment.get("NO_PROXY", ""))
        return cls(endpoint, git or GitNetwork(), given, bypassed)

    def route(self, url: str) -> Route:
        """The way to `url`. Raises Misuse (`proxy-unusable`) when the proxy that it would go through is misspelt."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)
        except ValueError:  # whoever uses that URL says so
            return STRAIGHT
        if is_loopback(host):
            return Route(None, "this machine itself")
        entry = self.bypassed.bypasses(host, port)
        if entry is not None:
            return Route(None, f"NO_PROXY names {entry}")
        named = self._named(parts.scheme in _SECURE, url)
        if named is None:
            return STRAIGHT
        if not named.text:
            return Route(None, f"{named.by} is empty: no proxy")
        return Route(parse_proxy(named.text, named.by, named.change).url, named.by)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The passwords of all the proxies that are named, whether one is taken or not."""
        texts = [text for _, text in self.variables]
        texts += [setting.value for setting in self.git.settings if setting.name == "proxy"]
        texts += [self.endpoint.proxy] if self.endpoint is not None and self.endpoint.proxy is not None else []
        return tuple(password for text in texts if (password := password_in(text)))

    def _named(self, secure: bool, url: str) -> _Named | None:
        if self.endpoint is not None and self.endpoint.proxy is not None:
            return _Named(self.endpoint.proxy, f"the settings of the endpoint {self.endpoint.name}")
        hubs = self.endpoint is not None and origin(url) == origin(self.endpoint.url)
        own = self.git.proxy_of_host(url) if hubs else self.git.proxy(url)
        if own is not None:
            return _of_git(own)
        prefixes = ("https_", "all_") if secure else ("http_", "all_")
        for prefix in prefixes:
            for name, value in self.variables:
                if name.lower().startswith(prefix):
                    return _Named(value, name, f"set {name} to the right address, or unset it")
        if self.endpoint is not None:
            hub = self.git.proxy_of_host(self.endpoint.url)
            if hub is not None and hub.value:
                return _of_git(hub)
        return None


def is_loopback(host: str) -> bool:
    """Whether `host` (a name, or an address with or without brackets) is this machine itself."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = address_of(name)
    return address is not None and (address.is_loopback or address.is_unspecified)


def _of_git(setting: GitSetting) -> _Named:
    where = f"line {setting.line} of {setting.file}" if setting.line else setting.file or "git's configuration"
    return _Named(setting.value, setting.place, f"correct {setting.key} in {where}")
