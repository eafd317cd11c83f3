"""TLS that does not come about at the Hub or at its storage, and certificates that not everybody believes.

What is to be wrong stands at an address of its own, to which the client's name leads: the Hub behind it is well.
"""

from __future__ import annotations

import datetime
import shlex
import ssl
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.ailing import Ailment, Room, Told
from support.hellos import is_of_gnutls
from support.pushes import Pushes
from support.stage import NAMES, SYSTEM_ROOTS, Ended
from support.tls_doors import Manner, TlsDoor, alerts, closes, for_name, is_silent, resets, says, says_half, speaks

from hfpush.localhub import LocalHub

LFS = ("git-lfs", "ip", "nft")
MTU = (*LFS, "ethtool")
HUB, STORAGE = "hf.test", "s3.hf.test"
_DAY = datetime.timedelta(days=1)
_ELSEWHERE = {HUB: "other.test", STORAGE: "mirror.test"}
_FITS = 1300
"""What a line with a small MTU takes; more than the 1280 that everybody must take."""


def set_up(room: Room, hub: LocalHub, **environment: str) -> Told:
    """A repository with a large file that stock git would push there."""
    pushes = Pushes(room.stage, hub, room.place)
    own = {
        "GIT_CONFIG_GLOBAL": str(room.place / "stock.gitconfig"),
        "STOCK_TOKEN": hub.token,
        "HOME": str(room.place / "home"),
    }
    (room.place / "home").mkdir()
    return Told(environment={**own, **environment}, cwd=pushes.repo)


def stock_push(room: Room, told: Told) -> Ended:
    """`git push`, as it is."""
    return room.run(told, "git", "push", "origin", "main")


