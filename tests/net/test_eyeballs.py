"""Which of a host's addresses is taken, with real sockets; a listener whose queue is full answers nobody."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from hfpush.net.eyeballs import Address, connect, connect_blocking, first_of, in_turns, wrapper_of

V4, V6 = socket.AF_INET, socket.AF_INET6
LIMIT = 10.0


def v4(port: int, host: str = "127.0.0.1") -> Address:
    return V4, (host, port)


def v6(port: int) -> Address:
    return V6, ("::1", port, 0, 0)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def listening(stack: ExitStack, host: str = "127.0.0.1") -> int:
    family = V6 if ":" in host else V4
    try:
        listener = stack.enter_context(socket.create_server((host, 0), family=family))
    except OSError:
        pytest.skip(f"{host} is no address of this machine")
    return int(listener.getsockname()[1])


def silent(stack: ExitStack, host: str) -> int:
    """A port that answers no attempt to connect; none of them is refused either."""
    listener = stack.enter_context(socket.socket(V6 if ":" in host else V4))
    try:
        listener.bind((host, 0))
    except OSError:
        pytest.skip(f"{host} is no address of this machine")
    listener.listen(0)
    for _ in range(4):
        filler = stack.enter_context(socket.socket(listener.family))
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
    with socket.socket(listener.family) as probe:
        probe.settimeout(0.1)
        if probe.connect_ex(listener.getsockname()) == 0:
            pytest.skip("a full queue does not silence a port here")
    return int(listener.getsockname()[1])


def closed() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@pytest.mark.parametrize(
    ("addresses", "first", "order"),
    [
        ([v4(1), v4(2)], None, [v4(1), v4(2)]),
        ([v6(1), v6(2), v4(1), v4(2)], None, [v6(1), v4(1), v6(2), v4(2)]),
        ([v4(1), v4(2), v6(1)], None, [v4(1), v6(1), v4(2)]),
        ([v6(1), v6(2), v4(1)], V4, [v4(1), v6(1), v6(2)]),
        ([v6(1), v4(1)], V6, [v6(1), v4(1)]),
        ([v6(1)], V4, [v6(1)]),
        ([v4(1), v4(1), v6(1)], None, [v4(1), v6(1)]),
    ],
)
def test_families_take_turns_and_the_one_that_answered_before_begins(
    addresses: list[Address], first: int | None, order: list[Address]
) -> None:
    assert in_turns(addresses, first) == order


@pytest.mark.parametrize("racing", [True, False])
def test_an_address_that_refuses_costs_nothing(stack: ExitStack, racing: bool) -> None:
    began = time.monotonic()
    with first_of([v4(closed()), v4(listening(stack))], LIMIT, racing=racing) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(("dead", "alive"), [("::1", "127.0.0.1"), ("127.0.0.1", "::1"), ("127.0.0.1", "127.0.0.1")])
def test_an_address_that_is_silent_costs_less_than_a_second(stack: ExitStack, dead: str, alive: str) -> None:
    def address(host: str, port: int) -> Address:
        return v6(port) if ":" in host else v4(port)

    addresses = [address(dead, silent(stack, dead)), address(alive, listening(stack, alive))]
    began = time.monotonic()
    with first_of(addresses, LIMIT):
        assert time.monotonic() - began < 1


def test_what_is_silent_altogether_is_given_up_in_time(stack: ExitStack) -> None:
    addresses = [v4(silent(stack, "127.0.0.1")), v4(silent(stack, "127.0.0.1"))]
    for racing in (True, False):
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            first_of(addresses, 0.4, racing=racing)
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("racing", [True, False])
def test_the_failure_told_is_that_of_the_host(racing: bool) -> None:
    unreachable: Address = (V6, ("fd00::1", 1, 0, 0))
    with pytest.raises(OSError) as caught:
        first_of([unreachable, v4(closed())], 0.5, racing=racing)
    assert isinstance(caught.value, ConnectionRefusedError | TimeoutError)  # silent, where there is a route


def test_a_connection_has_its_limit_and_sends_small_packets_at_once(stack: ExitStack) -> None:
    with connect("localhost", listening(stack), seconds=3) as connection:
        assert connection.gettimeout() == 3
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_name_without_an_address_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RES_OPTIONS", "timeout:1 attempts:1")
    with pytest.raises(socket.gaierror):
        connect("nowhere.invalid", 80, seconds=1)


@pytest.mark.parametrize(
    ("preloaded", "wrapper"),
    [
        ("/usr/lib/x86_64-linux-gnu/libproxychains.so.4", "proxychains"),
        ("/usr/lib/torsocks/libtorsocks.so", "torsocks"),
        ("libtsocks.so", "tsocks"),
        ("/usr/lib/libjemalloc.so:/opt/libproxychains4.so", "proxychains"),
        ("/usr/lib/libjemalloc.so", None),
        ("", None),
    ],
)
def test_a_wrapper_is_known_by_what_is_preloaded(preloaded: str, wrapper: str | None) -> None:
    assert wrapper_of({"LD_PRELOAD": preloaded}) == wrapper
    assert wrapper_of({}) is None


def test_a_blocking_connect_keeps_to_its_limit_and_leaves_no_limit_behind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as one:
        connect_blocking(one, listener.getsockname(), 2.0)
        assert one.gettimeout() is None
        assert one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16) == bytes(16)
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
        waiting = [socket.socket() for _ in range(8)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        with socket.socket() as late, pytest.raises(TimeoutError):
            connect_blocking(late, listener.getsockname(), 0.2)
        for each in waiting:
            each.close()
