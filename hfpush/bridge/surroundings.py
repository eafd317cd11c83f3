"""The environment of a command that is to use our door: an environment in, an environment out. Pure.

Tools read their proxy and their trusted certificates from different variables, and understand different kinds of
proxies; an http:// proxy with a user and a password is the one form that all of them take. git and git-lfs have
settings of their own besides, which beat the environment: those are overridden in git's own variables for that.

What a tool is told in its own files (a `proxy` in .curlrc, pip.conf or .npmrc) stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hfpush.net.wrappers import without_wrappers

PROXY_NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
STRAIGHT = "localhost,127.0.0.1,::1"
"""What a command reaches without the door: its own machine."""

CA_NAMES = ("SSL_CERT_FILE", "GIT_SSL_CAINFO", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
# One tool's own names; each beats the common one in that tool, so it is replaced, but set for nobody who had it not.
_OWN_PROXY_NAMES = {"pip_proxy", "npm_config_proxy", "npm_config_http_proxy", "npm_config_https_proxy"}
_OWN_PROXY_NAMES |= {"yarn_http_proxy", "yarn_https_proxy", "cargo_http_proxy"}
_OWN_STRAIGHT_NAMES = {"npm_config_noproxy"}
_OWN_CA_NAMES = {"pip_cert", "npm_config_cafile", "cargo_http_cainfo", "aws_ca_bundle"}

CONFIGURED = r"^(http\.(.*\.)?(proxy|sslcainfo)|remote\..*\.proxy)$"
"""The keys of git's configuration that a door overrides, for `git config --get-regexp`."""


@dataclass(frozen=True)
class Means:
    """What a command is given: the door's address with its login, its place (host:port), and a file of certificates,
    if any are trusted besides the system's own."""

    door: str = field(repr=False)
    place: str
    bundle: str | None = None


def environment_through(means: Means, environment: Mapping[str, str], configured: Iterable[str] = ()) -> dict[str, str]:
    """The environment of a command, made from the caller's. `configured` are the keys of git's configuration that match
    CONFIGURED, as git writes them."""
    env = without_wrappers(environment)
    for name in list(env):
        lower = name.lower()
        if lower in _OWN_PROXY_NAMES:
            env[name] = means.door
        elif lower in _OWN_STRAIGHT_NAMES:
            env[name] = STRAIGHT
        elif lower in _OWN_CA_NAMES and means.bundle is not None:
            env[name] = means.bundle
    for name in PROXY_NAMES:
        env[name] = env[name.lower()] = means.door
    env["NO_PROXY"] = env["no_proxy"] = STRAIGHT
    env["GIT_HTTP_PROXY_AUTHMETHOD"] = "basic"  # else git asks without its login first, and each http.proxyAuthMethod
    env["NODE_USE_ENV_PROXY"] = "1"  # Node's own fetch looks at proxies only then
    if means.bundle is not None:
        env |= dict.fromkeys(CA_NAMES, means.bundle)
    return with_git_settings(env, git_settings(means, configured))


def git_settings(means: Means, configured: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The settings that lead git and git-lfs to the door. The keys that are `configured` are each named again, as a
    setting for one URL or one remote beats `http.proxy`."""
    found = {"http.proxy": means.door}
    for key in configured:
        if key.rpartition(".")[2].lower() == "proxy":
            found[key] = means.door
        elif means.bundle is not None:
            found[key] = means.bundle
    # git hands a proxy's login to the credential helpers, which would keep ours; an empty helper means none.
    found[f"credential.http://{means.place}.helper"] = ""
    return tuple(found.items())


def with_git_settings(environment: Mapping[str, str], settings: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The environment with settings for every git that is started in it, after those that it has already.

    They are written in both ways: GIT_CONFIG_COUNT is git's documented one, from 2.31 on; GIT_CONFIG_PARAMETERS, which
    `git -c` uses, is all that 2.30 has, and beats the other.
    """
    env = dict(environment)
    text = env.get("GIT_CONFIG_COUNT") or "0"
    if text.isascii() and text.isdigit():  # else git refuses to work, and says why
        first = int(text)
        for number, (key, value) in enumerate(settings, first):
            env[f"GIT_CONFIG_KEY_{number}"] = key
            env[f"GIT_CONFIG_VALUE_{number}"] = value
        env["GIT_CONFIG_COUNT"] = str(first + len(settings))
    quoted = [_quoted(f"{key}={value}") for key, value in settings if "=" not in key]
    env["GIT_CONFIG_PARAMETERS"] = " ".join(filter(None, [env.get("GIT_CONFIG_PARAMETERS", "").strip(), *quoted]))
    return env


def _quoted(text: str) -> str:
    return "'" + text.replace("'", r"'\''").replace("!", r"'\!'") + "'"  # the two that git's own reader takes
