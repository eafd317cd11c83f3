"""One request, one answer or one error: the session that everything on the client side speaks through.

Here are the time limits, proxies and trust as `Network` says, bounded redirects, and the rule that
a token goes only where `Endpoint.owns` says. Trying again is net/retry.py's business.
"""

from __future__ import annotations

import json
import os
import time
from base64 import b64encode
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from hfpush.endpoints import Endpoint
from hfpush.errors import Damaged, HfpushError, Misuse, Unavailable
from hfpush.findings import Finding
from hfpush.net.call import Call
from hfpush.net.direct import Direct, Reply, read_bounded
from hfpush.net.failures import Answer, failure_of
from hfpush.net.lines import Lines
from hfpush.net.mirrored import Mirrored
from hfpush.net.network import Network
from hfpush.net.outages import network_failure
from hfpush.net.pool import Adapter
from hfpush.net.redact import place, redact
from hfpush.net.redirects import STATUSES, circles, redirected
from hfpush.net.routes import Route, Routes
from hfpush.net.session import Session
from hfpush.net.ways import Ways

__all__ = ["Call", "Http", "Network", "network_failure"]

NOT_A_HUB_TRIES = 3
"""A page in place of an answer may be one bad moment of something in between; a wrong address stays wrong."""
_AGENT = "hfpush"
_MAX_REDIRECTS = 5
_BODY_EXCERPT = 64 * 1024
_MAX_ANSWER = 64 * 1024 * 1024
_CAUGHT = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError)


