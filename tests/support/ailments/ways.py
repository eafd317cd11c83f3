"""Settings that the route table alone explains: NO_PROXY as different programs read it, and git's TLS library."""

from __future__ import annotations

from support.ailing import Ailment, Room, Told
from support.ailments.proxies import LFS, PLACE, knowing, pasted, set_up, stock_push


def with_settings(room: Room, text: str) -> Told:
    """Nothing is closed; the user's settings of git have this more."""
    told = set_up(room, closed=False)
    with (room.place / "stock.gitconfig").open("a") as config:
        config.write(text)
    return told


def other_backend(room: Room) -> Told:
    return with_settings(room, "[http]\n\tsslBackend = schannel\n")


def own_backend(room: Room) -> Told:
    said = room.run(Told(), "git", "-c", "http.sslBackend=none", "ls-remote", "https://hf.test/x").err
    return with_settings(room, f"[http]\n\tsslBackend = {said.partition('backends:')[2].split()[0]}\n")


def ported(room: Room) -> Told:
    """git-lfs knows ports in NO_PROXY, git does not: git-lfs goes straight, which is closed."""
    told = set_up(room)
    room.stage.proxy("http")
    return knowing(told, HTTPS_PROXY=f"http://{PLACE}", NO_PROXY="localhost,hf.test:443")


def dotted(room: Room) -> Told:
    """git takes `.hf.test` for hf.test as well, git-lfs does not: git goes straight, which is closed."""
    told = set_up(room)
    room.stage.give_up_soon()
    room.stage.proxy("http")
    return knowing(told, HTTPS_PROXY=f"http://{PLACE}", NO_PROXY=".hf.test", no_proxy=".hf.test")


def two_spellings(room: Room) -> Told:
    """git-lfs reads NO_PROXY first, git no_proxy: git-lfs goes straight, which is closed."""
    told = set_up(room)
    room.stage.proxy("http")
    return knowing(told, HTTPS_PROXY=f"http://{PLACE}", NO_PROXY="hf.test", no_proxy="localhost")


def inside(room: Room) -> Told:
    """A Hub inside the network, which the proxy does not lead to: git-lfs goes through it to the apex all the same."""
    told = set_up(room, closed=False)
    room.stage.proxy("http", forbidden=frozenset({"hf.test", "s3.hf.test"}))
    return knowing(told, HTTPS_PROXY=f"http://{PLACE}", NO_PROXY=".hf.test", no_proxy=".hf.test")


def inside_well(room: Room) -> Told:
    told = inside(room)
    return knowing(told, NO_PROXY="hf.test,.hf.test", no_proxy="hf.test,.hf.test")


ROWS: tuple[Ailment, ...] = (
    Ailment("git-ssl-backend", "git-ssl-backend", other_backend, pasted, stock_push, LFS, quick=True),
    Ailment("git-ssl-backend-own", None, own_backend, needs=LFS, rare=True),
    Ailment("no-proxy-with-port", "no-proxy-differs", ported, pasted, stock_push, LFS),
    Ailment("no-proxy-with-dot", "no-proxy-differs", dotted, pasted, stock_push, LFS),
    Ailment("no-proxy-in-two-spellings", "no-proxy-differs", two_spellings, pasted, stock_push, LFS),
    Ailment("no-proxy-inside", "no-proxy-differs", inside, pasted, stock_push, LFS),
    Ailment("no-proxy-inside-well", None, inside_well, needs=LFS),
)
