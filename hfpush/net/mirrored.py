"""An endpoint together with the Hubs that may stand behind it: which addresses of theirs are its own. Pure.

A mirror carries a Hub's API, but its answers may name the Hub itself: in redirects, in links to the next page, in
addresses for completion and verification. Such an address is the same thing at the mirror.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from hfpush.endpoints import Endpoint


@dataclass(frozen=True)
class Mirrored:
    """`endpoint`, and the `hubs` that the user has trusted by name."""

    endpoint: Endpoint
    hubs: tuple[Endpoint, ...] = ()

    @classmethod
    def of(cls, endpoint: Endpoint, known: Iterable[Endpoint]) -> Mirrored:
        """The endpoint, with those of the known endpoints that are trusted Hubs."""
        hubs = (one for one in known if one.kind == "hub" and one.trusted and one.url != endpoint.url)
        return cls(endpoint, tuple(hubs))

    def owns(self, url: str) -> bool:
        """Whether the token may go to `url`: it is the endpoint's, or the endpoint is a trusted mirror and it is a
        trusted Hub's. An endpoint that calls itself a Hub stands for no other."""
        if self.endpoint.owns(url):
            return True
        return self.endpoint.kind != "hub" and self.endpoint.trusted and self.hub_of(url) is not None

    def hub_of(self, url: str) -> Endpoint | None:
        """The trusted Hub to which an address belongs, None if it is none's."""
        return next((hub for hub in self.hubs if hub.owns(url)), None)

    def here(self, url: str) -> str | None:
        """The address at the endpoint for one of a trusted Hub; None for one that is nobody's, or is here already."""
        hub = None if self.endpoint.owns(url) else self.hub_of(url)
        if hub is None:
            return None
        parts = urlsplit(url)
        rest = parts.path[len(urlsplit(hub.url).path) :]
        return f"{self.endpoint.url}{rest}" + (f"?{parts.query}" if parts.query else "")