class Http:
    """Connections to one endpoint and its storage. Safe to use from several threads.

    `token` is sent only to URLs that `endpoint` owns, or a trusted Hub for which it stands (net/mirrored.py). With
    `user` it is a password, and always goes along as that user's. Nothing here waits without a bound.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        token: str | None = None,
        *,
        user: str | None = None,
        network: Network | None = None,
        connections: int = 64,
    ) -> None:
        self.endpoint = endpoint
        self.network = network or Network()
        self.mirrored = Mirrored.of(endpoint, self.network.known)
        self.patience = self.network.patience
        if token and user is None and not all(33 <= ord(letter) <= 126 for letter in token):
            raise Misuse.of("token-malformed", "The token holds characters that no token has.")
        self._token, self._user = token, user
        routes = self.network.routes or Routes.of(os.environ, endpoint=endpoint)
        self._ways = Ways(routes, self.network.ca_bundle)
        self._session = Session(self._ways)
        self._session.auth = _no_netrc
        self._session.headers.update({"User-Agent": _AGENT, "Accept-Encoding": "identity"})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # nobody's cookies
        lines = self.network.lines or (Lines(trace=self.network.trace) if self.network.trace else None)
        if lines is not None:
            lines.homes.add(urlsplit(endpoint.url).hostname or "")
            if lines.trace is not None:
                lines.trace.keep_secret(token)
                lines.trace.endpoint(endpoint.name, endpoint.url, endpoint.kind, trusted=endpoint.trusted)
        adapter = Adapter(connections=connections, idle_seconds=self.patience.idle, ways=self._ways, lines=lines)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._direct = Direct(adapter)

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, call: Call) -> requests.Response:
        """The answer to `call`, a 2xx (if it `stays`, perhaps a redirect elsewhere), after at most five redirects, its
        `history`. With `stream` the caller closes it.

        Raises the HfpushError that the answer or the network amounts to.
        """
        hop, history = call, list[requests.Response]()
        for _ in range(_MAX_REDIRECTS + 1):
            response = self._once(hop)
            location = response.headers.get("Location")
            if response.status_code not in STATUSES or location is None:
                response.history = history
                return self._checked(hop, response)
            self._content(hop, response, at_most=_BODY_EXCERPT, whole=False)  # read, so that the connection is kept
            following = redirected(hop, response.status_code, location, self.mirrored)
            if call.stays and not self.mirrored.owns(following.url):
                response.history = history
                return response
            history.append(response)
            hop = following
        raise circles(call, hop.url, _MAX_REDIRECTS + 1)

    def answered(self, call: Call) -> Reply:
        """Whatever answers `call`, a redirect and a refusal too, with the beginning of its body; nothing is followed.

        Raises the HfpushError that the network amounts to. For those who look at answers, and not for what is in them.
        """
        response = self._once(call)
        content = self._content(call, response, at_most=_BODY_EXCERPT, whole=False)
        return Reply(response.status_code, response.headers, content)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What a server may echo of what was sent to it: the token, as it is and as a password in a header."""
        return (self._token, self._login) if self._token else ()

    def way(self, url: str) -> Route:
        """How `url` is reached. Raises Misuse (`proxy-unusable`)."""
        return self._ways.route(url)

    def json(self, call: Call) -> Any:
        """The answer's JSON. An HTML page or other text in its place is Unavailable, and worth few tries: somebody
        answered in the Hub's place."""
        return self.as_json(self.send(call))

    def as_json(self, response: requests.Response) -> Any:
        """The JSON of an answer of `send`. Raises Unavailable when it is something else, or only a part of it."""
        try:
            return response.json()
        except (ValueError, RecursionError) as error:  # not JSON, or JSON made to hurt its reader
            kind = response.headers.get("Content-Type", "no content type")
            raise Unavailable(
                Finding(
                    "not-a-hub",
                    f"{self.endpoint.url} does not answer like a Hub.",
                    (f"{place(response.url)} answered {response.status_code} with {redact(kind)}, not JSON",),
                    (
                        "check the endpoint's URL",
                        "if a login page of your network stands in between, log in there first",
                    ),
                ),
                tries=NOT_A_HUB_TRIES,
            ) from error

    def exchange(self, call: Call) -> Reply:
        """The answer to a `call` of which only a short body is expected, a 2xx; as `send` otherwise, but lighter."""
        pool = self._direct.pool(call.url) if call.params is None and not call.stream else None
        if pool is None:
            return _reply(self.send(call))
        headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity", **self._headers(call)}
        body: Any = call.body() if call.body is not None else call.data
        if call.json is not None:
            headers.setdefault("Content-Type", "application/json")
            body = json.dumps(call.json).encode()
        limits = urllib3.Timeout(connect=self.patience.connect, read=call.answer_seconds or self.patience.answer)
        try:
            reply = self._direct.ask(
                pool,
                call.method,
                call.url,
                headers=headers,
                body=body,
                timeout=limits,
                at_most=_BODY_EXCERPT,
                whole_seconds=self.patience.whole,
            )
        except _CAUGHT as error:
            raise network_failure(call.method, call.url, error) from error
        if reply.status in STATUSES and "Location" in reply.headers:
            return _reply(self.send(call))  # from its beginning, along the redirects
        if 200 <= reply.status < 300:
            return reply
        raise self._failure(call, reply)

    def _headers(self, call: Call) -> dict[str, str]:
        """The call's headers, with the token where it may go and the call brings none of its own."""
        headers = dict(call.headers)
        given = any(name.lower() == "authorization" for name in headers)
        if self._token and not (call.signed or call.bare or given) and self.mirrored.owns(call.url):
            headers["Authorization"] = (
                f"Basic {self._login}" if call.basic or self._user is not None else f"Bearer {self._token}"
            )
        return headers

    @property
    def _login(self) -> str:
        """The token as a password, as the header has it; the Hub takes any name beside it."""
        return b64encode(f"{'hfpush' if self._user is None else self._user}:{self._token}".encode()).decode()

    def _once(self, call: Call) -> requests.Response:
        headers = self._headers(call)
        bare = call.method == "GET" and call.stream and call.params is None
        pool = self._direct.pool(call.url) if bare else None
        if pool is not None:
            return self._opened(pool, call, headers)
        body: Any = call.body() if call.body is not None else call.data
        try:
            return self._session.request(
                call.method,
                call.url,
                headers=headers,
                json=call.json,
                data=body,
                params=call.params,
                stream=True,
                allow_redirects=False,
                timeout=(self.patience.connect, call.answer_seconds or self.patience.answer),
            )
        except _CAUGHT as error:
            raise network_failure(call.method, call.url, error) from error

    def _opened(self, pool: urllib3.HTTPConnectionPool, call: Call, headers: dict[str, str]) -> requests.Response:
        """The answer to a GET whose body somebody will read; as the session would have it, but lighter."""
        ours = {"User-Agent": _AGENT, "Accept-Encoding": "identity", "Accept": "*/*"}
        limits = urllib3.Timeout(connect=self.patience.connect, read=call.answer_seconds or self.patience.answer)
        try:
            return self._direct.open(pool, call.url, headers={**ours, **headers}, timeout=limits)
        except _CAUGHT as error:
            raise network_failure(call.method, call.url, error) from error

    def _checked(self, call: Call, response: requests.Response) -> requests.Response:
        good = 200 <= response.status_code < 300
        if good and call.stream:
            return response
        content = self._content(call, response, at_most=_MAX_ANSWER if good else _BODY_EXCERPT, whole=good)
        if good:
            response._content = content  # what `stream=False` does, but with a bound
            response._content_consumed = True  # type: ignore[attr-defined]
            return response
        raise self._failure(call, Reply(response.status_code, response.headers, content))

    def _content(self, call: Call, response: requests.Response, *, at_most: int, whole: bool) -> bytes:
        """The body, up to `at_most` bytes of it; more is an error when the `whole` body is wanted."""
        try:
            content = read_bounded(response.raw, at_most=at_most, seconds=self.patience.whole)
        except _CAUGHT as error:
            raise network_failure(call.method, call.url, error) from error
        finally:
            response.close()
        if whole and len(content) > at_most:
            raise Damaged.of(
                "answer-too-large",
                f"{self.endpoint.url} does not answer like a Hub.",
                seen=(f"{call.method} {place(call.url)}: the answer has more than {at_most} bytes",),
                to_try=("check the endpoint's URL",),
            )
        return content[:at_most]

    def _failure(self, call: Call, reply: Reply) -> HfpushError:
        ours = self.mirrored.owns(call.url)
        answer = Answer(
            method=call.method,
            url=call.url,
            status=reply.status,
            headers=reply.headers,
            body=reply.body.decode("utf-8", "replace"),
            signed=call.signed or (call.stream and not ours),
            with_token=bool(self._token) and ours and not call.bare,
            secrets=self.secrets,
            proxy=self._ways.route(call.url).why if reply.status == 407 else "",
        )
        return failure_of(answer, now=time.time())


def _reply(response: requests.Response) -> Reply:
    return Reply(response.status_code, response.headers, response.content)


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from adding a ~/.netrc password to signed URLs, which storage servers refuse."""
    return request
