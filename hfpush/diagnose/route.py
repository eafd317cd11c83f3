"""How each client would reach each host: its proxy, who resolves the name, and what it checks certificates with. Pure.

git (libcurl), git-lfs (Go), hfpush, huggingface_hub (httpx or requests), hf_xet (reqwest) and curl read the same
variables and settings in six ways. clients/ has each one's own; here they are put side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from hfpush.diagnose.clients import go, libcurl, own, python, reqwest
from hfpush.diagnose.clients.around import Stores, Surroundings
from hfpush.diagnose.clients.choice import Choice, Spot, Trust
from hfpush.diagnose.facts.machine import CLIENTS, Client
from hfpush.diagnose.facts.ways import Target, Way
from hfpush.diagnose.line import Line
from hfpush.net.redact import place
from hfpush.net.routes import STRAIGHT, Route, is_loopback

__all__ = ["Stores", "Surroundings", "lines", "ways"]

_PROXY: dict[Client, Callable[[Surroundings, str], Choice]] = {
    "git": libcurl.git_proxy,
    "git-lfs": go.lfs_proxy,
    "hfpush": own.own_proxy,
    "huggingface_hub": python.hub_proxy,
    "hf_xet": reqwest.xet_proxy,
    "curl": libcurl.curl_proxy,
}
_TRUST: dict[Client, Callable[[Surroundings, str], Trust]] = {
    "git": libcurl.git_trust,
    "git-lfs": go.lfs_trust,
    "hfpush": own.own_trust,
    "huggingface_hub": python.hub_trust,
    "hf_xet": reqwest.xet_trust,
    "curl": libcurl.curl_trust,
}


def ways(around: Surroundings, targets: Mapping[Target, str]) -> tuple[Way, ...]:
    """How each program that is installed would get to each target, given as a URL. git's settings may be for a part of
    a host: the URL of a repository tells more than that of its host.

    A client that a wrapper leads goes through the wrapper where its own rules say straight.
    """
    there = [name for name in CLIENTS if name == "hfpush" or around.program(name).version]
    return tuple(_way(around, name, target, url) for target, url in targets.items() for name in there)


def _way(around: Surroundings, client: Client, target: Target, url: str) -> Way:
    url = place(url)
    spot, choice, trust = Spot.of(url), _PROXY[client](around, url), _TRUST[client](around, url)
    via, why, names = choice.via, choice.why, choice.names
    if not via and not choice.error and _wrapped(around, client) and not is_loopback(spot.host):
        wrapper = around.wrapper
        assert wrapper is not None
        via, why, names = wrapper.name, f"{wrapper.name} is loaded before it; {why}", "proxy"
    return Way(
        client,
        target,
        spot.host,
        spot.port,
        via,
        why,
        names,
        trust.store,
        trust.files,
        trust.verifies,
        choice.error or trust.error,
        choice.by,
        choice.bypassed,
        choice.past,
        choice.misread,
        url,
    )


def lines(around: Surroundings, ways: Iterable[Way]) -> dict[str, Line]:
    """The lines that these ways take, by name, to be dialled; those of ways that end in an error are left out.

    One whose `via` is the name of a wrapper is dialled straight, by a process that has the wrapper; one without `via`
    by a process that has none (probes/wrapper.py).
    """
    found: dict[str, Line] = {}
    for way in ways:
        if way.error or way.line in found:
            continue
        choice = _PROXY[way.client](around, way.url)
        route = Route(choice.url, way.why) if choice.url else STRAIGHT
        found[way.line] = Line(way.host, way.port, way.via, way.secure, route, way.names)
    return found


def _wrapped(around: Surroundings, client: Client) -> bool:
    wrapper = around.wrapper
    return wrapper is not None and bool(wrapper.preload) and not around.program(client).is_go
