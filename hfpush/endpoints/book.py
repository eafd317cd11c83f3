"""All the endpoints that a run knows: ours, the user's own, and which of them is in use. A value; who reads and writes
it is settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

from hfpush.endpoints.address import parse_address
from hfpush.endpoints.endpoint import Endpoint
from hfpush.endpoints.known import HF, KNOWN, endpoint_of, unknown

AUTO = "auto"
"""In place of an endpoint's name: take the best there is."""
Keeper = Literal["keyring", "file"]
"""Where a secret is kept: the desktop's keyring, or a file of the user's alone."""


@dataclass(frozen=True)
class Entry:
    """What the user's file says of one endpoint: the endpoint as it is with that, and who keeps its token, if anybody
    does. `added` is False for one of ours, of which the user has changed something."""

    endpoint: Endpoint
    token: Keeper | None = None
    proxy_secret: Keeper | None = None
    added: bool = True


@dataclass(frozen=True)
class Book:
    """The user's `entries` by name, over those we ship. `use` is a name, a URL, `auto`, or None: nothing is said."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    use: str | None = None

    def __iter__(self) -> Iterator[Endpoint]:
        """Every endpoint with a name, ours first."""
        yield from (self.named(name) for name in self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that stands for an endpoint, ours first."""
        return (*KNOWN, *(name for name in self.entries if name not in KNOWN))

    def named(self, name: str) -> Endpoint:
        """The endpoint of a name. Raises Misuse (`endpoint-unknown`)."""
        if name in self.entries:
            return self.entries[name].endpoint
        if name in KNOWN:
            return KNOWN[name]
        raise unknown(name, self.names)

    def find(self, text: str) -> Endpoint:
        """The endpoint that a user named, by its name or its URL. A URL that is nobody's is an endpoint without the
        user's trust, unless it leads to this machine. Raises Misuse."""
        if "://" not in text:
            return self.named(text)
        url = parse_address(text).url
        for endpoint in self:
            if endpoint.url == url:
                return endpoint
        return endpoint_of(text)

    def owner(self, url: str) -> Endpoint | None:
        """The endpoint to which a URL belongs, the one with the longest path prefix; None if it is nobody's."""
        owners = [endpoint for endpoint in self if endpoint.owns(url)]
        return max(owners, key=lambda endpoint: len(urlsplit(endpoint.url).path), default=None)

    def entry(self, name: str) -> Entry:
        """What is noted of an endpoint, also of one of ours that nothing is noted of. Raises Misuse."""
        return self.entries.get(name) or Entry(self.named(name), added=False)

    def with_entry(self, entry: Entry) -> Book:
        """The book with this entry in place of what it had under its name."""
        return replace(self, entries={**self.entries, entry.endpoint.name: entry})

    def without(self, name: str) -> Book:
        """The book without an entry; one that was in use is so no longer."""
        left = {key: entry for key, entry in self.entries.items() if key != name}
        return Book(left, None if self.use == name else self.use)

    def candidates(self, *, with_token: bool) -> tuple[Endpoint, ...]:
        """Where a run may go that was told no endpoint: the Hub, and every other way to it that we know of.

        A Hub of the user's own is no way to *the* Hub: it is another place, with other repositories, and is taken only
        where it is named. `with_token`: only those that the user has trusted.
        """
        ways = [endpoint for endpoint in self if endpoint.name == HF.name or endpoint.kind != "hub"]
        return tuple(endpoint for endpoint in ways if endpoint.trusted or not with_token)
