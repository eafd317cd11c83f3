"""What a request that got no answer means: names, connections, TLS, proxies. Decides only.

The libraries' exceptions nest and quote each other; we look through the whole nest for the one fact that counts.
"""

from __future__ import annotations

import re
import ssl

import requests
import urllib3

from hfpush.errors import HfpushError, Misuse, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.net.black_hole import LineCut
from hfpush.net.failures import proxy_login
from hfpush.net.redact import place, redact

_AGAIN = "run the same command again when the network is back; it goes on where it was"
_CHECK_PROXY = "check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY"
_TUNNEL = re.compile(r"Tunnel connection failed: ([0-9]{3})")
_UNUSABLE = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    urllib3.exceptions.LocationValueError,
    UnicodeError,
)
_PROXY_UNUSABLE = (
    requests.exceptions.InvalidProxyURL,
    urllib3.exceptions.ProxySchemeUnknown,
    urllib3.exceptions.ProxySchemeUnsupported,
)
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
    settled = _local_mistake(chain, seen, f"{method} {shown}") or _tls(chain, host, seen) or _tunnel(chain, host, seen)
    return settled or Unavailable(_passing(chain, host, seen))


def _local_mistake(chain: list[BaseException], seen: tuple[str, ...], request: str) -> HfpushError | None:
    """Settings on this machine that no waiting changes."""
    if any("SOCKS support" in str(link) for link in chain):
        message = "The proxy speaks SOCKS, and the library for that is not installed."
        return Misuse.of("proxy-unusable", message, seen=(request,), to_try=("pip install pysocks", _CHECK_PROXY))
    if any(isinstance(link, _PROXY_UNUSABLE) for link in chain):
        message = "The proxy's address cannot be used."
        return Misuse.of(
            "proxy-unusable", message, seen=(request,), to_try=(_CHECK_PROXY, "write it as http://host:port")
        )
    if any("TLS CA certificate bundle" in str(link) for link in chain):
        message = "The file with trusted certificates is not there."
        return Misuse.of("ca-file-missing", message, seen=seen, to_try=("check REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE",))
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
        message, to_try = f"The certificate of {host} {when}.", ("check this machine's clock",)
    elif doubt.verify_code in (_OTHER_HOST, _OTHER_ADDRESS):
        message = f"The certificate shown by {host} is that of another host."
        to_try = ("check the endpoint's URL, and the network in between: a login page, DNS that lies",)
    else:
        message = f"The certificate of {host} is not signed by anyone this machine trusts."
        to_try = ("if your network inspects TLS, name its CA file in REQUESTS_CA_BUNDLE",)
    return Refused.of("tls-untrusted", message, seen=seen, to_try=to_try)


def _tunnel(chain: list[BaseException], host: str, seen: tuple[str, ...]) -> HfpushError | None:
    """A proxy's no to a CONNECT, which it will say again."""
    status = next((int(found[1]) for found in map(_TUNNEL.search, map(str, chain)) if found), 0)
    if status == 407:
        return proxy_login(seen)
    if 400 <= status < 500 and status not in (408, 429):
        message = f"The proxy does not let us through to {host}."
        return Refused.of("proxy-refused", message, seen=seen, to_try=(_CHECK_PROXY, "ask its owner to allow the host"))
    return None


def _passing(chain: list[BaseException], host: str, seen: tuple[str, ...]) -> Finding:
    def met(*kinds: type[BaseException]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    if met(requests.exceptions.ProxyError, urllib3.exceptions.ProxyError):
        return Finding("proxy-failed", f"The proxy on the way to {host} fails.", seen, (_CHECK_PROXY, _AGAIN))
    if met(urllib3.exceptions.NameResolutionError):
        remedy = ("check the name, and this machine's DNS", _AGAIN)
        return Finding("name-unresolved", f"The name {host} cannot be resolved.", seen, remedy)
    if met(ConnectionRefusedError):
        remedy = ("check the endpoint's URL and port", _AGAIN)
        return Finding("connection-refused", f"Nothing listens at {host}.", seen, remedy)
    if met(ConnectionError):  # a reset; before the next, as which urllib3 tells one that comes very early
        return Finding("connection-cut", f"The connection to {host} was cut.", seen, (_AGAIN,))
    if met(urllib3.exceptions.NewConnectionError):  # before the next, which it is a kind of
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
