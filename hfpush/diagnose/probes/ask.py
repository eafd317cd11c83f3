"""One request as it is looked at by doctor: whatever comes of it is an answer, and nothing is an error.

Redirects are followed here, at most five, so that each step is seen. A token goes along only where net/http.py lets it.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from hfpush.diagnose.facts.http import Asked, Exchange
from hfpush.diagnose.facts.ways import line_name
from hfpush.endpoints import Endpoint
from hfpush.errors import HfpushError
from hfpush.net.call import Call
from hfpush.net.direct import Reply
from hfpush.net.failures import Answer, said_by
from hfpush.net.http import Http
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.net.proxies import parse_proxy
from hfpush.net.redact import place, redact
from hfpush.net.redirects import STATUSES, redirected
from hfpush.net.server_clock import moment_of
from hfpush.net.waits import asked_wait

T = TypeVar("T")
MOST_REDIRECTS = 5
_CONNECT_SECONDS = 4.0
_PORTS = {"http": 80, "https": 443}
_PAGE = re.compile(rb"(?i)\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.DOTALL)
_LOGIN = re.compile(
    rb"(?i)type\s*=\s*[\"']?password|captive\s*portal|<form\b[^>]*(?:log-?in|sign-?in|auth|accept|portal)"
    rb"|<title>[^<]*(?:log\s?-?in|sign\s?-?in|hotspot|portal|access denied by)|http-equiv\s*=\s*[\"']?refresh"
)


@dataclass(frozen=True)
class Failed:
    """What kept a piece of work from ending: the finding's reference and its words."""

    reference: str
    said: str


def http_for(endpoint: Endpoint, network: Network, token: str | None, seconds: float, user: str | None = None) -> Http:
    """What requests to `endpoint` are sent with; the token is left out where the user has not trusted it. Raises Misuse
    for a token that no header can hold, a proxy or a CA file that cannot be used."""
    patience = Patience(min(_CONNECT_SECONDS, seconds), seconds, seconds, seconds)
    trusted = token if endpoint.trusted else None
    return Http(endpoint, trusted, user=user, network=replace(network, patience=patience), connections=8)


def ask(what: Asked, http: Http, call: Call, seconds: float) -> tuple[Exchange, bytes]:
    """One request, the redirects it is answered with, and the beginning of the last answer's body. Never raises, and
    is back after `seconds`, whatever happens."""
    begun = time.monotonic()
    known = Exchange(what, _line(http, call.url), place(call.url), with_token=_with_token(http, call))
    steps: list[tuple[Call, Reply]] = []
    done = within(seconds, lambda: _followed(http, call, steps))
    took = time.monotonic() - begun
    exchange, body = known, b""
    if steps:
        exchange, body = _read(known, steps, http)
    if isinstance(done, Failed):
        exchange = replace(exchange, failure=done.reference, said=done.said)
    return replace(exchange, seconds=round(took, 3)), body


def within(seconds: float, work: Callable[[], T]) -> T | Failed:
    """What `work` returns, or why it did not: its error, or `stalled` where it did not end within `seconds`; it is
    left to itself then."""
    found: list[T | Failed] = []

    def run() -> None:
        try:
            found.append(work())
        except HfpushError as error:
            said = (error.finding.message, *error.finding.evidence[:1])
            found.append(Failed(error.finding.reference, " ".join(said)))
        except Exception as error:  # noqa: BLE001  # what a hostile answer does to a library: told, never a traceback
            found.append(Failed("not-a-hub", redact(f"{type(error).__name__}: {error}")[:300]))

    thread = threading.Thread(target=run, name="ask", daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else Failed("stalled", f"there was no answer within {seconds:g} s")


def _followed(http: Http, call: Call, steps: list[tuple[Call, Reply]]) -> None:
    hop = call
    for _ in range(MOST_REDIRECTS + 1):
        reply = http.answered(hop)
        steps.append((hop, reply))
        location = reply.headers.get("Location")
        if reply.status not in STATUSES or location is None:
            return
        hop = redirected(hop, reply.status, location, http.mirrored)


def _read(known: Exchange, steps: list[tuple[Call, Reply]], http: Http) -> tuple[Exchange, bytes]:
    call, reply = steps[-1]
    headers = reply.headers
    kind = redact(headers.get("Content-Type", ""))[:100]
    html = "html" in kind.lower() or _PAGE.match(reply.body) is not None
    places = [_target(one.url, answer.headers["Location"]) for one, answer in steps if _leads(answer)]
    again = len(places) > MOST_REDIRECTS or len(set(places)) < len(places) or place(call.url) in places[-1:]
    now = time.time()
    answer = Answer(
        call.method, call.url, reply.status, headers, reply.body.decode("utf-8", "replace"), secrets=http.secrets
    )
    secure = call.url.lower().startswith("https:")
    last = places[-1] if places else ""
    read = replace(
        known,
        status=reply.status,
        kind=kind,
        server=redact(headers.get("Server", ""))[:100],
        code=redact(headers.get("X-Error-Code", ""))[:100],
        said=said_by(answer),
        html=html,
        login=html and _LOGIN.search(reply.body) is not None,
        ahead=_ahead(headers.get("Date", ""), headers.get("Age", ""), now),
        redirects=tuple(places),
        loop=_leads(reply) and again,
        insecure=last if secure and last.startswith("http:") else "",
        retry_after=asked_wait(headers, now) if reply.status >= 400 else None,
        rate_limit=redact(headers.get("RateLimit", ""))[:100],
    )
    return read, reply.body


def _leads(reply: Reply) -> bool:
    return reply.status in STATUSES and "Location" in reply.headers


def _target(url: str, location: str) -> str:
    try:
        return place(urljoin(url, location.strip()))[:500]
    except ValueError:
        return place(location)[:500]


def _ahead(date: str, age: str, now: float) -> float | None:
    """By how much our clock is ahead of the server's; None where the answer was kept somewhere on its way, and its date
    is that of long ago."""
    theirs = moment_of(date)
    return None if theirs is None or age.strip() not in ("", "0") else round(now - theirs, 1)


def _with_token(http: Http, call: Call) -> bool:
    return bool(http.secrets) and not (call.bare or call.signed) and http.mirrored.owns(call.url)


def _line(http: Http, url: str) -> str:
    """The name of the line by which we go to `url`; empty where there is none."""
    try:
        parts = urlsplit(url)
        route = http.way(url)
        via = "" if route.proxy is None else parse_proxy(route.proxy, route.why).shown
        return line_name(parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 443), via)
    except (HfpushError, ValueError):
        return ""
