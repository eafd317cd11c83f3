"""One request, one answer or one error: the session that everything on the client side speaks through.

Here are the time limits, the proxies and CA bundle as the environment gives them, bounded redirects, and the rule that
a token goes only where `Endpoint.owns` says. Trying again is net/retry.py's business.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import requests
import urllib3

from hfpush.endpoints import Endpoint
from hfpush.errors import HfpushError, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.net.body import SliceBody
from hfpush.net.failures import Answer, failure_of
from hfpush.net.pool import Adapter
from hfpush.net.redact import place, redact

_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_REDIRECTS = 5
_BODY_EXCERPT = 64 * 1024


@dataclass(frozen=True)
class Patience:
    """Time limits in seconds: to connect, without a byte moving, and for an answer to begin."""

    connect: float = 10.0
    idle: float = 30.0
    answer: float = 60.0


@dataclass(frozen=True)
class Call:
    """A request. `url` may be signed (`signed=True`): then no token is added and it is never shown.

    `body` is called for each sending, so that a redirect sends it from its first byte again.
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


class Http:
    """Connections to one endpoint and its storage. Safe to use from several threads.

    `token` is sent only to URLs that `endpoint` owns. Nothing here waits without a bound.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        token: str | None = None,
        *,
        patience: Patience | None = None,
        connections: int = 32,
        ca_bundle: str | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.patience = patience or Patience()
        self._token = token
        self._session = requests.Session()
        self._session.auth = _no_netrc
        self._session.headers.update({"User-Agent": "hfpush", "Accept-Encoding": "identity"})
        if ca_bundle:
            self._session.verify = ca_bundle
        adapter = Adapter(connections=connections, idle_seconds=self.patience.idle)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, call: Call) -> requests.Response:
        """The answer to `call`, a 2xx, after at most five redirects. With `stream` the caller closes it.

        Raises the HfpushError that the answer or the network amounts to.
        """
        url, method = call.url, call.method
        for _ in range(_MAX_REDIRECTS + 1):
            response = self._once(call, method, url)
            if response.status_code not in _REDIRECTS or "Location" not in response.headers:
                return self._checked(call, response)
            target = urljoin(url, response.headers["Location"])
            changes_host = self.endpoint.owns(url) and not self.endpoint.owns(target)
            if method not in ("GET", "HEAD") and not call.signed and changes_host:
                # A mirror that hands a write over to another host: following would lose the token or leak it.
                raise self._error(call, response) or AssertionError
            response.close()
            if response.status_code == 303:
                method = "GET"
            url = target
        raise Refused(
            Finding(
                "redirect-refused",
                "The endpoint sends us in circles.",
                (f"{call.method} {place(call.url)} was redirected {_MAX_REDIRECTS} times, last to {place(url)}",),
                ("check the endpoint's URL, and what stands between it and this machine",),
            )
        )

    def json(self, call: Call) -> Any:
        """The answer's JSON. An HTML page or other text in its place is Refused: that is no Hub."""
        return self.as_json(self.send(call))

    def as_json(self, response: requests.Response) -> Any:
        """The JSON of an answer of `send`. Raises Refused when it is something else."""
        try:
            return response.json()
        except requests.exceptions.JSONDecodeError as error:
            kind = response.headers.get("Content-Type", "no content type")
            raise Refused(
                Finding(
                    "not-a-hub",
                    f"{self.endpoint.url} does not answer like a Hub.",
                    (f"{place(response.url)} answered {response.status_code} with {redact(kind)}, not JSON",),
                    (
                        "check the endpoint's URL",
                        "if a login page of your network stands in between, log in there first",
                    ),
                )
            ) from error

    def _once(self, call: Call, method: str, url: str) -> requests.Response:
        headers = dict(call.headers)
        if self._token and not call.signed and self.endpoint.owns(url) and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self._token}"
        body: Any = call.body() if call.body is not None else call.data
        answer = call.answer_seconds or self.patience.answer
        try:
            return self._session.request(
                method,
                url,
                headers=headers,
                json=call.json,
                data=body,
                params=call.params,
                stream=call.stream,
                allow_redirects=False,
                timeout=(self.patience.connect, answer),
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise network_failure(call.method, url, error) from error

    def _checked(self, call: Call, response: requests.Response) -> requests.Response:
        failure = self._error(call, response)
        if failure is not None:
            raise failure
        return response

    def _error(self, call: Call, response: requests.Response) -> HfpushError | None:
        if response.ok and response.status_code < 300:
            return None
        try:
            excerpt = response.raw.read(_BODY_EXCERPT, decode_content=True) if call.stream else response.content
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise network_failure(call.method, call.url, error) from error
        finally:
            response.close()
        answer = Answer(
            method=call.method,
            url=response.url or call.url,
            status=response.status_code,
            headers=response.headers,
            body=excerpt[:_BODY_EXCERPT].decode("utf-8", "replace"),
            signed=call.signed or (call.stream and not self.endpoint.owns(response.url)),
            with_token=bool(self._token) and self.endpoint.owns(call.url),
        )
        return failure_of(answer, now=time.time())


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from adding a ~/.netrc password to signed URLs, which storage servers refuse."""
    return request


def network_failure(method: str, url: str, error: BaseException) -> HfpushError:
    """The error that a failed connection amounts to; what can pass by itself is Unavailable."""
    chain = _chain(error)
    text = redact(" ".join(str(chain[-1]).split()))[:300] or type(chain[-1]).__name__
    seen = (f"{method} {place(url)}: {text}",)
    host = place(url).split("/")[2]
    if any("CERTIFICATE_VERIFY_FAILED" in str(link) for link in chain):
        return Refused.of(
            "tls-untrusted",
            f"The certificate of {host} is not signed by anyone this machine trusts.",
            seen=seen,
            to_try=("if your network inspects TLS, name its CA file in REQUESTS_CA_BUNDLE",),
        )
    if any(isinstance(link, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema) for link in chain):
        return Refused.of("url-unusable", "An address that we were given cannot be used.", seen=seen)
    return Unavailable(_network_finding(chain, host, seen))


def _network_finding(chain: list[BaseException], host: str, seen: tuple[str, ...]) -> Finding:
    again = "run the same command again when the network is back; it goes on where it was"
    if any(isinstance(link, requests.exceptions.ProxyError) for link in chain):
        return Finding(
            "proxy-failed", f"The proxy on the way to {host} fails.", seen, ("check HTTPS_PROXY and NO_PROXY", again)
        )
    if any(isinstance(link, urllib3.exceptions.NameResolutionError) for link in chain):
        return Finding(
            "name-unresolved",
            f"The name {host} cannot be resolved.",
            seen,
            ("check the name, and this machine's DNS", again),
        )
    if any(isinstance(link, ConnectionRefusedError) for link in chain):
        return Finding(
            "connection-refused", f"Nothing listens at {host}.", seen, ("check the endpoint's URL and port", again)
        )
    if any(isinstance(link, requests.exceptions.ConnectTimeout) for link in chain):
        return Finding("connect-timeout", f"{host} does not answer a connection attempt.", seen, (again,))
    if any(
        isinstance(link, TimeoutError | requests.exceptions.Timeout | urllib3.exceptions.TimeoutError) for link in chain
    ):
        return Finding("stalled", f"{host} stopped moving bytes.", seen, (again,))
    return Finding("connection-cut", f"The connection to {host} was cut.", seen, (again,))


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    queue: list[BaseException] = [error]
    while queue and len(links) < 20:
        link = queue.pop(0)
        links.append(link)
        nested = [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]
        queue += [
            item for item in nested if isinstance(item, BaseException) and item not in links and item not in queue
        ]
    return links
