"""Names that do not resolve or resolve to what is not so, connections that do not come about, packets that get lost."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from support.ailing import Ailment, Room, Told
from support.ailments.proxies import knowing, pasted, set_up, stock_push
from support.front import Front
from support.name_server import ADDRESS, Names, ask_in_the_world, use_servers
from support.stage import NAMES, Ended, six

LFS = ("git-lfs", "ip", "nft")
HERE: Mapping[str, list[str] | str] = {name: [NAMES[name], six(NAMES[name])] for name in ("hf.test", "s3.hf.test")}
FAKE = "198.18.0.9"
_CONNECT = "import socket; socket.create_connection(('hf.test', 443), 30).close()"


def well(room: Room) -> Told:
    """The Hub, and a repository that stock git would push there, straight."""
    return set_up(room, closed=False)


def as_root(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """The first line of the remedy, pasted into a shell of root's on the client."""
    assert finding["remedy"][0].count("# as root") == 1
    room.stage.on_client("sh", "-c", finding["remedy"][0])
    return told


# ---------------------------------------------------------------- names


def resolving(names: Names, *, beside: str = "") -> Callable[[Room], Told]:
    """Only what the client's name server answers is wrong; one more host is in its hosts file."""

    def stage(room: Room) -> Told:
        told = well(room)
        ask_in_the_world(room.stage, names, hosts={beside: NAMES[beside]} if beside else {})
        return told

    return stage


def no_name_server(room: Room) -> Told:
    """The resolver asks this machine itself, where nobody listens."""
    told = well(room)
    room.stage.call({})
    return told


def first_server_silent(room: Room) -> Told:
    told = resolving(HERE)(room)
    use_servers(room.stage, NAMES["mirror.test"], ADDRESS)
    room.stage.drop("mirror.test")
    return told


def resolved_soon(room: Room, told: Told) -> Ended:
    """Within less than the second after which the next server is asked."""
    return room.run(told, "timeout", "0.8", "getent", "ahosts", "hf.test")


def no_network(room: Room) -> Told:
    told = resolving(HERE)(room)
    room.stage.on_client("ip", "link", "set", "c0", "down")
    return told


def blocked_in_hosts(room: Room) -> Told:
    told = well(room)
    ask_in_the_world(room.stage, HERE, hosts={"hf.test": "0.0.0.0"})
    return told


def led_elsewhere_by_hosts(room: Room) -> Told:
    """An old line in the hosts file leads to a machine that is another one now."""
    told, stage = well(room), room.stage
    host, port = stage.at("hf.test").door
    stage.front("mirror.test", f"http://{host}:{port}", stage.context(stage.public, "mirror.test"))
    ask_in_the_world(stage, HERE, hosts={"hf.test": NAMES["mirror.test"]})
    return told


def proxy_that_is_not_asked(room: Room) -> Told:
    """The names are known to the proxy alone, which only git does not ask."""
    told = knowing(set_up(room), HTTPS_PROXY="socks5://proxy.test:1080")
    room.stage.proxy("socks5")
    ask_in_the_world(room.stage, {}, hosts={"proxy.test": NAMES["proxy.test"]})
    return told


def made_up(room: Room) -> Told:
    return resolving({**HERE, "hf.test": [FAKE]})(room)


def made_up_and_carried(room: Room) -> Told:
    told, stage = made_up(room), room.stage
    stage.world("ip", "address", "add", f"{FAKE}/32", "dev", "w0")
    host, port = stage.at("hf.test").door
    room.enter(Front([stage.listen(FAKE, 443)], f"http://{host}:{port}"))
    return told


# ---------------------------------------------------------------- connections


def dropped(*names: str) -> Callable[[Room], Told]:
    def stage(room: Room) -> Told:
        told = well(room)
        room.stage.drop(*names)
        return told

    return stage


def nothing_listens(room: Room) -> Told:
    room.stage.call(NAMES)
    return Told()


