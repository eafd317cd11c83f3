"""One page of a listing, and the `Link` to the next. Pure but for the request's URL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from aiohttp import web

from hfpush.localhub.errors import HubError

T = TypeVar("T")


def number(request: web.Request, name: str, default: int, *, at_most: int) -> int:
    """A query parameter that must be a number, 0 or more; larger than `at_most` counts as that. Raises HubError 400."""
    text = request.query.get(name, "")
    if not text:
        return min(default, at_most)
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise HubError(400, f'"{name}" must be a number')
    return min(int(text), at_most)


def flag(request: web.Request, name: str) -> bool:
    """A query parameter that is a flag: `true` and `1`, in any case, are yes."""
    return request.query.get(name, "").lower() in ("true", "1")


def page(items: Sequence[T], *, start: int, size: int) -> tuple[Sequence[T], int | None]:
    """The items [start, start + size), and where the next page starts; None after the last."""
    stop = start + max(size, 1)
    return items[start:stop], stop if stop < len(items) else None


def next_link(request: web.Request, **changes: str) -> dict[str, str]:
    """The header that leads to this request's URL with some query parameters changed: absolute, as on the Hub."""
    return {"Link": f'<{request.url.update_query(changes)}>; rel="next"'}
