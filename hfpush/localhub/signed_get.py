"""Signed URLs for the bytes of an object: how long they live and how often they serve, which faults may shorten."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from aiohttp import web

from hfpush.localhub.appkeys import CONFIG, ORIGINS, SIGNER
from hfpush.localhub.shaping import take

USES = "x-uses"
"""Query parameter of a URL that can be used so often, and never again: the number, and one that makes it unique."""
DEAD_FOR = 3600.0
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Life:
    """The life of signed URLs: `lifetime` seconds from `age` ago, of which the answer says `expires_in`; `uses` of
    them, None for any number."""

    lifetime: float
    expires_in: int
    age: float = 0.0
    uses: int | None = None


def life_of(request: web.Request) -> Life:
    """The life of the URLs that this answer gives."""
    short, worn = take(request, "short_lease"), take(request, "worn_lease")
    lifetime = short.seconds if short else request.app[CONFIG].url_ttl
    return Life(
        lifetime,
        expires_in=max(1, math.ceil(lifetime)),
        age=lifetime + DEAD_FOR if take(request, "expired_lease") else 0.0,
        uses=worn.uses if worn else None,
    )


def object_url(request: web.Request, path: str, life: Life) -> str:
    """A URL that gives the bytes of the object at that path of the storage."""
    params = {"x-id": "GetObject"}
    if life.uses is not None:
        params[USES] = f"{life.uses}-{next(_numbers)}"
    url = request.app[ORIGINS].storage + path
    return request.app[SIGNER].presign("GET", url, life.lifetime, params, age=life.age)
