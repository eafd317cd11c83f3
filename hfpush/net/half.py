"""What a mirror does not carry, in the user's words. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from hfpush.findings import Finding
from hfpush.net.mirrored import Mirrored

_WHAT = (
    (re.compile(r"/api/repos/create$"), "creating a repository"),
    (re.compile(r"/preupload/"), "the question how files are to be uploaded"),
    (re.compile(r"/commit/"), "commits"),
    (re.compile(r"/objects/batch$"), "the question where large files go"),
    (re.compile(r"/locks(?:/|$)"), "locks"),
    (re.compile(r"complete_multipart$|/complete/"), "the end of an upload in parts"),
    (re.compile(r"verify$"), "the check of an uploaded file"),
    (re.compile(r"/git-receive-pack$"), "git push"),
    (re.compile(r"/git-upload-pack$"), "git fetch"),
)


def what_of(url: str) -> str:
    """What a request to this address is for."""
    path = urlsplit(url).path
    return next((words for pattern, words in _WHAT if pattern.search(path)), "this request")


def mirror_half(mirrored: Mirrored, url: str, target: str, seen: tuple[str, ...]) -> Finding:
    """The finding about an endpoint that hands what `url` is for over to `target`, at another host."""
    mine, host = mirrored.endpoint.url, _host(target)
    hub = mirrored.hub_of(target)
    if hub is None:
        base = f"{urlsplit(target).scheme}://{host}"
        remedy: tuple[str, ...] = (
            "use an endpoint that carries all of it, for example --endpoint hf",
            f"if you trust {host}: hfpush endpoint add NAME {base} --trust, and the same command with --endpoint NAME",
        )
    else:
        remedy = (
            f"the same command with --endpoint {hub.name}",
            f"if {mine} is a mirror that you trust: hfpush endpoint add NAME {mine} --kind mirror --trust, and the "
            "same command with --endpoint NAME",
        )
    message = f"{mine} does not carry {what_of(url)}: it hands that over to {host}, and the token may not follow."
    return Finding("mirror-half", message, seen, remedy)


def nowhere(mirrored: Mirrored, url: str, seen: tuple[str, ...]) -> Finding:
    """The finding about an endpoint that does not take what `url`, of the Hub behind it, is for, while the Hub itself
    cannot be reached."""
    host = _host(url)
    return Finding(
        "mirror-half",
        f"{mirrored.endpoint.url} does not carry {what_of(url)}, and {host} itself cannot be reached from here.",
        seen,
        ("the same command with an endpoint that carries all of it, see hfpush endpoint ls",),
    )


def _host(url: str) -> str:
    """Host and port, without user information."""
    return urlsplit(url).netloc.rpartition("@")[2]
