"""A request, as a value. How it is sent is net/http.py's business, where it goes next is net/redirects.py's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hfpush.net.body import SliceBody


@dataclass(frozen=True)
class Call:
    """A request. `url` may be signed (`signed=True`): then no token is added and it is never shown.

    `body` is called for each sending, so that a redirect sends it from its first byte again. With `basic` the token
    goes along as a password, which is how the Hub's documentation has git send it. `bare` is a call without a token
    wherever it goes: another host's redirect has named the address. One that `stays` is not followed away from the
    endpoint: the redirect that leads there is its answer.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = None
    data: bytes | None = field(default=None, repr=False)
    body: Callable[[], SliceBody] | None = None
    params: Mapping[str, str] | None = None
    signed: bool = False
    stream: bool = False
    answer_seconds: float | None = None
    basic: bool = False
    bare: bool = False
    stays: bool = False
