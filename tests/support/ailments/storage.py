"""Storage that does not take bytes, or holds them back; mirrors that leave half of it undone; git-lfs's agent; Xet."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from support.ailing import Ailment, Room, Told
from support.answering import Answering, Given
from support.command_line import git
from support.half_mirror import half_mirror
from support.stage import NAMES, Ended

from hfpush.localhub import (
    Fault,
    LocalHub,
    bad_json,
    drop_after,
    expired_lease,
    no_answer,
    redirect_loop,
    short_lease,
    slow,
    stall,
    status,
)

LFS = ("git-lfs", "ip", "nft")
NGINX = """\
daemon off; master_process off; user root root; pid {place}/nginx.pid; error_log {place}/nginx.log;
events {{}}
http {{
  access_log off; proxy_http_version 1.1; {settings}
  client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/f;
  uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;
  server {{
    listen {address}:443 ssl; ssl_certificate {place}/chain.pem; ssl_certificate_key {place}/key.pem;
    location / {{ proxy_pass http://{upstream}:80; proxy_set_header Host $host; }}
  }}
}}
"""
BUFFERING = "client_max_body_size 0; proxy_request_buffering on;"
PASSING = "client_max_body_size 0; proxy_request_buffering off;"
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'


def pushed(room: Room, hub: LocalHub, **more: Any) -> Told:
    """A repository with a large file, which is looked at from inside."""
    pushes = room.pushes(hub, **more)
    own = {"GIT_CONFIG_GLOBAL": str(room.place / "stock.gitconfig"), "STOCK_TOKEN": hub.token, "HF_TOKEN": hub.token}
    path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return Told(environment={**own, **path}, cwd=pushes.repo)


def faulty(*faults: Callable[[], Fault], **config: Any) -> Callable[[Room], Told]:
    """A Hub with these faults."""
    return lambda room: pushed(room, _hub(room, *(fault() for fault in faults), **config))


def _hub(room: Room, *faults: Fault, **config: Any) -> LocalHub:
    """Its settings for endpoints are written by the repository's side."""
    return room.stage.hub(*faults, **config)


def stock_push(room: Room, told: Told) -> Ended:
    """`git push`, as it is."""
    return room.run(told, "git", "push", "origin", "main")


def pasted(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """The first line of the remedy, pasted into a shell from which everything is run then."""
    return replace(told, wrap=("bash", "-c", finding["remedy"][0] + '\nexec "$@"', "bash"))


# ---------------------------------------------------------------- the storage


def black_holed(room: Room) -> Told:
    told = faulty()(room)
    room.stage.drop("s3.hf.test")
    return told


def saying(code: str, message: str, number: int = 403) -> Callable[[Room], Told]:
    """A storage that answers each upload so."""

    def stage(room: Room) -> Told:
        body = XML.format(code=code, message=message).encode()
        given = Given(number, body, {"Content-Type": "application/xml", "Server": "AmazonS3"})
        hub = _hub(room, storage_front=False)
        server = room.enter(Answering(lambda method, path, headers: given))
        room.stage.front("s3.hf.test", server.url, room.stage.context(room.stage.public, "s3.hf.test"))
        return pushed(room, hub)

    return stage


def behind_nginx(settings: str, *faults: Callable[[], Fault]) -> Callable[[Room], Told]:
    """A storage with nginx before it."""

    def stage(room: Room) -> Told:
        made = room.stage
        hub = _hub(room, *(fault() for fault in faults), storage_front=False, part_size=1_200_000)
        made.front("mirror.test", hub.doors[1], port=80)
        place = room.place / "nginx"
        place.mkdir()
        certificate = made.public.issue_cert("s3.hf.test")
        certificate.private_key_pem.write_to_path(str(place / "key.pem"))
        (place / "chain.pem").write_bytes(b"".join(one.bytes() for one in certificate.cert_chain_pems))
        address, upstream = NAMES["s3.hf.test"], NAMES["mirror.test"]
        (place / "conf").write_text(NGINX.format(place=place, address=address, upstream=upstream, settings=settings))
        made.start("nginx", "-e", str(place / "nginx.log"), "-c", str(place / "conf"))
        made.wait_for("s3.hf.test")
        return pushed(room, hub)

    return stage


def large_packets_vanish(room: Room) -> Told:
    told = faulty()(room)
    room.stage.offload_nothing()
    room.stage.filter(f"ip daddr {NAMES['s3.hf.test']} ip length > 1300 drop")
    return told


# ---------------------------------------------------------------- mirrors

AT_MIRROR = ("--endpoint", "https://mirror.test", "--repo", "local/stock")


def mirrored(room: Room, told: Told, hub: LocalHub, **options: Any) -> Told:
    """The same with a mirror before the Hub, at which doctor looks; who uses it trusts it, and the Hub."""
    mirror = room.enter(half_mirror(hub.doors[0], **options))
    room.stage.front("mirror.test", mirror.url, room.stage.context(room.stage.public, "mirror.test"))
    (room.place / "config/hfpush/endpoints.yaml").write_text(
        "endpoints:\n"
        "  half:\n    url: https://mirror.test\n    kind: mirror\n    trusted: true\n"
        "  whole:\n    url: https://hf.test\n    kind: hub\n    trusted: true\n"
    )
    return replace(told, arguments=AT_MIRROR, environment={**told.environment, "HF_ENDPOINT": "https://mirror.test"})


def bytes_left_to_the_storage(room: Room) -> Told:
    """What is known of mirrors that only pass requests on: their answers still name the Hub and its storage."""
    hub = _hub(room)
    told = mirrored(room, pushed(room, hub), hub)
    room.stage.drop("hf.test", "s3.hf.test")
    return told


def no_check(room: Room) -> Told:
    hub = _hub(room)
    names = ("https://hf.test", "https://mirror.test")
    return mirrored(room, pushed(room, hub), hub, lacks="/verify", renames=names)


def no_batch(room: Room) -> Told:
    hub = _hub(room)
    return mirrored(room, pushed(room, hub), hub, lacks="objects/batch")


def address_without_scheme(room: Room) -> Told:
    hub = _hub(room)
    told = pushed(room, hub)

    def bare(content: bytes) -> bytes:
        return re.sub(rb'"href": ?"https://s3', b'"href": "s3', content)

    return mirrored(room, told, hub, edits=bare)


def past_expiry(room: Room) -> Told:
    hub = _hub(room)
    told = pushed(room, hub)

    def dead(content: bytes) -> bytes:
        return re.sub(rb'"expires_in": ?[0-9.]+', b'"expires_at": "2020-01-01T00:00:00Z"', content)

    return mirrored(room, told, hub, edits=dead)


def carries_all(room: Room) -> Told:
    """A mirror in whose answers the Hub is named, and the Hub can be reached."""
    hub = _hub(room)
    return mirrored(room, pushed(room, hub), hub)


# ---------------------------------------------------------------- git-lfs's agent


def agent_gone(room: Room) -> Told:
    told = faulty()(room)
    assert told.cwd is not None
    for key, value in (("path", "huggingface-cli-that-is-gone"), ("args", "lfs-multipart-upload")):
        git(told.cwd, "config", f"lfs.customtransfer.multipart.{key}", value)
    return told


def no_agent(room: Room) -> Told:
    """A pointer to a file over 5 GB, whose bytes are a hole."""
    told = faulty()(room)
    assert told.cwd is not None
    oid, size = "5" * 64, 5_100_000_000
    store = told.cwd / ".git/lfs/objects/55/55"
    store.mkdir(parents=True)
    with (store / oid).open("wb") as stream:
        stream.truncate(size)
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size}\n"
    (told.cwd / "huge.bin").write_text(text)
    blob = git(told.cwd, "hash-object", "-w", "--no-filters", "huge.bin").strip()
    git(told.cwd, "update-index", "--add", "--cacheinfo", f"100644,{blob},huge.bin")
    git(told.cwd, "commit", "-q", "-m", "A very large one")
    return told


def lfs_url_without_scheme(room: Room) -> Told:
    told = faulty()(room)
    assert told.cwd is not None
    git(told.cwd, "config", "lfs.url", "hf.test/local/stock.git/info/lfs")
    return told


# ---------------------------------------------------------------- Xet

XET_LOG = (
    "ConnectionError: Network error: Request middleware error: error sending request for url "
    "(https://other.test/v1/xorb-grants/default/abc)\n"
)


def naming_a_cas(room: Room) -> Told:
    """A Hub with Xet, whose bytes are at other.test; its log has what hf_xet says when it cannot get there."""
    hub = _hub(room)
    told = pushed(room, hub)
    token = b'{"accessToken": "xet-secret", "exp": 9999999999, "casUrl": "https://other.test"}'

    def answer(method: str, path: str, headers: dict[str, str]) -> Given | None:
        return Given(200, token, {"Content-Type": "application/json"}) if "/xet-" in path else None

    server = room.enter(Answering(answer, hub.doors[0]))
    room.stage.front("mirror.test", server.url, room.stage.context(room.stage.public, "mirror.test"))
    (room.place / "config/hfpush/endpoints.yaml").write_text(
        "endpoints:\n"
        "  half:\n    url: https://mirror.test\n    kind: mirror\n    trusted: true\n"
        "  whole:\n    url: https://hf.test\n    kind: hub\n    trusted: true\n"
    )
    log = room.place / "hf.log"
    log.write_text(XET_LOG)
    environment = {**told.environment, "HF_ENDPOINT": "https://mirror.test"}
    return replace(told, arguments=(*AT_MIRROR, "--log", str(log)), environment=environment)


def cas_blocked(room: Room) -> Told:
    told = naming_a_cas(room)
    room.stage.drop("other.test")
    return told


def cas_untrusted(room: Room) -> Told:
    told = naming_a_cas(room)
    server = room.enter(Answering(lambda method, path, headers: Given(404)))
    room.stage.front("other.test", server.url, room.stage.context(room.stage.private, "other.test"))
    return told


def hf_upload(room: Room, told: Told) -> Ended:
    """What huggingface_hub does with a large file."""
    return room.run(told, "hf", "upload", "local/other", str(room.place / "more.bin"), "more.bin")


def no_xet(room: Room) -> Told:
    hub = _hub(room)
    hub.create("local/other")
    (room.place / "more.bin").write_bytes(os.urandom(300_000))
    told = pushed(room, hub)
    log = room.place / "hf.log"
    log.write_text(
        "RuntimeError: Network error: HTTP status client error (404 Not Found) for url "
        "(https://hf.test/api/models/local/stock/xet-write-token/main)\n"
    )
    return replace(told, arguments=("--log", str(log)))


QUOTA = "403 Forbidden: Private repository storage limit reached, please upgrade your plan"
SIGNATURE = "The request signature we calculated does not match the signature you provided."
SKEWED = "The difference between the request time and the current time is too large."

ROWS: tuple[Ailment, ...] = (
    Ailment("storage in a black hole", "connect-timeout", black_holed, needs=LFS, rare=True),
    Ailment(
        "signed URLs expired on arrival",
        "lease-refused",
        faulty(lambda: expired_lease(times=None)),
        needs=LFS,
        quick=True,
    ),
    Ailment("signatures do not fit", "signature-mismatch", saying("SignatureDoesNotMatch", SIGNATURE), needs=LFS),
    Ailment(
        "storage finds the time skewed", "clock-skewed", saying("RequestTimeTooSkewed", SKEWED), needs=LFS, rare=True
    ),
    Ailment(
        "storage says 501",
        "storage-refused",
        saying("NotImplemented", "A header you provided", 501),
        needs=LFS,
        rare=True,
    ),
    Ailment(
        "nginx before the storage takes 100 kB",
        "request-too-large",
        behind_nginx("client_max_body_size 100k;"),
        needs=(*LFS, "nginx"),
        quick=True,
    ),
    Ailment(
        "nginx takes bodies whole before a slow storage",
        "proxy-buffers",
        behind_nginx(BUFFERING, lambda: slow(rate=400_000)),
        pasted,
        stock_push,
        needs=(*LFS, "nginx"),
    ),
    Ailment("nginx that passes bodies on", None, behind_nginx(PASSING), needs=(*LFS, "nginx"), rare=True),
    Ailment(
        "storage stops reading", "stalled", faulty(lambda: stall(60, bytes=100_000, times=None)), needs=LFS, rare=True
    ),
    Ailment("storage never answers", "stalled", faulty(lambda: no_answer(on="put")), needs=LFS, rare=True),
    Ailment(
        "storage cuts at 100 kB",
        "connection-cut",
        faulty(lambda: drop_after(bytes=100_000, times=None)),
        needs=LFS,
        rare=True,
    ),
    Ailment(
        "large packets to the storage vanish",
        "mtu-black-hole",
        large_packets_vanish,
        needs=(*LFS, "ethtool"),
        rare=True,
    ),
    Ailment("storage is very slow", "line-slow", faulty(lambda: slow(rate=20_000)), needs=LFS, rare=True),
    Ailment("signed URLs live for three seconds", "lease-refused", faulty(lambda: short_lease(3)), needs=LFS),
    Ailment(
        "the account's storage is full",
        "hub-quota",
        faulty(lambda: status(403, on="batch", message=QUOTA, times=None)),
        needs=LFS,
    ),
    Ailment(
        "the batch request goes in circles",
        "redirect-refused",
        faulty(lambda: redirect_loop(on="batch")),
        needs=LFS,
        rare=True,
    ),
    Ailment(
        "the batch request gets 503",
        "hub-unavailable",
        faulty(lambda: status(503, on="batch", times=None)),
        needs=LFS,
        rare=True,
    ),
    Ailment(
        "the batch answer is no JSON",
        "batch-unreadable",
        faulty(lambda: bad_json(on="batch", times=None)),
        needs=LFS,
        rare=True,
    ),
    Ailment(
        "a mirror leaves bytes to a storage that is blocked",
        "mirror-half",
        bytes_left_to_the_storage,
        needs=LFS,
        rare=True,
    ),
    Ailment("a mirror does not know verify", "mirror-half", no_check, needs=LFS),
    Ailment("a mirror does not know batch", "mirror-half", no_batch, needs=LFS),
    Ailment("a mirror whose Hub can be reached", None, carries_all, needs=LFS),
    Ailment("an upload address without a scheme", "lfs-url-unusable", address_without_scheme, needs=LFS),
    Ailment("an upload address that ended years ago", "lease-refused", past_expiry, needs=LFS),
    Ailment("git-lfs's agent is gone", "lfs-agent-missing", agent_gone, pasted, stock_push, needs=LFS, rare=True),
    Ailment("a file over 5 GB and no agent", "large-object-agent", no_agent, needs=LFS, rare=True),
    Ailment("Xet's host in a black hole", "xet-blocked", cas_blocked, needs=LFS),
    Ailment("Xet's host is not trusted", "xet-untrusted", cas_untrusted, needs=LFS, rare=True),
    Ailment("an endpoint without Xet", "xet-missing", no_xet, pasted, hf_upload, needs=LFS),
    Ailment("lfs.url without a scheme", "lfs-url-unusable", lfs_url_without_scheme, pasted, stock_push, needs=LFS),
)
