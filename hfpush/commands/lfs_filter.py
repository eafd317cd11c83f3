"""The filter that git runs for LFS files: the conversation with git, put together with downloads from the remote.

Git starts it for each command, so what downloads need is imported only when an object is missing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hfpush.endpoints import Endpoint
from hfpush.findings import Finding
from hfpush.repo.filter.bringing import Bringing
from hfpush.repo.filter.handler import BLOCK, FileAnswer, LfsFilter, Smudging
from hfpush.repo.filter.pktline import PacketReader, PacketWriter, PlainContent, Stream
from hfpush.repo.filter.place import FilterPlace, filter_place, is_set
from hfpush.repo.filter.selection import patterns, wanted
from hfpush.repo.filter.session import Session

if TYPE_CHECKING:
    from hfpush.settings import Settings

Write = Callable[["bytes | memoryview"], None]


@dataclass(frozen=True)
class Started:
    """How the filter was started: by git in `directory`, with `environment`; `tell` is told what goes wrong."""

    directory: Path
    environment: Mapping[str, str]
    tell: Callable[[Finding], None]


def filter_process(started: Started, stream: Stream, write: Write) -> None:
    """Answer git's questions on `stream` until it has no more.

    Raises Damaged (`filter-protocol`) for what does not speak like git; LocalTrouble outside a repository;
    BrokenPipeError when git has gone away.
    """
    session = Session(PacketReader(stream), PacketWriter(write), tell=started.tell)
    session.run(lambda: _lfs_filter(started))


def clean_once(started: Started, stream: Stream, write: Write) -> None:
    """The pointer of all that `stream` holds, which is in the store then. Raises LocalTrouble."""
    answer = _lfs_filter(started).clean(PlainContent(stream))
    assert isinstance(answer, bytes)
    write(answer)


def smudge_once(started: Started, stream: Stream, write: Write, path: bytes) -> None:
    """The content that the pointer in `stream` stands for, downloaded if it is not here. Raises what LfsFilter does."""
    answer = _lfs_filter(started).smudge(path, PlainContent(stream), can_delay=False)
    if isinstance(answer, bytes):
        write(answer)
    elif isinstance(answer, FileAnswer):
        block, at = memoryview(bytearray(BLOCK)), 0
        try:
            while at < answer.size and (count := os.preadv(answer.fd, [block], at)):
                write(block[:count])
                at += count
        finally:
            answer.close()


def _lfs_filter(started: Started) -> LfsFilter:
    place, env = filter_place(started.directory, started.environment), started.environment
    store = place.store
    skip = is_set(env.get("GIT_LFS_SKIP_SMUDGE"))

    def may(path: str) -> bool:
        return not skip and wanted(path, *_selection(place))

    lenient = is_set(env.get("GIT_LFS_SKIP_DOWNLOAD_ERRORS")) or is_set(place.settings.get("lfs.skipdownloaderrors"))
    smudging = Smudging(may, lambda: _bringer(place, started), lenient)
    return LfsFilter(store, smudging, tell=started.tell)


def _selection(place: FilterPlace) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`lfs.fetchinclude` and `lfs.fetchexclude`, which may also stand in .lfsconfig."""
    keys = ("lfs.fetchinclude", "lfs.fetchexclude")
    include, exclude = (patterns(place.settings.get(key) or place.brought.get(key)) for key in keys)
    return include, exclude


def _bringer(place: FilterPlace, started: Started) -> Bringing:
    """What brings missing objects from the remote. Raises Misuse (`lfs-remote`, settings), NotFound (`not-on-disk`)."""
    from hfpush.commands.lfs_bring import Bringer
    from hfpush.commands.lfs_place import LfsPlace
    from hfpush.commands.lfs_source import LfsSource
    from hfpush.commands.outlet import network_for, user_at
    from hfpush.errors import NotFound
    from hfpush.net.http import Http
    from hfpush.net.retry import RetryPolicy
    from hfpush.settings import load_settings

    settings = load_settings({}, started.environment)
    if settings.offline:
        raise NotFound.of(
            "not-on-disk",
            "Not everything that is to be checked out is on this disk, and the Hub may not be asked.",
            seen=("HF_HUB_OFFLINE is set",),
            to_try=("run the same command once without HF_HUB_OFFLINE", "GIT_LFS_SKIP_SMUDGE=1 leaves the pointers"),
        )
    server = place.server()
    endpoint, token = _credential(settings, server.url, server.password)
    network = network_for(settings, endpoint, started.directory)
    for note in network.notes:
        started.tell(note)
    jobs = min(settings.jobs, _count(place.settings.get("lfs.concurrenttransfers"), settings.jobs))

    def http(user: str | None, password: str | None) -> Http:
        return Http(endpoint, password, user=user_at(endpoint, user), network=network, connections=jobs + 1)

    def from_git() -> Http | None:
        found = place.login(server)
        return None if found is None or found.password == token else http(found.user, found.password)

    source = LfsSource(http(server.user, token), server.url, place.ref, otherwise=from_git)
    return Bringer(source, LfsPlace(place.store), RetryPolicy(attempts=settings.attempts), jobs=jobs)


def _credential(settings: Settings, url: str, password: str | None) -> tuple[Endpoint, str | None]:
    """The endpoint that the LFS server belongs to, and the token for it: that of the remote's own URL, else the user's
    where it is an endpoint that the user trusts."""
    from hfpush.hub.token import token_for

    usual = settings.usual_endpoint
    endpoint = usual if usual.owns(url) else settings.book.owner(url)
    if endpoint is not None:
        return endpoint, password or token_for(settings, endpoint)
    parts = urlsplit(url)
    return Endpoint(parts.netloc, f"{parts.scheme}://{parts.netloc}", trusted=False), password


def _count(text: str | None, usual: int) -> int:
    number = int(text) if text is not None and text.isascii() and text.isdigit() else 0
    return number if 1 <= number <= 64 else usual
