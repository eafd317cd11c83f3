"""Addresses of files at a storage, kept while they are good: one thread asks for a file's, the others wait for it.

In memory only: an address may be signed, and whoever has it may read the file. What an address is, how it is asked for
and how it is used, the source says.
"""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from hfpush.errors import HfpushError, LeaseExpired, NotFound, Refused, Unavailable
from hfpush.net.download import Download

A = TypeVar("A")
_MOST = 512  # files; an address has a kilobyte or two
_USED_UP = (LeaseExpired, Refused, NotFound)


@dataclass(frozen=True)
class Found(Generic[A]):
    """What asking brought: the first download, and the address for further ones, or None where each has to ask."""

    download: Download
    address: A | None


class Addresses(Generic[A]):
    """The addresses of one source, by the files' names. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, A | None] = OrderedDict()
        self._asked: dict[str, Future[A | None]] = {}

    def open(self, name: str, ask: Callable[[], Found[A]], use: Callable[[A], Download]) -> Download:
        """What `use` makes of the address that is kept; where there is none, or it is used up, what `ask` finds.

        Of several who find none only one asks, the others use what it has found, or fail as it did. Raises what `ask`
        and `use` raise; an address that fails is not used again.
        """
        known, address = self._known(name)
        if known and address is None:
            return ask().download
        if address is not None:
            try:
                return use(address)
            except _USED_UP:
                self._forget(name, address)
            except Unavailable:
                self._forget(name, address)  # next time another host may be named
                raise
        answer, first = self._turn(name)
        if first:
            return self._ask(name, answer, ask)
        address = _result(answer)
        return ask().download if address is None else use(address)

    def _known(self, name: str) -> tuple[bool, A | None]:
        with self._lock:
            if name not in self._kept:
                return False, None
            self._kept.move_to_end(name)
            return True, self._kept[name]

    def _forget(self, name: str, address: A) -> None:
        with self._lock:
            if self._kept.get(name) is address:
                del self._kept[name]

    def _turn(self, name: str) -> tuple[Future[A | None], bool]:
        """What somebody is asking for just now, or has found in the meantime; or a question that is ours to ask."""
        with self._lock:
            if name in self._kept:
                found: Future[A | None] = Future()
                found.set_result(self._kept[name])
                return found, False
            if name in self._asked:
                return self._asked[name], False
            return self._asked.setdefault(name, Future()), True

    def _ask(self, name: str, answer: Future[A | None], ask: Callable[[], Found[A]]) -> Download:
        try:
            found = ask()
        except BaseException as failure:
            with self._lock:
                del self._asked[name]
            answer.set_exception(failure)
            raise
        with self._lock:
            del self._asked[name]
            self._kept[name] = found.address
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        answer.set_result(found.address)
        return found.download


def _result(answer: Future[A | None]) -> A | None:
    """What another thread was told; None too where it was ended: then everybody asks. Raises its failure."""
    failure = answer.exception()
    if isinstance(failure, HfpushError):
        raise copy.copy(failure) from failure
    return None if failure is not None else answer.result()
