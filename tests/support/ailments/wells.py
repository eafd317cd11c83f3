"""Set-ups that are well, though they look unusual: doctor has nothing to say about them but notes."""

from __future__ import annotations

import shutil
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from support.ailing import Ailment, Room, Told
from support.ailments.http import REPO, at_home, clone_of, in_front, told_of, trust
from support.ailments.proxies import LFS, LOGIN, PLACE, good, knowing, set_up
from support.ailments.tls import known_by_all
from support.command_line import git
from support.name_server import ask_in_the_world
from support.stage import NAMES, six

from hfpush.localhub import LocalHub

_STAGE = ("ip", "nft")
_DEAD = f"socks5h://{PLACE}"

# ---------------------------------------------------------------- what is asked about


def alone(room: Room) -> Told:
    """A Hub, a token, and nothing that is to be published."""
    _, told = at_home(room)
    return replace(told, arguments=())


def in_a_plain_folder(room: Room) -> Told:
    _, told = at_home(room)
    folder = room.place / "plain"
    folder.mkdir()
    (folder / "weights.bin").write_bytes(bytes(range(256)) * 100)
    return replace(told, arguments=(str(folder),), cwd=folder)


def repository(*commands: tuple[str, ...]) -> Callable[[Room], Told]:
    """A repository whose remote is the Hub's, and what git then does in it."""

    def stage(room: Room) -> Told:
        hub, told = at_home(room)
        place = clone_of(room, f"{hub.url}/{REPO}")
        for words in commands:
            git(place, *words)
        return replace(told, arguments=(str(place),), cwd=place)

    return stage


def cloned(*options: str) -> Callable[[Room], Told]:
    """A clone of what is on the Hub already."""

    def stage(room: Room) -> Told:
        hub, told = at_home(room)
        place = clone_of(room, hub.git_url(REPO, token=hub.token))
        (place / "more.txt").write_text("more\n")
        git(place, "add", ".")
        git(place, "commit", "-q", "-m", "second")
        git(place, "push", "-q", "--force", "origin", "HEAD:refs/heads/main")
        other = room.place / "clone"
        git(room.place, "clone", "-q", *options, f"{hub.url}/{REPO}", str(other))
        return replace(told, arguments=(str(other),), cwd=other)

    return stage


def with_a_submodule(room: Room) -> Told:
    """It is a repository of the Hub's, too, and its commit is there."""
    hub, told = at_home(room)
    hub.create("local/part")
    place = clone_of(room, f"{hub.url}/{REPO}")
    git(place, "submodule", "add", "-q", f"{hub.url}/local/part", "part")
    git(place, "commit", "-q", "-m", "a part")
    return replace(told, arguments=(str(place),), cwd=place)


def of_type(kind: str, *, sdk: bool = False) -> Callable[[Room], Told]:
    def stage(room: Room) -> Told:
        hub, told = at_home(room)
        hub.create("local/other", kind)
        place = clone_of(room, f"{hub.url}/{kind}/local/other")
        return replace(told, arguments=(str(place),), cwd=place)

    return stage


def fetched(token: Callable[[LocalHub], str | None]) -> Callable[[Room], Told]:
    """A public repository, to be fetched."""

    def stage(room: Room) -> Told:
        hub, _ = at_home(room)
        return told_of(hub.url, token(hub), REPO, "--for", "fetch")

    return stage


def offline_by_setting(room: Room) -> Told:
    _, told = at_home(room)
    return knowing(told, HF_HUB_OFFLINE="1")


def without_xet(room: Room) -> Told:
    return knowing(at_home(room)[1], HF_HUB_DISABLE_XET="1")


def two_endpoints(room: Room) -> Told:
    """One is asked about by its name, the other one is not there at all."""
    hub, told = at_home(room)
    folder = room.place / "config/hfpush"
    folder.mkdir(parents=True)
    lines = ["endpoints:"]
    for name, url in (("here", hub.url), ("gone", "http://127.0.0.1:9")):
        lines += [f"  {name}:", f"    url: {url}", "    kind: mirror", "    trusted: true"]
    (folder / "endpoints.yaml").write_text("\n".join([*lines, ""]))
    environment = {name: value for name, value in told.environment.items() if name != "HF_ENDPOINT"}
    arguments = (*told.arguments, "--endpoint", "here")
    return replace(told, environment=environment, arguments=arguments)


def our_filter_alone(room: Room) -> Told:
    """git-lfs is nowhere, and hfpush's own filter and hook take its place."""
    hub, told = at_home(room)
    place = clone_of(room, f"{hub.url}/{REPO}")
    programs = room.place / "bin"
    programs.mkdir()
    for name in ("git", "sh", "bash", "env", "uname"):
        found = shutil.which(name)
        assert found is not None
        (programs / name).symlink_to(found)
    (programs / "hfpush").symlink_to(Path(sys.executable).parent / "hfpush")
    own = knowing(replace(told, arguments=(str(place),), cwd=place), PATH=str(programs))
    done = room.run(own, "hfpush", "lfs", "install")
    assert done.code == 0, done.text
    return own


