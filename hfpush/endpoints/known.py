"""The endpoints we ship, and how a name or a URL becomes one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from hfpush.endpoints.endpoint import Endpoint, origin
from hfpush.errors import Misuse

HF = Endpoint("hf", "https://huggingface.co")
KNOWN = {HF.name: HF, "hf-mirror": Endpoint("hf-mirror", "https://hf-mirror.com", "mirror", trusted=False)}


def endpoint_of(text: str) -> Endpoint:
    """The endpoint that a user named: a known name, or an http(s) URL. Raises Misuse."""
    if text in KNOWN:
        return KNOWN[text]
    if "://" not in text:
        raise Misuse.of(
            "endpoint-unknown",
            f"There is no endpoint named {text!r}.",
            seen=(f"known names: {', '.join(sorted(KNOWN))}",),
            to_try=("give a name from the list, or a URL such as http://127.0.0.1:8080",),
        )
    if "@" in text.partition("://")[2].partition("/")[0]:
        raise Misuse.of(
            "endpoint-credentials",
            "The endpoint's URL carries a user name or password, which would end up in logs.",
            to_try=("give the URL without them, and the token in HF_TOKEN",),
        )
    if origin(text) is None or "?" in text or "#" in text:
        raise Misuse.of(
            "endpoint-invalid",
            f"{re.split('[?#]', text)[0]!r} is not the URL of a Hub.",  # a query may hold a secret
            to_try=("give a URL such as https://huggingface.co or http://127.0.0.1:8080, without '?' and '#'",),
        )
    parts = urlsplit(text)
    url = f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
    return next((known for known in KNOWN.values() if known.url == url), Endpoint(parts.netloc.lower(), url))
