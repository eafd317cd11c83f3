"""Signed URLs: presigned storage URLs in the form of S3, completion URLs, and tickets for verify.

A signature is an HMAC-SHA256 over method, path and all other query parameters, keyed by a secret of this Hub that is
kept under its root (mode 0600), so that URLs outlive a restart. It is not AWS's own algorithm: nobody needs to
recompute it.
"""

from __future__ import annotations

import base64
import calendar
import hashlib
import hmac
import math
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

_EXACT_BELOW = 60.0
TICKET_USER = "lfs-ticket"


class BadSignature(Exception):
    """The URL was not made by this Hub, or was changed on its way."""


@dataclass(frozen=True)
class Expired(Exception):
    """The URL was good until `until` (seconds since the epoch); its `lifetime` is as it says itself."""

    until: float
    now: float
    lifetime: str


@dataclass(frozen=True)
class Signer:
    """Makes and checks signed URLs. `clock` is seconds since the epoch."""

    clock: Callable[[], float]
    secret: bytes = field(repr=False)

    def presign(self, method: str, url: str, lifetime: float, params: Mapping[str, str], *, age: float = 0.0) -> str:
        """`url` (no query) with a query that allows `method` on it for `lifetime` seconds, counted from `age` ago."""
        now = self.clock() - age
        stamp = math.floor(now)
        # S3 counts whole seconds from a date in whole seconds; a short life is kept exact, for tests of expiry.
        expires = f"{lifetime + now - stamp:.3f}" if lifetime < _EXACT_BELOW else f"{lifetime:.0f}"
        date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(stamp))
        encoded = (
            f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Credential=LOCALHUB%2F"
            f"{date[:8]}%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date={date}&X-Amz-Expires={expires}"
            f"&X-Amz-SignedHeaders=host&{urlencode(params, quote_via=quote)}"
        )
        path = "/" + url.split("://", 1)[-1].partition("/")[2]
        return f"{url}?{encoded}&X-Amz-Signature={self._sign(method, path, encoded)}"

    def check(self, method: str, raw_path: str, raw_query: str) -> dict[str, str]:
        """The query parameters of a presigned URL. Raises BadSignature, Expired."""
        encoded, _, signature = raw_query.rpartition("&X-Amz-Signature=")
        if not hmac.compare_digest(self._sign(method, raw_path, encoded).encode(), signature.encode()):
            raise BadSignature
        params = dict(parse_qsl(encoded, keep_blank_values=True))
        date = params["X-Amz-Date"]
        issued = calendar.timegm(tuple(int(date[at : at + 2 + 2 * (at == 0)]) for at in (0, 4, 6, 9, 11, 13)))
        until, now = issued + float(params["X-Amz-Expires"]), self.clock()
        if now > until:
            raise Expired(until, now, params["X-Amz-Expires"])
        return params

    def completion(self, base: str, upload_id: str, *, bucket: str, prefix: str, lifetime: float) -> str:
        """The URL that ends a multipart upload, good for `lifetime` seconds and for nothing else."""
        expiration = formatdate(self.clock() + lifetime, usegmt=True)
        query = {"uploadId": upload_id, "bucket": bucket, "prefix": prefix, "expiration": expiration}
        encoded = urlencode(query, quote_via=quote)
        signature = self._sign("POST", "/api/complete_multipart", encoded)
        return f"{base}/api/complete_multipart?{encoded}&signature={signature}"

    def check_completion(self, raw_query: str) -> dict[str, str]:
        """The query parameters of a completion URL. Raises BadSignature, Expired."""
        encoded, _, signature = raw_query.rpartition("&signature=")
        wanted = self._sign("POST", "/api/complete_multipart", encoded)
        if not hmac.compare_digest(wanted.encode(), signature.encode()):
            raise BadSignature
        params = dict(parse_qsl(encoded, keep_blank_values=True))
        until, now = parsedate_to_datetime(params["expiration"]).timestamp(), self.clock()
        if now > until:
            raise Expired(until, now, params["expiration"])
        return params

    def ticket(self, repo: str, lifetime: float) -> str:
        """An Authorization value that verifies objects of one repository, in place of the caller's own."""
        until = f"{self.clock() + lifetime:.0f}"
        password = f"{until}.{self._sign('VERIFY', repo, until)}"
        return "Basic " + base64.b64encode(f"{TICKET_USER}:{password}".encode()).decode()

    def is_ticket(self, authorization: str, repo: str) -> bool:
        """Whether an Authorization value is a living ticket for this repository."""
        try:
            user, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode("ascii").partition(":")
            until, _, signature = password.partition(".")
            alive = float(until) >= self.clock()
        except ValueError:
            return False
        good = hmac.compare_digest(self._sign("VERIFY", repo, until).encode(), signature.encode())
        return user == TICKET_USER and alive and good

    def _sign(self, method: str, path: str, query: str) -> str:
        return hmac.new(self.secret, f"{method}\n{path}\n{query}".encode(), hashlib.sha256).hexdigest()


def load_secret(file: Path) -> bytes:
    """The 32 bytes kept in `file`; made, with mode 0600, if it is not there yet."""
    try:
        return bytes.fromhex(file.read_text())
    except FileNotFoundError:
        secret = secrets.token_bytes(32)
        aside = file.with_suffix(".new")
        aside.touch(mode=0o600)
        aside.write_text(secret.hex())
        aside.replace(file)
        return secret
