"""Proxies that are set in a way that not all programs read, that do not carry, or that nobody is at; and good ones.

Everywhere but in the rows that say so the direct way is closed: whoever does not go through a proxy gets no answer.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from support.ailing import Ailment, Room, Told
from support.command_line import git
from support.proxies import ProxyServer
from support.pushes import Pushes
from support.stage import NAMES, Ended

LFS = ("git-lfs", "ip", "nft")
LOGIN = ("ada", "secret")
PLACE = "proxy.test:3128"


def set_up(room: Room, *, closed: bool = True) -> Told:
    """A Hub, the direct way closed or not, and a repository with a large file that stock git would push there.

    Proxies come after it: they know the names of those who are there already.
    """
    hub = room.hub()
    if closed:
        room.stage.drop("hf.test", "s3.hf.test")
    pushes = Pushes(room.stage, hub, room.place)
    own = {
        "GIT_CONFIG_GLOBAL": str(room.place / "stock.gitconfig"),
        "XDG_CONFIG_HOME": str(room.place / "config"),
        "STOCK_TOKEN": hub.token,
        "HF_TOKEN": hub.token,
    }
    return Told(environment=own, cwd=pushes.repo)


def knowing(told: Told, **environment: str) -> Told:
    """The same with more variables."""
    return replace(told, environment={**told.environment, **environment})


def stock_push(room: Room, told: Told) -> Ended:
    """`git push`, as it is."""
    return room.run(told, "git", "push", "origin", "main")


def pasted(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """The first line of the remedy, pasted into a shell from which everything is run then, wrappers left away."""
    return replace(told, wrap=("bash", "-c", finding["remedy"][0] + '\nexec "$@"', "bash"))


# ---------------------------------------------------------------- wrappers


def proxychains(room: Room) -> Told:
    told = set_up(room)
    room.stage.proxy("socks5")
    config = room.place / "proxychains.conf"
    config.write_text(f"strict_chain\nproxy_dns\n[ProxyList]\nsocks5 {NAMES['proxy.test']} 1080\n")
    return replace(told, wrap=("proxychains4", "-q", "-f", str(config)))


def proxychains_dead(room: Room) -> Told:
    told = set_up(room, closed=False)
    config = room.place / "proxychains.conf"
    config.write_text(f"strict_chain\nproxy_dns\n[ProxyList]\nsocks5 {NAMES['proxy.test']} 1080\n")
    return replace(told, wrap=("proxychains4", "-q", "-f", str(config)))


def proxychains_http_login(room: Room) -> Told:
    """A login is in the configuration, which no finding may show: the remedy is hfpush run, under the wrapper."""
    told = set_up(room)
    room.stage.proxy("http", LOGIN)
    config = room.place / "proxychains.conf"
    config.write_text(f"strict_chain\nproxy_dns\n[ProxyList]\nhttp {NAMES['proxy.test']} 3128 ada secret\n")
    return replace(told, wrap=("proxychains4", "-q", "-f", str(config)))


def carried(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """`proxychains4 hfpush run -- git push`, as the remedy says; the file is the one that the user names."""
    assert finding["remedy"][0] == "proxychains4 hfpush run -- git push"
    assert "secret" not in str(finding)
    return replace(told, wrap=(*told.wrap, "hfpush", "run", "--"))


def torsocks(room: Room) -> Told:
    told = set_up(room)
    room.stage.proxy("socks5", resolves=NAMES)
    config = room.place / "torsocks.conf"
    config.write_text(f"TorAddress {NAMES['proxy.test']}\nTorPort 1080\nOnionAddrRange 127.42.42.0/24\n")
    return replace(knowing(told, TORSOCKS_CONF_FILE=str(config)), wrap=("torsocks",))


def tsocks(room: Room) -> Told:
    told = set_up(room)
    room.stage.proxy("socks5")
    config = room.place / "tsocks.conf"
    server = f"server = {NAMES['proxy.test']}\nserver_type = 5\nserver_port = 1080\n"
    config.write_text(f"local = {NAMES['proxy.test']}/255.255.255.255\n{server}")
    return replace(knowing(told, TSOCKS_CONF_FILE=str(config)), wrap=("tsocks",))


def proxychains_not_used(room: Room) -> Told:
    """The configuration is there, and git is run without the wrapper."""
    told = set_up(room)
    room.stage.proxy("socks5")
    config = room.place / "proxychains.conf"
    config.write_text(f"strict_chain\n[ProxyList]\nsocks5 {NAMES['proxy.test']} 1080\n")
    return knowing(told, PROXYCHAINS_CONF_FILE=str(config))


# ---------------------------------------------------------------- settings


def all_proxy(kind: str, login: tuple[str, str] | None = None) -> Callable[[Room], Told]:
    def stage(room: Room) -> Told:
        told, proxy = set_up(room), room.stage.proxy(kind, login)
        return knowing(told, ALL_PROXY=proxy.url_with_login if login else proxy.url)

    return stage


def hub_scoped(room: Room) -> Told:
    told = set_up(room)
    git(_cwd(told), "config", "http.https://hf.test.proxy", room.stage.proxy("http", LOGIN).url_with_login)
    return told


def dead_in_git(room: Room) -> Told:
    told = set_up(room, closed=False)
    git(_cwd(told), "config", "http.proxy", f"http://{PLACE}")
    return told


def not_off(room: Room) -> Told:
    told = knowing(set_up(room, closed=False), HTTPS_PROXY=f"http://{PLACE}")  # where nobody is
    git(_cwd(told), "config", "http.proxy", "")
    return told


def unknown_key(room: Room) -> Told:
    told = set_up(room)
    git(_cwd(told), "config", "https.proxy", room.stage.proxy("http").url)
    return told


def socks4(scheme: str) -> Callable[[Room], Told]:
    def stage(room: Room) -> Told:
        return knowing(set_up(room), HTTPS_PROXY=room.stage.proxy("socks5").url.replace("socks5h", scheme))

    return stage


def raw_at(room: Room) -> Told:
    return knowing(set_up(room), HTTPS_PROXY=room.stage.proxy("http", ("ada", "p@ss")).url_with_login)


def ssh_remote(room: Room) -> Told:
    told = set_up(room)
    git(_cwd(told), "remote", "set-url", "origin", "git@hf.test:local/stock")
    return told


# ---------------------------------------------------------------- proxies that do not carry


def no_login(room: Room) -> Told:
    told = set_up(room)
    room.stage.proxy("http", LOGIN)
    return knowing(told, HTTPS_PROXY=f"http://{PLACE}")


def wrong_login(room: Room) -> Told:
    told = set_up(room)
    room.stage.proxy("socks5", LOGIN)
    return knowing(told, HTTPS_PROXY="socks5h://ada:wrong@proxy.test:1080")


def storage_forbidden(room: Room) -> Told:
    told, proxy = set_up(room), room.stage.proxy("http", forbidden=frozenset({"s3.hf.test"}))
    return knowing(told, HTTPS_PROXY=proxy.url)


def dead(room: Room) -> Told:
    return knowing(set_up(room, closed=False), HTTPS_PROXY=f"http://{PLACE}")


def silent(room: Room) -> Told:
    told = set_up(room)
    room.stage.drop("proxy.test")
    return knowing(told, HTTPS_PROXY=f"http://{PLACE}")


def other_kind(url: str, kind: str) -> Callable[[Room], Told]:
    def stage(room: Room) -> Told:
        told = set_up(room)
        room.stage.proxy(kind)
        return knowing(told, HTTPS_PROXY=url)

    return stage


def lost(room: Room) -> Told:
    return knowing(set_up(room), HTTPS_PROXY=room.stage.proxy("http", lost=True).url)


def lost_now_and_then(room: Room) -> Told:
    """The proxy that lost its way: each third connection to the Hub, from the second on, as doctor dials first."""
    told, proxy = set_up(room), room.stage.proxy("http")
    _lose_each_third(proxy)
    return knowing(told, HTTPS_PROXY=proxy.url)


def _lose_each_third(proxy: ProxyServer) -> None:
    relay, count = proxy._relay, [0]

    def sometimes(one: socket.socket, other: socket.socket) -> None:
        count[0] += 1
        if count[0] % 3 != 2:
            relay(one, other)

    proxy._relay = sometimes  # type: ignore[method-assign]


# ---------------------------------------------------------------- good ones


def good(kind: str, login: tuple[str, str] | None = None, *, closed: bool = True) -> Callable[[Room], Told]:
    def stage(room: Room) -> Told:
        told, proxy = set_up(room, closed=closed), room.stage.proxy(kind, login)
        return knowing(told, HTTPS_PROXY=proxy.url_with_login if login else proxy.url)

    return stage


def good_in_git(room: Room) -> Told:
    told = set_up(room)
    git(_cwd(told), "config", "http.proxy", room.stage.proxy("http").url)
    return told


def _cwd(told: Told) -> Any:
    assert told.cwd is not None
    return told.cwd


def _sick(name: str, reference: str, stage: Callable[[Room], Told], *, cured: bool = True, **more: Any) -> Ailment:
    """A row; with `cured`, the first line of the remedy is pasted, and `git push` works."""
    if cured:
        more = {"cure": pasted, "works": stock_push, **more}
    return Ailment(name, reference, stage, **{"needs": LFS, **more})


ROWS: tuple[Ailment, ...] = (
    _sick("proxychains4", "wrapper-bypassed", proxychains, needs=(*LFS, "proxychains4"), quick=True),
    _sick(
        "proxychains4 with a login",
        "wrapper-bypassed",
        proxychains_http_login,
        cure=carried,
        needs=(*LFS, "proxychains4", "hfpush"),
    ),
    _sick(
        "proxychains4 without its proxy", "proxy-failed", proxychains_dead, cured=False, needs=(*LFS, "proxychains4")
    ),
    _sick("torsocks", "wrapper-bypassed", torsocks, needs=(*LFS, "torsocks")),
    _sick("tsocks", "wrapper-bypassed", tsocks, needs=(*LFS, "tsocks")),
    _sick("proxychains is configured, and not used", "wrapper-bypassed", proxychains_not_used),
    _sick("ALL_PROXY alone, SOCKS", "all-proxy-ignored", all_proxy("socks5"), quick=True),
    _sick("ALL_PROXY alone, SOCKS with a login", "all-proxy-ignored", all_proxy("socks5", LOGIN)),
    _sick("ALL_PROXY alone, HTTP", "all-proxy-ignored", all_proxy("http")),
    _sick("ALL_PROXY alone, HTTP with a login", "all-proxy-ignored", all_proxy("http", LOGIN)),
    _sick("a proxy for the hub alone in git's settings", "proxy-hub-only", hub_scoped),
    _sick("an empty http.proxy, and a variable with a dead proxy", "proxy-not-off", not_off),
    _sick("https.proxy in git's settings", "proxy-key-unknown", unknown_key),
    _sick("HTTPS_PROXY with SOCKS 4a", "proxy-scheme-unsupported", socks4("socks4a")),
    _sick("HTTPS_PROXY with SOCKS 4", "proxy-scheme-unsupported", socks4("socks4")),
    _sick("HTTPS_PROXY with a password that has an @", "proxy-password-unescaped", raw_at),
    _sick("an SSH remote where https is closed", "ssh-lfs-over-https", ssh_remote, cured=False, rare=True),
    _sick("a proxy that wants a login", "proxy-login", no_login, cured=False),
    _sick("a SOCKS proxy with a wrong login", "proxy-login", wrong_login, cured=False),
    _sick("a proxy that does not allow the storage", "proxy-refused", storage_forbidden, cured=False),
    _sick("a proxy that is not there", "proxy-failed", dead),
    _sick("a proxy that is not there, in git's settings", "proxy-failed", dead_in_git),
    _sick("a proxy that does not answer", "proxy-failed", silent, cured=False),
    _sick("http:// to a SOCKS proxy", "proxy-unusable", other_kind("http://proxy.test:1080", "socks5")),
    _sick("socks5h:// to an HTTP proxy", "proxy-unusable", other_kind("socks5h://proxy.test:3128", "http")),
    _sick("https:// to an HTTP proxy", "proxy-unusable", other_kind("https://proxy.test:3128", "http")),
    _sick("a proxy that says yes and closes", "proxy-lost-way", lost, cured=False, rare=True),
    _sick("a proxy that loses each third connection", "proxy-lost-way", lost_now_and_then, cured=False, rare=True),
    *(
        Ailment(
            f"{name}, the direct way {'closed' if closed else 'open'}",
            None,
            good(kind, login, closed=closed),
            rare=not closed,
        )
        for name, kind, login in (
            ("HTTPS_PROXY", "http", None),
            ("HTTPS_PROXY with a login", "http", LOGIN),
            ("HTTPS_PROXY with SOCKS 5", "socks5", None),
            ("HTTPS_PROXY with SOCKS 5 and a login", "socks5", LOGIN),
        )
        for closed in (True, False)
    ),
    Ailment("a proxy in git's settings alone", None, good_in_git, needs=LFS, rare=True),
)
