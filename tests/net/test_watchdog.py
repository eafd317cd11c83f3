"""The watchdog over real connections; its clock is the test's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from hfpush.endpoints import Endpoint
from hfpush.errors import HfpushError
from hfpush.net import news
from hfpush.net.http import Call, Http
from hfpush.net.lines import Lines
from hfpush.net.network import Network
from hfpush.net.news import Moving, News, Stalled
from hfpush.net.patience import Patience
from hfpush.net.watchdog import Watchdog, watched

NETWORK = Network(Patience(20, 20, 20))


class Watch:
    """A dog with a clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.told: list[News] = []
        self.lines = Lines(clock=lambda: self.now)
        self.dog = Watchdog(self.lines, self.told.append)

    def after(self, seconds: float) -> list[News]:
        """What is told at the looks of the next seconds."""
        self.told.clear()
        end = self.now + seconds
        self.dog.look()
        while self.now < end:
            self.now += 1
            self.dog.look()
        return list(self.told)

    def until(self, layer: str) -> None:
        """Wait for a line to be in that layer, by the kernel's view: nothing moves any more there."""
        for _ in range(2000):
            if [line.layer for line in self.lines.busy()] == [layer]:
                return
            threading.Event().wait(0.005)
        raise AssertionError([line.layer for line in self.lines.busy()])


@contextmanager
def asking(watch: Watch, url: str, call: Call) -> Iterator[threading.Thread]:
    """A request under way in a thread of its own."""
    http = Http(Endpoint("hub", url), network=replace(NETWORK, lines=watch.lines))

    def ask() -> None:
        try:
            http.exchange(call)
        except HfpushError as error:
            ended.append(error)

    ended: list[HfpushError] = []
    thread = threading.Thread(target=ask)
    thread.start()
    yield thread
    thread.join(30)
    http.close()
    assert not thread.is_alive()


def test_an_answer_that_does_not_come_is_told_and_then_that_it_came(serve_raw: Any) -> None:
    go = threading.Event()

    def talk(conversation: Any, peer: Any) -> None:
        request = conversation.head()
        conversation.body(request)
        go.wait(20)
        conversation.answer()

    watch, peer = Watch(), serve_raw(talk)
    with asking(watch, peer.url, Call("POST", f"{peer.url}/a", data=b"x" * 1000)) as thread:
        watch.until(news.ANSWER)
        assert watch.after(9) == []
        assert watch.after(3) == [Stalled("127.0.0.1", news.ANSWER, 10.0, 1, "", 1000, 1000)]
        assert watch.after(25) == []
        go.set()
        thread.join(20)
        assert watch.after(1) == [Moving("127.0.0.1", 37.0)]
    assert watch.after(100) == []


def test_a_server_that_takes_nothing_is_told_with_what_is_there(serve_raw: Any) -> None:
    size = 64_000_000

    def talk(conversation: Any, peer: Any) -> None:
        conversation.head()
        peer.over.wait(20)

    watch, peer = Watch(), serve_raw(talk)
    with asking(watch, peer.url, Call("PUT", f"{peer.url}/a", data=bytes(size))):
        watch.until(news.SENDING)
        settled(watch)
        (told,) = watch.after(11)
        assert isinstance(told, Stalled)
        assert (told.layer, told.size) == (news.SENDING, size)
        assert 0 < told.there < size
        peer.over.set()
        for line in watch.lines.busy():
            assert line.cut is None, "a server that takes nothing is no black hole"


def settled(watch: Watch) -> None:
    """Wait until the kernel has handed over all that it can."""
    before: object = None
    for _ in range(200):
        marks = [line.handle and line.handle.counts() for line in watch.lines.busy()]
        if marks == before and marks and marks[0] is not None and marks[0].queued:
            return
        before = marks
        threading.Event().wait(0.05)


def test_a_silent_handshake_is_named(serve_raw: Any) -> None:
    watch, peer = Watch(), serve_raw(lambda conversation, peer: peer.over.wait(20))
    url = peer.url.replace("http:", "https:")
    with asking(watch, url, Call("GET", f"{url}/a")):
        watch.until(news.HANDSHAKE)
        assert watch.after(10) == [Stalled("127.0.0.1", news.HANDSHAKE, 10.0)]
        peer.over.set()


def test_without_a_request_under_way_there_is_no_alarm(serve: Any) -> None:
    watch, peer = Watch(), serve(lambda request: (200, {}, b""))
    with Http(Endpoint("hub", peer.url), network=replace(NETWORK, lines=watch.lines)) as http:
        http.exchange(Call("GET", f"{peer.url}/a"))
        assert watch.after(1000) == []  # hashing, say, or a wait that was told


def test_a_network_is_watched_once_and_only_within_the_block() -> None:
    heard: Callable[[News], None] = [].append
    with watched(Network(), heard) as outer:
        assert outer.lines is not None
        with watched(outer, heard) as inner:
            assert inner is outer
        assert [thread.name for thread in threading.enumerate()].count("watchdog") == 1
    assert "watchdog" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_ends_the_block_passes(error: type[BaseException]) -> None:
    with pytest.raises(error), watched(Network(), [].append):
        raise error