def pasted(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """The remedy's lines for a shell, pasted into one from which everything is run then."""
    lines = [line for line in finding["remedy"] if line.startswith(("export ", "cat ", "(cat ", "unset "))]
    assert lines, finding
    return replace(told, wrap=("bash", "-c", "\n".join(["set -e", *lines, 'exec "$@"']), "bash"))


def lead_away(room: Room, *names: str) -> None:
    """Let these names lead to the addresses where something else answers."""
    room.stage.call({**NAMES, **{name: NAMES[_ELSEWHERE[name]] for name in names}})


# ---------------------------------------------------------------- handshakes


def answering(manner: Callable[[Room], Manner] | Manner, name: str = HUB) -> Callable[[Room], Told]:
    """At that name every ClientHello is answered in this manner."""

    def stage(room: Room) -> Told:
        told = set_up(room, room.hub())
        room.enter(TlsDoor(manner, [room.stage.listen(_ELSEWHERE[name], 443)]))
        lead_away(room, name)
        return told

    return stage


def half(room: Room) -> Told:
    """Forty bytes of a ServerHello, and a reset."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(HUB).configure_cert(context)
    return answering(says_half(context, 40, resets))(room)


def filtered(manner: Manner) -> Callable[[Room], Told]:
    """Handshakes for the Hub's name alone end in that manner."""

    def stage(room: Room) -> Told:
        context = room.stage.context(room.stage.public, HUB)
        return answering(for_name(HUB, manner, speaks(context)))(room)

    return stage


def flaky(name: str) -> Callable[[Room], Told]:
    """Every second handshake there is reset."""

    def stage(room: Room) -> Told:
        told = set_up(room, room.hub())
        room.stage.at(name).reset_handshakes("10")
        return told

    return stage


def gits_own(room: Room) -> Told:
    """Handshakes of git's TLS library alone are reset, those of everybody else stand."""
    hub = room.hub()
    told = set_up(room, hub)
    hub.create("local/model")  # as the Hub makes one, with a first commit: what publish goes on from
    room.run(told, "git", "remote", "set-url", "origin", f"https://{HUB}/local/model")
    room.stage.at(HUB).reset_hellos(is_of_gnutls)
    if stock_push(room, told).code == 0:
        pytest.skip("git here has another TLS library than GnuTLS")
    return told


def hasty_push(room: Room, told: Told) -> Ended:
    """`git push`, for which nobody waits as long as git itself would."""
    return room.run(told, "git", "push", "origin", "main", seconds=8.0)


def unlucky_push(room: Room, told: Told) -> Ended:
    """`git push`, the first handshake of which is reset."""
    room.stage.at(HUB).connections = 0
    return stock_push(room, told)


def carried(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """`hfpush run -- git push`, as the remedy says."""
    assert finding["remedy"][0].startswith("hfpush run -- git push ")
    return replace(told, wrap=(sys.executable, "-m", "hfpush", "run", "--"))


def published(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """The first line of the remedy, which publishes, in place of a push."""
    line = finding["remedy"][0]
    assert line.startswith("hfpush publish "), finding
    return replace(told, wrap=("bash", "-c", f"{shlex.quote(sys.executable)} -m {line}", "bash"))


def narrow(room: Room) -> Told:
    """Large packets get lost on their way to the client; the certificate is larger than one of them."""
    hub = room.hub()
    told = set_up(room, hub)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    names = [f"mirror-number-{number}.hf.test" for number in range(80)]
    room.stage.public.issue_cert(HUB, *names).configure_cert(context)
    room.stage.front(_ELSEWHERE[HUB], hub.doors[0], context)
    lead_away(room, HUB)
    room.stage.offload_nothing()
    chain = f'type filter hook output priority 0; policy accept; oifname "w0" meta length > {_FITS} drop;'
    room.stage.world("nft", "-f", "-", stdin=f"table inet narrow {{ chain out {{ {chain} }}; }}\n")
    return told


def widened(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """The first line of the remedy, as root of the client."""
    room.stage.on_client("sh", "-c", finding["remedy"][0])
    return told


# ---------------------------------------------------------------- certificates


def showing(name: str = HUB, *, to: str | None = None, begins: int = -9, ends: int = 9) -> Callable[[Room], Told]:
    """At `name` a certificate for `to`, that begins and ends so many days from now; the Hub or storage behind it."""

    def stage(room: Room) -> Told:
        hub = room.hub()
        told = set_up(room, hub)
        now = datetime.datetime.now(datetime.timezone.utc)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued = room.stage.public.issue_cert(to or name, not_before=now + begins * _DAY, not_after=now + ends * _DAY)
        issued.configure_cert(context)
        room.stage.front(_ELSEWHERE[name], hub.doors[0 if name == HUB else 1], context)
        lead_away(room, name)
        return told

    return stage


def behind(room: Room) -> Told:
    """By the server's clock, and not by the client's, its certificate is valid."""
    told = set_up(room, room.hub())
    now = datetime.datetime.now(datetime.timezone.utc)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    room.stage.public.issue_cert(HUB, not_before=now + _DAY, not_after=now + 9 * _DAY).configure_cert(context)
    date = formatdate(time.time() + 2 * 86_400, usegmt=True)
    answer = f"HTTP/1.1 401 Unauthorized\r\nDate: {date}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    room.enter(TlsDoor(speaks(context, answer.encode()), [room.stage.listen(_ELSEWHERE[HUB], 443)]))
    lead_away(room, HUB)
    return told


def private(room: Room) -> Path:
    """The file with the private authority's certificate."""
    file = room.place / "private.pem"
    room.stage.private.cert_pem.write_to_path(str(file))
    return file


def nobody_knows(room: Room) -> Told:
    told = set_up(room, room.hub(private=True))
    assert told.cwd is not None
    (told.cwd / "ca.pem").write_bytes(private(room).read_bytes())  # which the user gets from whoever runs the network
    return told


def nobody_knows_the_storages(room: Room) -> Told:
    return replace(set_up(room, room.hub(private_storage=True)))


def known_by(*variables: str) -> Callable[[Room], Told]:
    """These variables name the authority that has signed both certificates."""

    def stage(room: Room) -> Told:
        hub = room.hub(private=True)
        return set_up(room, hub, **dict.fromkeys(variables, str(private(room))))

    return stage


def old_bundle(room: Room) -> Told:
    """The system knows the authority, and variables name a file and a folder without it: git goes on, git-lfs does
    not. With the file alone git-lfs would go on, since Go then reads the system's folder too."""
    (room.place / "no-certificates").mkdir()
    hub = room.hub()
    return set_up(room, hub, SSL_CERT_FILE=str(private(room)), SSL_CERT_DIR=str(room.place / "no-certificates"))


def no_such_file(room: Room) -> Told:
    return set_up(room, room.hub(), GIT_SSL_CAINFO=str(room.place / "no-such-file.pem"))


def for_the_hub_alone(key: str, value: Callable[[Room], str]) -> Callable[[Room], Told]:
    """A setting of git's for the Hub's address."""

    def stage(room: Room) -> Told:
        told = set_up(room, room.hub(private=True))
        config = room.place / "stock.gitconfig"
        with config.open("a") as out:
            out.write(f'[http "https://hf.test"]\n\t{key} = {value(room)}\n')
        return told

    return stage


def known_by_all(room: Room) -> Told:
    """A private authority as it is installed properly: one file with the system's roots and its own, for everybody."""
    hub = room.hub(private=True)
    merged = room.place / "merged.pem"
    merged.write_bytes(
        Path(SYSTEM_ROOTS).read_bytes() + room.stage.public.cert_pem.bytes() + private(room).read_bytes()
    )
    names = ("SSL_CERT_FILE", "GIT_SSL_CAINFO", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    return set_up(room, hub, **dict.fromkeys(names, str(merged)))


def known_by_all_behind_a_proxy(room: Room) -> Told:
    """The same, where there is no other way than an HTTP proxy, which everybody is told of."""
    told = known_by_all(room)
    proxy = room.stage.proxy("http")
    room.stage.drop(HUB, STORAGE)
    return replace(told, environment={**told.environment, "HTTPS_PROXY": proxy.url})


_HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
ROWS: tuple[Ailment, ...] = (
    Ailment("tls: reset at the Hub", "tls-reset", answering(resets), needs=LFS, quick=True),
    Ailment("tls: reset at the storage", "tls-reset", answering(resets, STORAGE), needs=LFS),
    Ailment("tls: reset after half a ServerHello", "tls-reset", half, needs=LFS),
    Ailment("tls: closed at the Hub", "tls-closed", answering(closes), needs=LFS, rare=True),
    Ailment("tls: nobody answers at the Hub", "tls-silent", answering(is_silent), needs=LFS, rare=True),
    Ailment("tls: nobody answers at the storage", "tls-silent", answering(is_silent, STORAGE), needs=LFS, rare=True),
    Ailment("tls: no version in common", "tls-version", answering(alerts(70)), needs=LFS),
    Ailment("tls: no cipher in common", "tls-version", answering(alerts(40)), needs=LFS),
    Ailment("tls: an inner error of the server", "tls-failed", answering(alerts(80)), needs=LFS, rare=True),
    Ailment("tls: the name is unknown there", "tls-name-unknown", answering(alerts(112)), needs=LFS, rare=True),
    Ailment("tls: plain HTTP", "tls-plaintext", answering(says(_HTTP)), needs=LFS),
    Ailment("tls: plain HTTP at the storage", "tls-plaintext", answering(says(_HTTP), STORAGE), needs=LFS),
    Ailment("tls: garbage", "tls-plaintext", answering(says(bytes(range(60)))), needs=LFS),
    Ailment("tls: a filter resets one name", "tls-name-filtered", filtered(resets), needs=LFS),
    Ailment("tls: a filter swallows one name", "tls-name-filtered", filtered(is_silent), needs=LFS),
    Ailment("tls: every second handshake is reset", "tls-flaky", flaky(HUB), carried, unlucky_push, needs=LFS),
    Ailment("tls: every second handshake with the storage is reset", "tls-flaky", flaky(STORAGE), needs=LFS),
    Ailment("tls: git's library alone is reset", "tls-reset", gits_own, published, stock_push, needs=LFS),
    Ailment(
        "tls: large packets get lost on the way in", "mtu-black-hole", narrow, widened, hasty_push, needs=MTU, rare=True
    ),
    Ailment("certificate: expired", "certificate-expired", showing(ends=-1), needs=LFS),
    Ailment("certificate: expired at the storage", "certificate-expired", showing(STORAGE, ends=-1), needs=LFS),
    Ailment("certificate: not valid yet", "certificate-not-yet-valid", showing(begins=1), needs=LFS, rare=True),
    Ailment("certificate: the clock is behind", "clock-skewed", behind, needs=LFS, rare=True),
    Ailment(
        "certificate: of another host", "certificate-other-host", showing(to="other.example"), needs=LFS, rare=True
    ),
    Ailment(
        "certificate: of another host, at the storage",
        "certificate-other-host",
        showing(STORAGE, to="other.example"),
        needs=LFS,
        rare=True,
    ),
    Ailment("ca: nobody knows it", "tls-untrusted", nobody_knows, pasted, stock_push, needs=LFS),
    Ailment("ca: nobody knows the storage's", "tls-untrusted", nobody_knows_the_storages, needs=LFS),
    Ailment(
        "ca: git-lfs knows it and git does not",
        "ca-not-everywhere",
        known_by("SSL_CERT_FILE"),
        pasted,
        stock_push,
        needs=LFS,
    ),
    Ailment(
        "ca: only hfpush knows it", "ca-not-everywhere", known_by("REQUESTS_CA_BUNDLE"), pasted, stock_push, needs=LFS
    ),
    Ailment("ca: an old bundle hides it", "ca-not-everywhere", old_bundle, pasted, stock_push, needs=LFS),
    Ailment(
        "ca: for the Hub alone",
        "ca-hub-only",
        for_the_hub_alone("sslCAInfo", lambda room: str(private(room))),
        pasted,
        stock_push,
        needs=LFS,
    ),
    Ailment("ca: a file that is not there", "ca-file-unusable", no_such_file, pasted, stock_push, needs=LFS),
    Ailment("ca: known by all", None, known_by_all, needs=LFS, quick=True),
    Ailment("ca: known by all, behind a proxy", None, known_by_all_behind_a_proxy, needs=LFS),
    Ailment("ca: GIT_SSL_CAINFO is enough", None, known_by("GIT_SSL_CAINFO"), needs=LFS),
)
