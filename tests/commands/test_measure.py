"""Several endpoints at once, within a bound."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from support.tcp_door import closed_port

from hfpush.commands.measure import Measuring, Window, measure_all
from hfpush.commands.outlet import Outlet
from hfpush.commands.probes import Asked
from hfpush.endpoints import Endpoint
from hfpush.localhub import LocalHub, status


def test_the_living_one_is_whole_and_the_dead_ones_say_why(tmp_path: Path) -> None:
    with LocalHub(root=tmp_path) as hub, socket.create_server(("127.0.0.1", 0)) as silent:
        hub.create("local/model")
        urls = {
            "alive": hub.url,
            "closed": f"http://127.0.0.1:{closed_port()}",
            "silent": f"http://127.0.0.1:{silent.getsockname()[1]}",
        }
        outlets = [Outlet(Endpoint(name, url), hub.token) for name, url in urls.items()]
        began = time.monotonic()
        alive, closed, mute = measure_all(outlets, Asked("publish", "local/model"), Window(2.0))
        assert time.monotonic() - began < 5
    assert (alive.is_whole, len(alive.steps), alive.dead) == (True, 5, False)
    assert alive.seconds > 0
    assert closed.dead
    assert closed.failure is not None
    assert closed.failure.reference == "connection-refused"
    assert mute.dead
    assert mute.failure is not None
    assert mute.failure.reference in ("endpoint-silent", "stalled")
    assert [step.skipped for step in mute.steps[1:]] == ["not tried"] * 4


def test_a_server_that_fails_lives_and_is_not_asked_again(tmp_path: Path) -> None:
    with LocalHub(status(503, on="info", times=None), root=tmp_path) as hub:
        outlet = Outlet(Endpoint("local", hub.url), hub.token)
        (found,) = measure_all([outlet], Asked("publish", "local/model"))
        assert hub.seen.count("info") == 1
    assert (found.dead, found.is_whole) == (False, False)


def test_a_connection_that_fails_is_tried_as_often_as_the_window_says(tmp_path: Path) -> None:
    outlet = Outlet(Endpoint("closed", f"http://127.0.0.1:{closed_port()}"))
    one = Measuring(outlet, Asked("fetch"), Window(60.0, attempts=1), steps=("api",))
    assert one.over.wait(10)
    assert one.result().dead
    assert len(one.result().steps) == 1


def test_a_mistake_of_ours_is_raised_where_somebody_waits(tmp_path: Path) -> None:
    outlet = Outlet(Endpoint("odd", "http://127.0.0.1:9"))
    one = Measuring(outlet, Asked("fetch"), Window(1.0), steps=("nonsense",))  # type: ignore[arg-type]
    assert one.over.wait(10)
    with pytest.raises(AttributeError):
        one.result()
