"""What answers where the Hub should: nobody's Hub, a page that wants a login, a redirect that leads astray, a server
that cannot or will not. Pure.

One cause for all of the requests: whoever answers one in the Hub's place answers the others too. What keeps an answer
from coming at all is told by the rules for names, connections and TLS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.rules.spots import host_of
from hfpush.findings import Finding
from hfpush.units import duration

DEPTH = 40
OF_THE_HUB = ("api", "repo", "access", "refs", "push")
SYMPTOMS = frozenset(
    {
        *("captive-portal", "redirect-insecure", "redirect-refused", "not-a-hub", "hub-unavailable", "rate-limited"),
        *("connection-cut", "stalled", "token-missing", "token-refused", "no-permission", "repo-not-found"),
        *("repo-gated", "lfs-url-unusable", "mirror-half", "hub-refused", "xet-missing"),
    }
)
"""What else is said of a host that does not answer like a Hub."""
_LONG_SECONDS = 60.0
_WITHOUT_WHOAMI = ("nexus", "artifactory")
_NETWORK_LOGIN = 511
_LATE, _LASTING = (408, 425), (501, 507, _NETWORK_LOGIN)
_FAMILY = {"huggingface.co", "hf.co", "www.huggingface.co"}


def causes(facts: Facts) -> Iterator[Cause]:
    """At most one about what the Hub answers."""
    asked = [one for one in facts.exchanges if one.what in OF_THE_HUB]
    for told in (_portal, _insecure, _circles, _no_hub, _unavailable, _limited, _cut):
        found = told(facts, asked)
        if found is not None:
            yield found
            return


# -- in the Hub's place ---------------------------------------------------------------------------------------------


def _portal(facts: Facts, asked: Sequence[Exchange]) -> Cause | None:
    seen = [one for one in asked if _wants_login(one)]
    if not seen and _is_of_another(facts):
        seen = [one for one in facts.exchanges if one.what == "plain" and _leads_away(one)]
    if not seen:
        return None
    host = _host(facts)
    page = seen[0].redirects[-1] if seen[0].redirects else f"http://{host}/"
    finding = Finding(
        "captive-portal",
        f"The network answers in place of {host}: with a page that wants somebody to log in, or to agree to something.",
        (*(_seen(one) for one in seen[:4]),),
        (
            f"open {page} in a browser on this machine, log in there, then: hfpush doctor",
            "a machine without a browser: ask the owner of the network to let it through",
            *_other_proxy(),
        ),
    )
    more = frozenset({"certificate-other-host", "tls-untrusted", "tls-plaintext"})
    return _cause(facts, finding, DEPTH - 12 if seen[0].what == "plain" else DEPTH, more)


def _wants_login(one: Exchange) -> bool:
    return _leads_away(one) or (one.html and one.login and one.status < 400)


def _leads_away(one: Exchange) -> bool:
    """Whether it is a page of another host, or of the network by its own word."""
    away = any(not _same(place, one.url) for place in one.redirects)
    return one.status == _NETWORK_LOGIN or (away and bool(one.html or one.insecure or one.failure))


def _is_of_another(facts: Facts) -> bool:
    """Whether TLS with the Hub's host shows somebody else's certificate: what port 80 says is the same one's then."""
    host = _host(facts)
    return any(one.outcome == "other-name" and host_of(one.line) == host for one in facts.judged)


def _same(place: str, url: str) -> bool:
    first, second = _host_in(place), _host_in(url)
    return first == second or {first, second} <= _FAMILY


def _insecure(facts: Facts, asked: Sequence[Exchange]) -> Cause | None:
    seen = [one for one in asked if one.insecure]
    if not seen:
        return None
    host, url = _host(facts), facts.question.endpoint
    finding = Finding(
        "redirect-insecure",
        f"{host} sends requests that came over TLS on to plain http, where everybody on the way could read the token: "
        "git-lfs and hfpush refuse to follow.",
        tuple(_seen(one) for one in seen[:3]),
        (
            *_instead(url),
            f"if {host} is yours: have it build its addresses with https (behind a proxy: X-Forwarded-Proto, "
            "proxy_redirect)",
        ),
    )
    return _cause(facts, finding)


def _circles(facts: Facts, asked: Sequence[Exchange]) -> Cause | None:
    seen = [one for one in asked if one.loop or one.failure == "redirect-refused"]
    if not seen:
        return None
    host = _host(facts)
    loop = any(one.loop for one in seen)
    how = "in circles" if loop else "to an address that cannot be used"
    patience = " git-lfs would follow without an end, at 0 %." if loop else ""
    finding = Finding(
        "redirect-refused",
        f"{host} redirects requests {how}.{patience}",
        tuple(_seen(one) for one in seen[:3]),
        (*_instead(facts.question.endpoint), f"if {host} is yours: correct its redirects"),
    )
    return _cause(facts, finding)


def _no_hub(facts: Facts, asked: Sequence[Exchange]) -> Cause | None:
    seen = [one for one in asked if _is_no_answer(facts, one)]
    if not seen:
        return None
    host = _host(facts)
    finding = Finding(
        "not-a-hub",
        f"{facts.question.endpoint or host} does not answer like a Hub: something else stands at that address, or "
        "answers in its place.",
        tuple(_seen(one) for one in seen[:3]),
        (
            "check the address: printenv HF_ENDPOINT; hfpush endpoint ls",
            *_instead(facts.question.endpoint),
            f"if it is the right one: open {facts.question.endpoint} in a browser, and see who answers",
        ),
    )
    every = all(_is_no_answer(facts, one) for one in asked)
    return _cause(facts, finding, certain=every or any(one.what == "api" for one in seen))


