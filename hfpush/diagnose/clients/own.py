"""hfpush's own rules, as net/routes.py and net/trust.py have them. Pure."""

from __future__ import annotations

from hfpush.diagnose.clients.around import Surroundings
from hfpush.diagnose.clients.choice import Choice, Trust
from hfpush.errors import Misuse
from hfpush.net.proxies import parse_proxy

_BYPASSED = "NO_PROXY names "


def own_proxy(around: Surroundings, url: str) -> Choice:
    """The one rule of net/routes.py."""
    try:
        route = around.routes.route(url)
    except Misuse as wrong:
        return Choice(why=wrong.finding.message, error=wrong.finding.message)
    if route.proxy is None:
        entry = route.why.removeprefix(_BYPASSED) if route.why.startswith(_BYPASSED) else ""
        return Choice(why=route.why, by="NO_PROXY" if entry else "", bypassed=entry)
    shown = parse_proxy(route.proxy, route.why).shown
    return Choice(shown, route.proxy, route.why, "proxy", by=route.why.partition(" (")[0])


def own_trust(around: Surroundings, url: str) -> Trust:
    """Everything that anybody trusts here: the system's, certifi's, and whatever is named, together."""
    stores = around.stores
    base = (stores.own_certifi, stores.file, stores.folder)
    files = tuple(dict.fromkeys(filter(None, (*(path for path, _ in around.named), *base))))
    return Trust(" and ".join(["system", *(by for _, by in around.named)]), files)
