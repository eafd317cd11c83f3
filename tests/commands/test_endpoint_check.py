"""`hfpush endpoint test`, as a value."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.tcp_door import closed_port

from hfpush.commands.endpoint import NewEndpoint, add_endpoint
from hfpush.commands.endpoint_check import check_endpoints
from hfpush.commands.probes import Asked
from hfpush.errors import Misuse
from hfpush.localhub import LocalHub
from hfpush.settings import Settings, load_settings


def settings(hub: LocalHub) -> Settings:
    return load_settings({}, {**os.environ, "HF_TOKEN": hub.token, "HFPUSH_ATTEMPTS": "2"})


def test_each_endpoint_is_tested_and_the_best_is_named(tmp_path: Path) -> None:
    with LocalHub(root=tmp_path) as hub:
        hub.create("local/model")
        dead = f"http://127.0.0.1:{closed_port()}"
        add_endpoint(settings(hub), NewEndpoint("here", hub.url, "relay"))
        report = check_endpoints(settings(hub), Asked("publish", "local/model"), ["here", dead])
    assert [(one.endpoint.url, one.is_whole, one.dead) for one in report.measured] == [
        (hub.url, True, False),
        (dead, False, True),
    ]
    assert not report.is_well
    document = report.as_json()
    assert document["best"] == "here"
    first, second = document["endpoints"]
    assert [step["result"] for step in first["steps"]] == ["ok"] * 5
    assert first["steps"][0]["route"] == "straight (this machine itself)"
    assert [step["result"] for step in second["steps"]] == ["failed", *["skipped"] * 4]
    assert second["steps"][0]["finding"]["reference"] == "connection-refused"


def test_an_untrusted_endpoint_is_asked_without_a_token(tmp_path: Path) -> None:
    with LocalHub(root=tmp_path) as hub:
        add_endpoint(settings(hub), NewEndpoint("far", "https://far.example", proxy=hub.url))
        check_endpoints(settings(hub), Asked("fetch"), ["far"])
        assert {row.user for row in hub.seen.rows()} <= {None}


def test_a_name_that_is_nobodys_is_refused(tmp_path: Path) -> None:
    with LocalHub(root=tmp_path) as hub, pytest.raises(Misuse, match="endpoint-unknown"):
        check_endpoints(settings(hub), Asked("fetch"), ["nobody"])