# ---------------------------------------------------------------- addresses


def by_address(room: Room) -> Told:
    """The endpoint has an IP address in the place of a name, and plain HTTP."""
    url = f"http://{NAMES['hf.test']}"
    hub = room.enter(LocalHub(root=room.place / "hub", api_url=url, storage_url=f"http://{NAMES['s3.hf.test']}"))
    hub.create(REPO)
    room.stage.front("hf.test", hub.doors[0], port=80)
    room.stage.front("s3.hf.test", hub.doors[1], port=80)
    trust(room, url)
    return told_of(url, hub.token)


def six_only(room: Room) -> Told:
    """The names have IPv6 addresses alone."""
    told = set_up(room, closed=False)
    room.stage.call({name: six(NAMES[name]) for name in ("hf.test", "s3.hf.test")})
    return told


def four_gone(room: Room) -> Told:
    told = six_only(room)
    room.stage.on_client("ip", "-4", "address", "flush", "dev", "c0")
    return told


# ---------------------------------------------------------------- proxies


def past_a_dead_proxy(no_proxy: str, **more: str) -> Callable[[Room], Told]:
    """A proxy is set where nobody is, and nobody needs it."""

    def stage(room: Room) -> Told:
        told = set_up(room, closed=False)
        proxy = f"http://{PLACE}"
        return knowing(told, HTTPS_PROXY=proxy, https_proxy=proxy, NO_PROXY=no_proxy, no_proxy=no_proxy, **more)

    return stage


def for_https_alone(room: Room) -> Told:
    """The Hub speaks plain HTTP on this machine, so that the proxy for https, where nobody is, is nothing to it."""
    return knowing(at_home(room)[1], HTTPS_PROXY="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9")


def for_everything_but_here(room: Room) -> Told:
    proxy, past = "http://127.0.0.1:9", "localhost,127.0.0.1,::1"
    more = {"HTTP_PROXY": proxy, "http_proxy": proxy, "HTTPS_PROXY": proxy, "https_proxy": proxy}
    return knowing(at_home(room)[1], **more, NO_PROXY=past, no_proxy=past)


def names_known_there(kind: str, login: tuple[str, str] | None = None) -> Callable[[Room], Told]:
    """The proxy alone can resolve names of the world; this machine knows the proxy's."""

    def stage(room: Room) -> Told:
        told = good(kind, login)(room)
        ask_in_the_world(room.stage, {"*": "SERVFAIL"}, hosts={"proxy.test": NAMES["proxy.test"]})
        return told

    return stage


def no_names_at_all(kind: str) -> Callable[[Room], Told]:
    """The proxy has an address, and there is no name server."""

    def stage(room: Room) -> Told:
        told = good(kind)(room)
        room.stage.call({})
        url = told.environment["HTTPS_PROXY"].replace("proxy.test", NAMES["proxy.test"])
        return knowing(told, HTTPS_PROXY=url)

    return stage


def in_both_places(room: Room) -> Told:
    """git's settings name the proxy, and the variables do, as well."""
    told = good("http", LOGIN)(room)
    assert told.cwd is not None
    git(told.cwd, "config", "http.proxy", told.environment["HTTPS_PROXY"])
    url = told.environment["HTTPS_PROXY"]
    return knowing(told, https_proxy=url, HTTP_PROXY=url, http_proxy=url, ALL_PROXY=url, all_proxy=url)


# ---------------------------------------------------------------- slow ones


def late_answers(seconds: float) -> Callable[[Room], Told]:
    """Each request is answered so late."""

    def wait(method: str, path: str, headers: dict[str, str]) -> None:
        time.sleep(seconds)

    def stage(room: Room) -> Told:
        _, told = in_front(room, wait)
        trust(room, "https://hf.test")
        return told

    return stage


def late_proxy(seconds: float) -> Callable[[Room], Told]:
    """A proxy that takes so long for each connection: git, git-lfs and TLS come after it."""

    def stage(room: Room) -> Told:
        told, proxy = set_up(room), room.stage.proxy("http")
        reach = proxy._reach

        def later(host: str, port: int) -> socket.socket | None:
            time.sleep(seconds)
            return reach(host, port)

        proxy._reach = later  # type: ignore[method-assign]
        return knowing(told, HTTPS_PROXY=proxy.url)

    return stage


