"""Where a redirect leads, and what of the request goes along. Decides only; net/http.py follows."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from urllib.parse import quote, urljoin, urlsplit

from hfpush.endpoints.endpoint import origin
from hfpush.errors import Refused
from hfpush.net.call import Call
from hfpush.net.half import mirror_half
from hfpush.net.mirrored import Mirrored
from hfpush.net.redact import place

STATUSES = (301, 302, 303, 307, 308)
_HANDED_OVER = (307, 308)  # the same request to another place; the others lead a person to a page
_CREDENTIALS = {"authorization", "cookie", "proxy-authorization"}
_PLACE = re.compile(r"[A-Za-z0-9._~:\[\]-]+", re.ASCII)  # no user either: nobody logs in by a redirect
_AS_IT_IS = "%/:?#[]@!$&'()*+,;=~"


def redirected(call: Call, status: int, location: str, mirrored: Mirrored) -> Call:
    """The call that follows `call`, which `status` (one of STATUSES) redirected to `location`.

    The method stays, but for 303, which asks for a GET; credentials in the headers stay behind when the host changes.
    Raises Refused where following would be wrong: an address that is no http(s) URL, the step from TLS to plain
    http, and a write to the endpoint that is handed over to another host, where it would lose the token or leak it
    (`mirror-half`), unless that is the Hub for which the endpoint stands.

    Whoever is not the endpoint chooses no request that is made in the user's name: what another host sends on goes
    without the token, also back to the endpoint.
    """
    target = _target(call.url, location)
    here, there = origin(call.url), origin(target) if target is not None else None
    if target is None or there is None:
        raise _refused(call, status, "an address that cannot be used")
    if call.url.lower().startswith("https:") and there[0] == "http":
        raise _refused(call, status, f"{place(target)}, without TLS")
    writes = call.method not in ("GET", "HEAD")
    if writes and not call.signed and mirrored.owns(call.url) and not mirrored.owns(target):
        if here != there and (status in _HANDED_OVER or mirrored.hub_of(target)):
            seen = f"{call.method} {place(call.url)} answered {status}: to {place(target)}"
            error = Refused(mirror_half(mirrored, call.url, target, (seen,)))
            error.status = status
            raise error
        raise _refused(call, status, f"{place(target)}, another host, which must not get what is meant for this one")
    following = replace(call, url=target, params=None, bare=call.bare or not mirrored.owns(call.url))
    if here != there:
        kept = {name: value for name, value in call.headers.items() if name.lower() not in _CREDENTIALS}
        following = replace(following, headers=kept)
    if status == 303 and writes:
        following = replace(following, method="GET", json=None, data=None, body=None)
    return following


def circles(call: Call, last: str, times: int) -> Refused:
    """The error for a redirect too many; `last` is where it led."""
    return _error(
        "The endpoint sends us in circles.",
        f"{call.method} {place(call.url)} was redirected {times} times, last to {place(last)}",
    )


def _target(url: str, location: str) -> str | None:
    with suppress(UnicodeError):  # header bytes reach us as latin-1, and mostly are UTF-8
        location = location.encode("latin-1").decode("utf-8")
    try:
        target = urljoin(url, location.strip())
        return quote(target, safe=_AS_IT_IS) if _PLACE.fullmatch(urlsplit(target).netloc) is not None else None
    except ValueError:
        return None


def _refused(call: Call, status: int, where: str) -> Refused:
    seen = f"{call.method} {place(call.url)} answered {status}: to {where}"
    error = _error("The endpoint sends us to an unexpected place.", seen)
    error.status = status
    return error


def _error(message: str, seen: str) -> Refused:
    again = "check the endpoint's URL, and what stands between it and this machine"
    return Refused.of("redirect-refused", message, seen=(seen,), to_try=(again,))
