"""The endpoints we ship, and how a name or a URL becomes one."""

from __future__ import annotations

from urllib.parse import urlsplit

from hfpush.endpoints.endpoint import Endpoint
from hfpush.errors import Misuse

HF = Endpoint("hf", "https://huggingface.co")
KNOWN = {HF.name: HF, "hf-mirror": Endpoint("hf-mirror", "https://hf-mirror.com")}


def endpoint_of(text: str) -> Endpoint:
    """The endpoint that a user named: a known name, or an http(s) URL. Raises Misuse."""
    if text in KNOWN:
        return KNOWN[text]
    for endpoint in KNOWN.values():
        if text.rstrip("/") == endpoint.url:
            return endpoint
    if "://" not in text:
        raise Misuse.of(
            "endpoint-unknown",
            f"There is no endpoint named {text!r}.",
            seen=(f"known names: {', '.join(sorted(KNOWN))}",),
            to_try=("give a name from the list, or a URL such as http://127.0.0.1:8080",),
        )
    parts = urlsplit(text)
    if "@" in parts.netloc:
        raise Misuse.of(
            "endpoint-credentials",
            "The endpoint's URL carries a user name or password, which would end up in logs.",
            to_try=("give the URL without them, and the token in HF_TOKEN",),
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Misuse.of(
            "endpoint-invalid",
            f"{text!r} is not the URL of a Hub.",
            to_try=("give a URL such as https://huggingface.co or http://127.0.0.1:8080",),
        )
    return Endpoint(parts.netloc, text.rstrip("/"))