def forbidden_on_the_way(room: Room) -> Told:
    told = well(room)
    room.stage.filter(f"ip daddr {NAMES['hf.test']} reject with icmpx type admin-prohibited")
    return told


def no_storage_listens(room: Room) -> Told:
    told = well(room)
    room.stage.filter(f"ip daddr {NAMES['s3.hf.test']} tcp dport 443 reject with tcp reset")
    return told


def one_family(room: Room) -> Told:
    told, stage = well(room), room.stage
    stage.call({name: (NAMES[name], six(NAMES[name])) for name in ("hf.test", "s3.hf.test")})
    stage.filter(f"ip6 daddr {six(NAMES['hf.test'])} drop", f"ip6 daddr {six(NAMES['s3.hf.test'])} drop")
    preferences = room.place / "gai.conf"
    preferences.write_text("")
    stage.on_client("mount", "--bind", str(preferences), "/etc/gai.conf")
    return told


def python_connects(room: Room, told: Told) -> Ended:
    """As programs in Python do, one address after the other, for 3 seconds."""
    return room.run(told, "timeout", "3", sys.executable, "-c", _CONNECT)


def both_families(room: Room) -> Told:
    return resolving(HERE)(room)


def large_packets_lost(room: Room) -> Told:
    told, stage = well(room), room.stage
    stage.offload_nothing()
    stage.filter(f"ip daddr {NAMES['s3.hf.test']} ip length > 1300 drop")
    return told


def _sick(name: str, reference: str, stage: Callable[[Room], Told], **more: Any) -> Ailment:
    return Ailment(name, reference, stage, **{"needs": LFS, **more})


ROWS: tuple[Ailment, ...] = (
    _sick("a name that does not exist", "name-unresolved", resolving({}), quick=True),
    _sick("a storage whose name is hidden", "name-unresolved", resolving({"hf.test": [NAMES["hf.test"]]})),
    _sick(
        "a name that only the proxy knows",
        "name-unresolved",
        proxy_that_is_not_asked,
        cure=pasted,
        works=stock_push,
    ),
    _sick("a name server that fails", "dns-failing", resolving({"*": "SERVFAIL"})),
    _sick("a name server that refuses", "dns-failing", resolving({"*": "REFUSED"})),
    _sick("no name server", "dns-failing", no_name_server),
    _sick("a name server that is silent", "dns-silent", resolving({"*": "silent"})),
    _sick(
        "the first of two name servers is silent",
        "dns-silent",
        first_server_silent,
        cure=as_root,
        works=resolved_soon,
    ),
    _sick("a name server that answers 0.0.0.0", "dns-sinkhole", resolving({**HERE, "hf.test": ["0.0.0.0"]})),
    _sick("a hosts file that blocks the Hub", "dns-sinkhole", blocked_in_hosts, cure=as_root, works=stock_push),
    _sick(
        "a hosts file that leads to another host",
        "certificate-other-host",
        led_elsewhere_by_hosts,
        cure=as_root,
        works=stock_push,
    ),
    _sick("a made-up address, and nobody carries", "fake-address", made_up, rare=True),
    _sick("no network", "host-unreachable", no_network),
    _sick("the Hub is dropped", "connect-timeout", dropped("hf.test"), rare=True),
    _sick("the storage is dropped", "connect-timeout", dropped("s3.hf.test"), rare=True),
    _sick("nothing listens at the Hub", "connection-refused", nothing_listens, quick=True),
    _sick("the storage refuses connections", "connection-refused", no_storage_listens),
    _sick("a firewall that says no", "host-unreachable", forbidden_on_the_way),
    _sick("IPv6 leads nowhere", "ipv6-broken", one_family, cure=as_root, works=python_connects),
    _sick(
        "large packets to the storage get lost",
        "mtu-black-hole",
        large_packets_lost,
        cure=as_root,
        works=stock_push,
        needs=(*LFS, "ethtool"),
    ),
    Ailment("a name server, and both families", None, both_families, needs=LFS),
    Ailment("made-up addresses, carried on", None, made_up_and_carried, needs=LFS, rare=True),
)
