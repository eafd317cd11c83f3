"""The choice of the last ten minutes."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from hfpush.commands.kept_choice import KEPT_SECONDS, KeptChoice, key_of
from hfpush.commands.outlet import Outlet
from hfpush.commands.probes import Asked
from hfpush.endpoints import Endpoint
from hfpush.net.network import Network
from hfpush.net.routes import Routes

A, B = (Outlet(Endpoint(name, f"https://{name}.example")) for name in "ab")
ASKED = Asked("publish", "ada/model")


def test_a_choice_is_kept_until_it_is_forgotten(tmp_path: Path) -> None:
    kept = KeptChoice(tmp_path, ASKED, [A, B])
    assert kept.name() is None
    kept.keep("b")
    assert KeptChoice(tmp_path, ASKED, [A, B]).name() == "b"
    kept.forget()
    assert kept.name() is None


def test_it_is_another_choice_for_another_operation_repository_candidate_or_route(tmp_path: Path) -> None:
    proxied = Outlet(A.endpoint, network=Network(routes=Routes.of({"HTTPS_PROXY": "http://p:1"})))
    keys = {
        key_of(ASKED, [A, B]),
        key_of(ASKED, [A]),
        key_of(ASKED, [proxied, B]),
        key_of(Asked("fetch", "ada/model"), [A, B]),
        key_of(Asked("publish", "ada/other"), [A, B]),
    }
    assert len(keys) == 5


def test_a_proxys_password_decides_nothing_and_is_not_in_the_key() -> None:
    one, other = (
        Outlet(A.endpoint, network=Network(routes=Routes.of({"HTTPS_PROXY": f"http://me:{word}@p:1"})))
        for word in ("hunter2", "other")
    )
    assert key_of(ASKED, [one]) == key_of(ASKED, [other])


def test_after_ten_minutes_it_is_measured_again(tmp_path: Path) -> None:
    kept = KeptChoice(tmp_path, ASKED, [A, B])
    kept.keep("b")
    file = tmp_path / "endpoints/choice.json"
    data = json.loads(file.read_text())
    for key in data["choices"]:
        data["choices"][key][1] = time.time() - KEPT_SECONDS - 1
    file.write_text(json.dumps(data))
    assert kept.name() is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"version": 2}',
        '{"version": 1, "choices": {"a": 3}}',
        f'{{"version": 1, "choices": {{"a": ["b", {10**400}]}}}}',
    ],
)
def test_a_file_of_another_form_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "endpoints").mkdir()
    (tmp_path / "endpoints/choice.json").write_text(text)
    kept = KeptChoice(tmp_path, ASKED, [A])
    assert kept.name() is None
    kept.keep("a")
    assert kept.name() == "a"


def test_a_folder_that_cannot_be_written_costs_a_measurement_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "endpoints").write_text("a file")
    KeptChoice(tmp_path, ASKED, [A]).keep("a")
    assert KeptChoice(tmp_path, ASKED, [A]).name() is None
