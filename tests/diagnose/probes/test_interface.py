"""The interface of a connection."""

from __future__ import annotations

import socket
import sys

import pytest

from hfpush.diagnose.probes.interface import interface_of


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells it")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_connection_to_this_machine_leaves_by_its_own_interface(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        server = socket.create_server((address, 0), family=family)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server, socket.create_connection(server.getsockname()[:2]) as one:
        name, mtu = interface_of(one)
    assert name == "lo"
    assert mtu >= 1280


def test_a_socket_of_another_sort_has_none() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert interface_of(ours) == ("", 0)
