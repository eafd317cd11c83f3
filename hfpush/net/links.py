"""The `Link` header, read: where the next page is."""

from __future__ import annotations

from requests.utils import parse_header_links


def next_page(link: str) -> str | None:
    """The `rel="next"` URL of a Link header, or None."""
    for item in parse_header_links(link) if link else []:
        if item.get("rel") == "next":
            return item.get("url")
    return None