def _is_no_answer(facts: Facts, one: Exchange) -> bool:
    if one.failure == "not-a-hub":
        return True
    if one.what not in ("api", "repo") or not one.status or one.status >= 500 or one.status == 429:
        return False
    if one.what == "api" and facts.question.kind in _WITHOUT_WHOAMI:
        return False
    if one.html:
        return True
    if one.status in (200, 404, 405):
        return "json" not in one.kind.lower()
    return False


# -- the Hub, but not now -------------------------------------------------------------------------------------------


def _unavailable(facts: Facts, asked: Sequence[Exchange]) -> Cause | None:
    seen = [one for one in asked if one.status in _LATE or (500 <= one.status < 600 and one.status not in _LASTING)]
    if not seen:
        return None
    host = _host(facts)
    wait = max((one.retry_after or 0.0 for one in seen), default=0.0)
    soon = f"in {duration(wait)}" if wait else "in some minutes"
    part = len(seen) < len([one for one in asked if one.status])
    finding = Finding(
        "hub-unavailable",
        f"{host} can be reached, but does not work properly at the moment: it answers "
        f"{_and(sorted({str(one.status) for one in seen}))}{' to a part of the questions' if part else ''}.",
        tuple(_seen(one) for one in seen[:4]),
        (
            f"run the same command again {soon}",
            *(["look at https://status.huggingface.co"] if host in _FAMILY else []),
            *_instead(facts.question.endpoint),
        ),
    )
    return _cause(facts, finding, DEPTH + 2, certain=not part or any(one.what != "api" for one in seen))


def _limited(facts: Facts, asked: Sequence[Exchange]) -> Cause | None:
    seen = [one for one in asked if one.status == 429]
    if not seen:
        return None
    host = _host(facts)
    wait = max((one.retry_after for one in seen if one.retry_after is not None), default=None)
    told = "without saying for how long" if wait is None else f"for {duration(wait)}"
    long = wait is not None and wait > _LONG_SECONDS
    silent = " git-lfs waits that long at 0 %, without a word." if long else ""
    limits = tuple(dict.fromkeys(f"RateLimit: {one.rate_limit}" for one in seen if one.rate_limit))
    anonymous = not any(one.with_token for one in seen)
    finding = Finding(
        "rate-limited",
        f"{host} asks this machine, or its account, to stop {told}: too many requests were made.{silent}",
        (*(_seen(one) for one in seen[:3]), *limits),
        (
            f"wait {'some minutes' if wait is None else duration(wait)}, then run the same command again",
            *(["hf auth login   # who has a token may ask more often"] if anonymous else []),
            "if others share your address or your token, or a script asks in a loop: stop that first",
        ),
    )
    return _cause(facts, finding, DEPTH + 2)


def _cut(facts: Facts, asked: Sequence[Exchange]) -> Cause | None:
    """Connections that stand, TLS and all, and end when something is asked."""
    seen = [one for one in asked if one.failure in ("connection-cut", "stalled") and facts.works(one.line) is not False]
    if not seen or any(one.status for one in asked):
        return None
    host = _host(facts)
    how = _and([f"{one.what}: {one.said}" for one in seen[:3]])
    tls = ", TLS included" if seen[0].url.startswith("https:") else ""
    finding = (
        Finding(
            "connection-cut",
            f"{host} takes connections{tls}, and cuts them as soon as something is asked.",
            (how,),
            (*_other_proxy(), "try another network; if the server is yours, look into its log"),
        )
        if seen[0].failure == "connection-cut"
        else Finding(
            "stalled",
            f"{host} takes connections{tls}, and then answers nothing.",
            (how,),
            (*_other_proxy(), "try again in some minutes; if the server is yours, look into its log"),
        )
    )
    return _cause(facts, finding, DEPTH - 1, certain=facts.works(seen[0].line) is True)


# -- words ----------------------------------------------------------------------------------------------------------


def _cause(
    facts: Facts, finding: Finding, depth: int = DEPTH, more: frozenset[str] = frozenset(), *, certain: bool = True
) -> Cause:
    host = _host(facts)
    return Cause(
        finding,
        depth,
        (SYMPTOMS | more) - {finding.reference},
        frozenset({host}) if host else frozenset(),
        host,
        certain,
    )


def _host(facts: Facts) -> str:
    return _host_in(facts.question.endpoint) or next((host_of(one.line) for one in facts.exchanges if one.line), "")


def _host_in(url: str) -> str:
    place = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return (place.rpartition(":")[0] if place.rpartition(":")[2].isdigit() else place).strip("[]").lower()


def _seen(one: Exchange) -> str:
    what = f"{one.what} {one.url}"
    if one.redirects:
        what += f" led to {', then '.join(dict.fromkeys(one.redirects[:3]))}"
    if not one.status:
        return f"{what}: {one.said or one.failure}"
    kind = " (an HTML page)" if one.html else f" ({one.kind})" if one.kind and "json" not in one.kind else ""
    said = f": {one.said}" if one.said and not one.html else ""
    return f"{what} answered {one.status}{kind}{said}"


def _instead(url: str) -> list[str]:
    """How to go to the Hub itself, where something else was asked."""
    return [] if _host_in(url) in _FAMILY or not url else ["unset HF_ENDPOINT   # to go to the Hub itself"]


def _other_proxy() -> list[str]:
    return ["export HTTPS_PROXY=http://PROXY:PORT   # a proxy outside this network, if there is one"]


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
