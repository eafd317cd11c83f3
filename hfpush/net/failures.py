"""What an answer that is not a success means, and what a caller may do about it. Pure.

Two kinds of servers answer us: the Hub (JSON, `X-Error-Code`, `X-Error-Message`) and its storage (S3-like XML).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hfpush.errors import HfpushError, LeaseExpired, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.net.redact import place, redact
from hfpush.net.repo_refusals import forbidden, gated, missing, repository_in, unauthorized
from hfpush.net.server_clock import clocks_differ
from hfpush.net.waits import asked_wait
from hfpush.units import duration

_XML = re.compile(r"<(Code|Message)>([^<]{1,400})</\1>")
_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
_GONE_UPLOAD = {"NoSuchUpload", "NoSuchKey", "InvalidPart", "InvalidPartOrder"}
_EXPIRED = {"ExpiredToken", "ExpiredRequest", "RequestExpired"}  # with a 400 from some
_PASSING_CODES = {
    *("RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeTooSlow"),
    "OperationAborted",  # S3: another operation on the same object is under way, "try again"
}


@dataclass(frozen=True)
class Answer:
    """What is left of an HTTP answer when only its head and the beginning of its body are kept."""

    method: str
    url: str = field(repr=False)
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: str = field(default="", repr=False)
    signed: bool = False  # the URL was signed: the answer speaks of a lease, not of a token
    with_token: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)  # a server may echo what we sent
    proxy: str = ""  # the variable or setting with the proxy that was asked, for plain http

    def seen(self) -> str:
        """One line of evidence."""
        said = said_by(self)
        return f"{self.method} {place(self.url)} answered {self.status}" + (f": {said}" if said else "")


def said_by(answer: Answer) -> str:
    """The server's own words in an answer, shortened and safe to print; empty when it said nothing readable."""
    words = answer.headers.get("X-Error-Message", "")
    kind = answer.headers.get("Content-Type", "")
    if not words and "json" in kind:
        words = _json_message(answer.body)
    if not words and "<Code>" in answer.body:
        words = ": ".join(value for _, value in _XML.findall(answer.body))
    if not words and "html" in kind:
        words = "an HTML page"
    return redact(" ".join((words or "").split()), *answer.secrets)[:500]


def _json_message(body: str) -> str:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(data, dict):
        return ""
    error = data.get("error") or data.get("message") or ""
    if isinstance(error, list):
        return "; ".join(str(item) for item in error)
    return str(error)


def failure_of(answer: Answer, *, now: float) -> HfpushError:
    """The error that an answer other than a 2xx amounts to. `now` is unix time."""
    if answer.status == 407:
        failure: HfpushError = proxy_login((answer.seen(),), answer.proxy)
    else:
        failure = _storage_failure(answer, now) if answer.signed else _hub_failure(answer, now)
    failure.status = answer.status
    return failure


def proxy_login(seen: tuple[str, ...], named: str = "") -> Refused:
    """The error for a 407, in an answer or to a CONNECT; `named` is the variable or setting with the proxy."""
    return Refused.of(
        "proxy-login",
        "The proxy wants a user name and a password, or others than it got.",
        seen=seen,
        to_try=(
            f"write them into {named or 'HTTPS_PROXY'} as http://USER:PASSWORD@host:port, with @ : / as %40 %3A %2F",
        ),
    )


def _passing(answer: Answer, now: float, reference: str, message: str) -> Unavailable:
    wait = asked_wait(answer.headers, now)
    asked = () if wait is None else (f"it asks us to wait {duration(wait)}",)
    remedy = ("run the same command again in a while; it goes on where it was",)
    return Unavailable(Finding(reference, message, (answer.seen(), *asked), remedy), retry_after=wait)


def _storage_failure(answer: Answer, now: float) -> HfpushError:
    code = next((value for name, value in _XML.findall(answer.body) if name == "Code"), "")
    seen = (answer.seen(),)
    clocks = clocks_differ(answer.headers, now)
    if code == "RequestTimeTooSkewed":
        return _clock_skewed(seen, clocks)
    if answer.status == 507 or code == "InsufficientStorage":
        return Refused.of(
            "storage-full",
            "The storage server has no room left.",
            seen=seen,
            to_try=("tell its owner; then run the same command again",),
        )
    if answer.status in _TRANSIENT or code in _PASSING_CODES:
        return _passing(answer, now, "storage-unavailable", "The storage server does not take data at the moment.")
    if answer.status in (401, 403, 404, 410) or code in _GONE_UPLOAD | _EXPIRED:
        told = seen if clocks is None else (*seen, clocks)
        return LeaseExpired(Finding("lease-refused", "The storage server no longer takes the upload lease.", told))
    if 300 <= answer.status < 400:
        return Refused.of(
            "redirect-refused", "The storage server sends us in circles or to an unexpected place.", seen=seen
        )
    return Refused.of("storage-refused", "The storage server refuses the upload.", seen=seen)


def _clock_skewed(seen: tuple[str, ...], clocks: str | None) -> Refused:
    if clocks is None:  # the Hub signs, and not we: where ours agrees with the storage's, it is the Hub's that does not
        return Refused.of(
            "clock-skewed",
            "The Hub's clock, by which it signs URLs, and its storage's are too far apart: every URL is refused.",
            seen=seen,
            to_try=("tell the Hub's owner; this machine's clock is right", "or use another endpoint with --endpoint"),
        )
    return Refused.of(
        "clock-skewed",
        "This machine's clock is too far from the storage server's, which refuses every signed URL.",
        seen=(*seen, clocks),
        to_try=("set the clock (for example: timedatectl set-ntp true)",),
    )


def _hub_failure(answer: Answer, now: float) -> HfpushError:
    code = answer.headers.get("X-Error-Code", "")
    seen = (answer.seen(),)
    if answer.status in _TRANSIENT:
        name = "rate-limited" if answer.status == 429 else "hub-unavailable"
        text = (
            "The Hub asks us to slow down."
            if answer.status == 429
            else "The Hub does not answer properly at the moment."
        )
        return _passing(answer, now, name, text)
    named, said = repository_in(answer.url), said_by(answer)
    if code == "GatedRepo":
        return gated(named, said, seen, with_token=answer.with_token)
    if answer.status == 401:
        return unauthorized(named, seen, with_token=answer.with_token)
    if answer.status == 403:
        return forbidden(named, said, seen, reading=answer.method in ("GET", "HEAD"))
    if answer.status in (404, 410):
        return missing(named, code, seen, with_token=answer.with_token)
    if answer.status == 413:
        return Refused.of("request-too-large", "A server on the way refuses requests of this size.", seen=seen)
    if answer.status == 507:
        return Refused.of("storage-full", "The Hub has no room left for this repository.", seen=seen)
    if 300 <= answer.status < 400:
        return Refused.of(
            "redirect-refused",
            "The endpoint sends us in circles or to an unexpected place.",
            seen=seen,
            to_try=("check the endpoint's URL",),
        )
    return Refused.of("hub-refused", "The Hub refuses the request.", seen=seen)
