"""What does an endpoint carry beside the API: the end of an upload, and its check?

A mirror that hands bodies on as they are names the Hub itself in them, or names itself and was not made for what comes
then. Both addresses are asked as git-lfs and its agent would, about an object that nobody has, so that nothing can come
to its end.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.lfs import Batch, Mirror, Put, Xet
from hfpush.diagnose.probes.ask import ask, http_for
from hfpush.diagnose.probes.batch import Offer
from hfpush.endpoints import Endpoint
from hfpush.errors import HfpushError
from hfpush.lfs.batch import HEADERS
from hfpush.net.call import Call
from hfpush.net.http import Http
from hfpush.net.network import Network

_NOT_CARRIED = (404, 405, 501)
_COMPLETION = {"oid": "", "parts": list[object]()}


def look_at_mirror(
    endpoint: Endpoint, network: Network, batch: Batch, offer: Offer | None, seconds: float
) -> Mirror | None:
    """What `endpoint` carries, within `seconds`; None for a Hub itself, whose answers name no other. Never raises."""
    mine = _host(endpoint.url)
    others = {_host(url) for url in (batch.complete, batch.verify) if url} - {mine}
    if endpoint.kind == "hub" and not others:
        return None
    data = _host(batch.storage) == mine if batch.storage else None
    control = batch.status == 200 if batch.status else None
    if offer is None:
        return Mirror(control, data)
    try:
        http = http_for(endpoint, network, None, seconds / 2)
    except HfpushError:  # what the Hub was asked with could not be used either, and told so
        return Mirror(control, data)
    with http:
        asked = _ends(http, offer, seconds / 2)
    lost = [one for one in asked if not _carried(one)]
    said = tuple(f"{one.what}: POST {one.url} {_said(one)}" for one in lost)
    return Mirror(control, data, not lost if asked else None, said=said)


def rounded_off(mirror: Mirror | None, endpoint: Endpoint, puts: Iterable[Put], xet: Xet | None) -> Mirror | None:
    """The same with what uploads and Xet have shown meanwhile: the first size that was refused as too large where the
    bytes go through the mirror, and whether Xet's do."""
    if mirror is None:
        return None
    refused = [put.size for put in puts if put.status == 413] if mirror.data else []
    carries = None if xet is None or not xet.cas else _host(xet.cas) == _host(endpoint.url)
    return replace(mirror, body_limit=min(refused, default=0), xet=carries)


def _ends(http: Http, offer: Offer, seconds: float) -> list[Exchange]:
    oid = os.urandom(32).hex()
    asked = []
    if offer.verify is not None:
        body = {"oid": oid, "size": 1}
        call = Call("POST", offer.verify.href, headers={**HEADERS, **offer.verify.headers}, json=body, signed=True)
        asked.append(ask("verify", http, call, seconds)[0])
    if offer.complete:
        url = re.split(r"[?#]", offer.complete, maxsplit=1)[0]  # without what tells which upload is meant
        call = Call("POST", url, headers=HEADERS, json={**_COMPLETION, "oid": oid}, signed=True)
        asked.append(ask("complete", http, call, seconds)[0])
    return asked


def _carried(one: Exchange) -> bool:
    """Whether a Hub answered: it says in JSON, or with a status of its own, that there is no such thing."""
    if one.failure or one.html:
        return False
    return one.status not in _NOT_CARRIED or "json" in one.kind.lower()


def _said(one: Exchange) -> str:
    return f"got no answer ({one.failure})" if one.failure else f"answered {one.status} ({one.kind or 'no type'})"


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()
