"""Settings of git for one URL, so that nothing of the user's configuration leads it elsewhere. Pure.

git takes, of several settings that fit a URL, the one with the longest match; a setting for the very URL wins.
"""

from __future__ import annotations

_PLAIN = {
    "proxy": "",
    "extraHeader": "",
    "cookieFile": "",
    "saveCookies": "false",
    "sslCAInfo": "",
    "followRedirects": "false",  # a redirect to another origin would take the request, and the user, elsewhere
    "postBuffer": "1048576",
    "lowSpeedLimit": "0",  # how long silence may last is decided where the network is
    "lowSpeedTime": "0",
}


def url_settings(url: str) -> tuple[str, ...]:
    """`-c` settings that keep git at `url`: no rewriting of the address, no proxy, no header, cookie or limit of the
    user's. Only for that URL, because git hands them on to hooks, whose own git commands go elsewhere.

    Empty for a URL that cannot be part of a setting's name on a command line. Holds nothing secret.
    """
    if "=" in url:
        return ()
    rewriting = (f"url.{url}.insteadOf={url}", f"url.{url}.pushInsteadOf={url}")
    if not url.startswith("http://"):  # a door of ours is always one
        return rewriting
    return (*rewriting, *(f"http.{url}.{name}={value}" for name, value in _PLAIN.items()))