def late_handshakes(seconds: float) -> Callable[[Room], Told]:
    """Each TLS handshake takes so long, at the Hub and at its storage."""

    def stage(room: Room) -> Told:
        told = set_up(room, closed=False)
        for name in ("hf.test", "s3.hf.test"):
            room.stage.at(name).late = seconds
        return told

    return stage


ROWS: tuple[Ailment, ...] = (
    Ailment("nothing but an endpoint", None, alone, quick=True),
    Ailment("a plain folder", None, in_a_plain_folder, rare=True),
    Ailment("a repository", None, repository(), rare=True),
    Ailment("a detached HEAD", None, repository(("checkout", "-q", "--detach")), rare=True),
    Ailment("a bare repository", None, cloned("--bare"), rare=True),
    Ailment("a shallow clone", None, cloned("--depth=1"), rare=True),
    Ailment("a partial clone", None, cloned("--filter=blob:none"), rare=True),
    Ailment("a clone", None, cloned()),
    Ailment("a submodule on the Hub", None, with_a_submodule, rare=True),
    Ailment("a space", None, of_type("spaces"), rare=True),
    Ailment("a dataset", None, of_type("datasets")),
    Ailment("a fetch without a token", None, fetched(lambda hub: None), rare=True),
    Ailment("a fetch with a token for reading", None, fetched(lambda hub: hub.read_token), rare=True),
    Ailment("HF_HUB_OFFLINE", None, offline_by_setting, rare=True),
    Ailment("HF_HUB_DISABLE_XET", None, without_xet, rare=True),
    Ailment("two endpoints, one of them gone", None, two_endpoints, rare=True),
    Ailment("no git-lfs, and hfpush's own filter", None, our_filter_alone, rare=True),
    Ailment("an address in the name's place", None, by_address, needs=_STAGE, rare=True),
    Ailment("names with IPv6 alone", None, six_only, needs=LFS, rare=True),
    Ailment("a network with IPv6 alone", None, four_gone, needs=LFS),
    Ailment("NO_PROXY names both hosts", None, past_a_dead_proxy("hf.test,s3.hf.test"), needs=LFS),
    Ailment(
        "NO_PROXY names the domain, with and without a dot",
        None,
        past_a_dead_proxy("hf.test,.hf.test"),
        needs=LFS,
        rare=True,
    ),
    Ailment("NO_PROXY names the domain", None, past_a_dead_proxy("hf.test"), needs=LFS, rare=True),
    Ailment("NO_PROXY names the top", None, past_a_dead_proxy("test"), needs=LFS, rare=True),
    Ailment("NO_PROXY names the top with a dot", None, past_a_dead_proxy(".test"), needs=LFS, rare=True),
    Ailment("NO_PROXY with blanks", None, past_a_dead_proxy("localhost, hf.test, s3.hf.test"), needs=LFS, rare=True),
    Ailment("NO_PROXY is a star", None, past_a_dead_proxy("*"), needs=LFS, rare=True),
    Ailment(
        "NO_PROXY is a star, ALL_PROXY as well",
        None,
        past_a_dead_proxy("*", ALL_PROXY=_DEAD, all_proxy=_DEAD),
        needs=LFS,
        rare=True,
    ),
    Ailment("a proxy for https, the Hub on http", None, for_https_alone, rare=True),
    Ailment("a dead proxy for all but this machine", None, for_everything_but_here, rare=True),
    Ailment("an HTTP proxy that alone resolves names", None, names_known_there("http"), needs=LFS, rare=True),
    Ailment("a SOCKS proxy that alone resolves names", None, names_known_there("socks5", LOGIN), needs=LFS, rare=True),
    Ailment("an HTTP proxy at an address, and no name server", None, no_names_at_all("http"), needs=LFS, rare=True),
    Ailment("a SOCKS proxy at an address, and no name server", None, no_names_at_all("socks5"), needs=LFS, rare=True),
    Ailment("a proxy in git's settings and in all variables", None, in_both_places, needs=LFS, rare=True),
    Ailment("a private authority for all, in three variables", None, known_by_all, needs=LFS),
    Ailment("answers take 0.3 s", None, late_answers(0.3), needs=_STAGE, rare=True),
    Ailment("answers take 0.8 s", None, late_answers(0.8), needs=_STAGE, rare=True),
    Ailment("a proxy takes 0.3 s", None, late_proxy(0.3), needs=LFS, rare=True),
    Ailment("a proxy takes 1 s", None, late_proxy(1.0), needs=LFS, rare=True, most_seconds=15.0),
    Ailment("handshakes take 0.3 s", None, late_handshakes(0.3), needs=LFS, rare=True),
    Ailment("handshakes take 1 s", None, late_handshakes(1.0), needs=LFS, rare=True, most_seconds=15.0),
)
