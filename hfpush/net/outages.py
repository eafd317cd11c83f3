"""What a request that got no answer means: names, connections, TLS, proxies. Decides only.

The libraries' exceptions nest and quote each other; we look through the whole nest for the one fact that counts.
"""

from __future__ import annotations

import errno
import socket
import ssl

import requests
import urllib3

from hfpush.errors import HfpushError, Misuse, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.net.black_hole import LineCut
from hfpush.net.failures import proxy_login
from hfpush.net.proxy_fault import ProxyFault
from hfpush.net.redact import place, redact

_AGAIN = "run the same command again when the network is back; it goes on where it was"
_KIND = "see that it is of the kind that its address says: http://, https://, socks5h:// or socks4a://"
_EXCEPT = "if the host can be reached without it: name the host in NO_PROXY"
_OUR_KNOB = "if you trust that: put its CA certificate into a file and name it with: export SSL_CERT_FILE=<file>"
_UNUSABLE = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    urllib3.exceptions.LocationValueError,
    UnicodeError,
)
_NO_WAY = (errno.EHOSTUNREACH, errno.ENETUNREACH)
_TIMEOUTS = (TimeoutError, requests.exceptions.Timeout, urllib3.exceptions.TimeoutError)
# X509_V_ERR_* of OpenSSL's x509_vfy.h
_NOT_YET, _EXPIRED, _OTHER_HOST, _OTHER_ADDRESS = 9, 10, 62, 64


def network_failure(method: str, url: str, error: BaseException) -> HfpushError:
    """The error that a failed connection amounts to; what can pass by itself is Unavailable.

    Nothing of a URL's query, and of headers nothing at all, gets into its texts.
    """
    chain = _chain(error)
    for link in chain:
        if isinstance(link, LineCut):
            return link.failure()
    shown = place(url)
    host = shown.partition("://")[2].partition("/")[0] or "the server"
    seen = (f"{method} {shown}: {_said(chain)}",)
    settled = _local_mistake(chain, f"{method} {shown}") or _proxy(chain, host, seen) or _tls(chain, host, seen)
    return settled or Unavailable(_passing(chain, host, seen))


def _local_mistake(chain: list[BaseException], request: str) -> HfpushError | None:
    """An address, a header or a setting that no waiting changes."""
    if any(isinstance(link, _UNUSABLE) for link in chain):
        # The library's own text holds the address, or the header.
        what = (f"{request}: {type(chain[0]).__name__}",)
        return Refused.of("url-unusable", "An address or a header that we were given cannot be used.", seen=what)
    return None


def _tls(chain: list[BaseException], host: str, seen: tuple[str, ...]) -> HfpushError | None:
    doubt = next((link for link in chain if isinstance(link, ssl.SSLCertVerificationError)), None)
    if doubt is None:
        return None
    if doubt.verify_code in (_NOT_YET, _EXPIRED):
        when = "is no longer valid" if doubt.verify_code == _EXPIRED else "is not valid yet"
        message = f"The certificate of {host} {when}."
        to_try: tuple[str, ...] = ("check this machine's clock",)
    elif doubt.verify_code in (_OTHER_HOST, _OTHER_ADDRESS):
        message = f"The certificate shown by {host} is that of another host."
        to_try = ("check the endpoint's URL, and the network in between: a login page, DNS that lies",)
    else:
        message = f"The certificate of {host} is not signed by anyone this machine trusts."
        issuer = getattr(doubt, "issuer", None)
        if issuer:
            seen = (*seen, f"it is signed by: {redact(issuer)[:200]}")
        to_try = (_OUR_KNOB, "if that is not your network's own authority: something in between reads along")
    return Refused.of("tls-untrusted", message, seen=seen, to_try=to_try)


