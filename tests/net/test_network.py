"""The one value that says how this process reaches the outside."""

from __future__ import annotations

from hfpush.net.network import Network
from hfpush.net.patience import Patience


def test_a_network_is_usual_unless_something_else_is_said() -> None:
    assert Network() == Network(Patience(), None)
