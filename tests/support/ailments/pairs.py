"""Two troubles at once: doctor names both, the one to act on first before the other, and no symptom of either."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from support.ailing import Room, Told
from support.ailments import http, paths, proxies, tls
from support.ailments.proxies import PLACE, knowing
from support.command_line import git


@dataclass(frozen=True)
class Pair:
    """`references` are the errors and warnings that doctor tells, in this order, and no other."""

    name: str
    references: tuple[str, ...]
    stage: Callable[[Room], Told]


def dead_token(stage: Callable[[Room], Told]) -> Callable[[Room], Told]:
    """The same with a token that the Hub no longer takes, hfpush's and git's."""
    return lambda room: knowing(stage(room), HF_TOKEN=http.DEAD_TOKEN, STOCK_TOKEN=http.DEAD_TOKEN)


def dead_proxy(stage: Callable[[Room], Told]) -> Callable[[Room], Told]:
    """The same with a proxy where nobody is."""
    return lambda room: knowing(stage(room), HTTPS_PROXY=f"http://{PLACE}")


def large_file(stage: Callable[[Room], Told]) -> Callable[[Room], Told]:
    """The same with a file in git itself that the Hub refuses."""

    def staged(room: Room) -> Told:
        told = stage(room)
        assert told.cwd is not None
        (told.cwd / "weights.txt").write_bytes(b"0123456789abcde\n" * (11 * 2**16))
        git(told.cwd, "add", "weights.txt")
        git(told.cwd, "commit", "-qm", "weights")
        return replace(told, arguments=(str(told.cwd),))

    return staged


def private_ca_and_hub_proxy(room: Room) -> Told:
    """Where the storage is, is known only once the Hub has answered."""
    told = tls.set_up(room, room.hub(private=True))
    assert told.cwd is not None
    room.stage.drop("hf.test", "s3.hf.test")
    git(told.cwd, "config", "http.https://hf.test.proxy", room.stage.proxy("http").url)
    return told


def reset_and_dropped(room: Room) -> Told:
    told = tls.answering(tls.resets)(room)
    room.stage.drop("s3.hf.test")
    return told


ROWS: tuple[Pair, ...] = (
    Pair(
        "ALL_PROXY alone, and a dead token",
        ("all-proxy-ignored", "token-refused"),
        dead_token(proxies.all_proxy("http")),
    ),
    Pair("proxychains, and a dead token", ("wrapper-bypassed", "token-refused"), dead_token(proxies.proxychains)),
    Pair("flaky, and a dead token", ("tls-flaky", "token-refused"), dead_token(tls.flaky("hf.test"))),
    Pair("IPv6 broken, and a dead token", ("token-refused", "ipv6-broken"), dead_token(paths.one_family)),
    Pair("no such name, and a large file", ("name-unresolved", "large-file-in-git"), large_file(paths.resolving({}))),
    Pair(
        "a proxy without the storage, and a large file",
        ("proxy-refused", "large-file-in-git"),
        large_file(proxies.storage_forbidden),
    ),
    Pair(
        "a dead token, and a large file",
        ("token-refused", "large-file-in-git"),
        large_file(dead_token(lambda room: proxies.set_up(room, closed=False))),
    ),
    Pair("a dead proxy, and a login page straight", ("proxy-failed",), dead_proxy(http.portal_without_tls)),
    Pair("a dead proxy, and an expired certificate straight", ("proxy-failed",), dead_proxy(tls.showing(ends=-1))),
    Pair("a private authority, and a proxy for the Hub alone", ("tls-untrusted",), private_ca_and_hub_proxy),
    Pair("TLS is reset at the Hub, and the storage dropped", ("tls-reset",), reset_and_dropped),
)
