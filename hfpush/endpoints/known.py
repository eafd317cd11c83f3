"""The endpoints we ship, and how a URL that belongs to none of the user's becomes one."""

from __future__ import annotations

from collections.abc import Iterable

from hfpush.endpoints.address import host_of, is_loopback, parse_address
from hfpush.endpoints.endpoint import Endpoint
from hfpush.errors import Misuse

HF = Endpoint("hf", "https://huggingface.co")
HF_MIRROR = Endpoint("hf-mirror", "https://hf-mirror.com", "mirror", trusted=False)
LOCAL = Endpoint("local", "http://127.0.0.1:8080")
KNOWN = {endpoint.name: endpoint for endpoint in (HF, HF_MIRROR, LOCAL)}


def endpoint_of(text: str) -> Endpoint:
    """The endpoint of a known name, or of an http(s) URL, which is trusted where it leads to this machine.

    Those that the user has added are in endpoints/book.py. Raises Misuse.
    """
    if text in KNOWN:
        return KNOWN[text]
    if "://" not in text:
        raise unknown(text, KNOWN)
    address = parse_address(text)
    if address.secret is not None:
        raise Misuse.of(
            "endpoint-credentials",
            "The endpoint's URL carries a user name or password, which would end up in logs.",
            to_try=(
                "give the URL without them, and the token in HF_TOKEN",
                f"or keep both under a name: hfpush endpoint add NAME {address.url} --token-stdin",
            ),
        )
    url = address.url
    loopback = is_loopback(url)
    return next((known for known in KNOWN.values() if known.url == url), Endpoint(host_of(url), url, trusted=loopback))


def unknown(name: str, names: Iterable[str]) -> Misuse:
    """The error for a name that stands for no endpoint; `names` are those that do."""
    return Misuse.of(
        "endpoint-unknown",
        f"There is no endpoint named {name!r}.",
        seen=(f"known names: {', '.join(sorted(names))}",),
        to_try=(
            "give a name from the list, or a URL such as http://127.0.0.1:8080",
            "hfpush endpoint add NAME URL makes a name of your own",
        ),
    )
