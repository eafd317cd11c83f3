"""Would Xet be used for this repository, and where would its bytes go?

hf_xet asks the endpoint for a token, and the answer names the host (CAS) that takes and gives the bytes. Connecting
there is asked like any other line.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.lfs import Xet
from hfpush.diagnose.probes.ask import ask, http_for
from hfpush.endpoints import Endpoint
from hfpush.endpoints.endpoint import origin
from hfpush.endpoints.repo_address import RepoAddress
from hfpush.errors import HfpushError
from hfpush.net.call import Call
from hfpush.net.network import Network
from hfpush.net.redact import place

_BRANCH = "main"


def ask_xet(
    endpoint: Endpoint, network: Network, token: str | None, question: Question, seconds: float
) -> tuple[Xet, tuple[Exchange, ...]]:
    """Whether a token for Xet is given, and the host that it is for; and the request by which that was asked, within
    `seconds`. Never raises. The token itself goes nowhere. Without a repository nothing is asked."""
    if not question.repo_id:
        return Xet(failure="not-asked"), ()
    kind = "read" if question.purpose == "fetch" else "write"
    try:
        address = RepoAddress.parse(endpoint, question.repo_id, question.repo_type)
        http = http_for(endpoint, network, token, seconds)
    except HfpushError as error:
        return Xet(failure=error.finding.reference, said=error.finding.message), ()
    with http:
        url = f"{address.api_url}/xet-{kind}-token/{_BRANCH}"
        exchange, body = ask("xet-token", http, Call("GET", url), seconds)
    return _read(exchange, body), (exchange,)


def _read(exchange: Exchange, body: bytes) -> Xet:
    xet = Xet(None, "", exchange.status, exchange.failure, said=exchange.said)
    if exchange.failure or exchange.status in (401, 403, 429) or exchange.status >= 500:
        return xet
    if exchange.status != 200:
        return replace(xet, offered=False)
    with suppress(ValueError, RecursionError):
        said = json.loads(body)
        cas = said.get("casUrl") if isinstance(said, dict) else None
        if isinstance(cas, str) and origin(cas) is not None:
            return replace(xet, offered=True, cas=place(cas))
    return replace(xet, failure="not-a-hub", said="the answer about Xet names no host")