def _proxy(chain: list[BaseException], host: str, seen: tuple[str, ...]) -> HfpushError | None:
    """What stands between us and a proxy, or between it and the host."""
    fault = next((link for link in chain if isinstance(link, ProxyFault)), None)
    if fault is None:
        return None
    named = fault.named
    seen = (*seen, f"the proxy is set in {named}")
    if fault.kind == "login":
        return proxy_login(seen, named)
    if fault.kind == "refused":
        ask = f"ask the owner of the proxy in {named} to allow {host}"
        return Refused.of(
            "proxy-refused", f"The proxy does not let us through to {host}.", seen=seen, to_try=(ask, _EXCEPT)
        )
    if fault.kind == "other-kind":
        message = f"What listens where {named} says is no proxy of that kind."
        return Misuse.of("proxy-unusable", message, seen=seen, to_try=(_KIND, f"check {named}"))
    if fault.kind == "untrusted":
        message = "The certificate of the proxy is not signed by anyone this machine trusts, or not for this host."
        return Refused.of("tls-untrusted", message, seen=seen, to_try=(_OUR_KNOB, f"check {named}"))
    if fault.kind == "lost":
        message = f"The proxy agreed to carry us to {host}, and then closed before {host} said a word."
        to_try = (
            "choose another node or line in the proxy: it has lost its way to that host",
            f"check {named}",
            _AGAIN,
        )
        return Unavailable(Finding("proxy-lost-way", message, seen, to_try))
    if fault.kind == "unreached":
        message = f"The proxy on the way to {host} cannot be reached."
        return Unavailable(Finding("proxy-failed", message, seen, (f"check {named}, and that the proxy runs", _AGAIN)))
    message = f"The proxy on the way to {host} fails."
    return Unavailable(Finding("proxy-failed", message, seen, (f"check {named}", _KIND, _AGAIN)))


def _passing(chain: list[BaseException], host: str, seen: tuple[str, ...]) -> Finding:
    def met(*kinds: type[BaseException]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    if met(urllib3.exceptions.NameResolutionError, socket.gaierror):
        remedy = ("check the name, and this machine's DNS", _AGAIN)
        return Finding("name-unresolved", f"The name {host} cannot be resolved.", seen, remedy)
    if met(ConnectionRefusedError):
        remedy = ("check the endpoint's URL and port", _AGAIN)
        return Finding("connection-refused", f"Nothing listens at {host}.", seen, remedy)
    if met(ConnectionError):  # a reset; before the next, as which urllib3 tells one that comes very early
        return Finding("connection-cut", f"The connection to {host} was cut.", seen, (_AGAIN,))
    no_way = any(isinstance(link, OSError) and link.errno in _NO_WAY for link in chain)
    if no_way or met(urllib3.exceptions.NewConnectionError):  # before the next, which it is a kind of
        return Finding("host-unreachable", f"There is no way to {host} from this machine.", seen, (_AGAIN,))
    if met(requests.exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError):
        return Finding("connect-timeout", f"{host} does not answer a connection attempt.", seen, (_AGAIN,))
    if met(*_TIMEOUTS):
        return Finding("stalled", f"{host} stopped moving bytes.", seen, (_AGAIN,))
    if met(ssl.SSLError) and not met(ssl.SSLEOFError, ssl.SSLZeroReturnError):
        remedy = ("check that the URL's scheme and port belong together, and what stands in between", _AGAIN)
        return Finding("tls-failed", f"No TLS connection with {host} comes about.", seen, remedy)
    return Finding("connection-cut", f"The connection to {host} was cut.", seen, (_AGAIN,))


def _said(chain: list[BaseException]) -> str:
    """The innermost words: the system's or the TLS library's, where there are some."""
    system = [link for link in chain if isinstance(link, OSError) and not isinstance(link, requests.RequestException)]
    last = (system or chain)[-1]
    words = last.strerror if isinstance(last, OSError) and last.strerror else str(last)
    return redact(" ".join(words.split()))[:300] or type(last).__name__


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    queue: list[BaseException] = [error]
    while queue and len(links) < 20:
        link = queue.pop(0)
        if any(link is known for known in links):
            continue
        links.append(link)
        nested = [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]
        queue += [item for item in nested if isinstance(item, BaseException)]
    return links
