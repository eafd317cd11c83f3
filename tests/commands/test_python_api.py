"""`from hfpush import fetch`, in processes and threads of programs that know nothing else of hfpush."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.fetched import BIG, SMALL, Fetched, fetched

import hfpush
from hfpush.receive.events import Event, FileDone


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Fetched]:
    with fetched(tmp_path, fetch=False) as made:
        yield made


def python(room: Fetched, program: str, **more: str) -> str:
    """What a program prints in a fresh interpreter of a user of this Hub."""
    env = {"HF_ENDPOINT": room.hub.url, "HF_TOKEN": room.hub.token, "HF_HUB_CACHE": str(room.cache)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={**os.environ, **env, **more},
        cwd=room.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_lines_stand_in_for_hf_hub_download(room: Fetched) -> None:
    said = python(
        room,
        "from hfpush import fetch\n"
        "path = fetch('ada/model', 'config.json').path\n"
        "assert path.read_text() == '{\"layers\": 2}\\n'\n"
        "print(path)",
    )
    assert said == f"{room.snapshot / 'config.json'}\n"


def test_the_library_finds_it_then_without_a_request(room: Fetched) -> None:
    said = python(
        room,
        "from hfpush import fetch\n"
        "fetch('ada/model')\n"
        "from huggingface_hub import hf_hub_download, snapshot_download\n"
        "print(hf_hub_download('ada/model', 'config.json'))\n"
        "print(snapshot_download('ada/model'))",
        HF_HUB_OFFLINE="",
    )
    asked = room.hub.seen.count()
    offline = python(
        room,
        "from huggingface_hub import hf_hub_download, snapshot_download\n"
        "print(hf_hub_download('ada/model', 'config.json'))\n"
        "print(snapshot_download('ada/model'))",
        HF_HUB_OFFLINE="1",
    )
    assert said == offline
    assert room.hub.seen.count() == asked


def test_four_threads_at_once(room: Fetched) -> None:
    wanted = ["config.json", "deep/notes.txt", "model.safetensors", "deep/again.safetensors"]

    def bring(name: str) -> bytes:
        report = hfpush.fetch(
            "ada/model", name, cache_dir=room.cache, endpoint=room.hub.url, token=room.hub.token, jobs=2
        )
        return report.path.read_bytes()

    with ThreadPoolExecutor(4) as threads:
        found = dict(zip(wanted, threads.map(bring, wanted), strict=True))
    assert found == {name: SMALL.get(name, BIG) for name in wanted}


def test_what_was_asked_for_decides_what_path_is(room: Fetched) -> None:
    events: list[Event] = []
    here = {"local_dir": room.folder, "endpoint": [room.hub.url], "token": room.hub.token}
    one = hfpush.fetch("ada/model", ["config.json"], observer=events.append, **here)  # type: ignore[arg-type]
    assert (one.path, one.paths) == (room.folder / "config.json", (room.folder / "config.json",))
    assert any(isinstance(event, FileDone) for event in events)
    by_pattern = hfpush.fetch("ada/model", "conf*", **here)  # type: ignore[arg-type]
    assert (by_pattern.path, by_pattern.paths) == (room.folder, one.paths)
    several = hfpush.fetch("ada/model", include="*.json", exclude=("x",), **here)  # type: ignore[arg-type]
    assert several.path == several.folder == room.folder
    assert (room.folder / "config.json").read_bytes() == SMALL["config.json"]


def test_an_address_names_the_file_as_well(room: Fetched) -> None:
    report = hfpush.fetch("hf://ada/model@main/config.json", cache_dir=room.cache, endpoint=room.hub.url)
    assert report.path == room.snapshot / "config.json"


def test_the_url_of_a_page_says_where_to_ask(room: Fetched) -> None:
    report = hfpush.fetch(
        f"{room.hub.url}/ada/model/blob/main/config.json", cache_dir=room.cache, endpoint=room.hub.url
    )
    assert (report.path, report.named) == (room.snapshot / "config.json", ("config.json",))


def test_what_was_meant_is_hinted_at(room: Fetched) -> None:
    room.hub.create("ada/data", "datasets")
    with pytest.raises(hfpush.HfpushError) as caught:
        hfpush.fetch("ada/data", cache_dir=room.cache, endpoint=room.hub.url, token=room.hub.token)
    assert caught.value.finding.remedy[0] == "ada/data is a dataset: add --type dataset"


def test_the_programs_of_the_documentation_run(room: Fetched) -> None:
    page = Path(__file__).resolve().parents[2] / "docs/python.md"
    programs = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    assert len(programs) == 3
    said = python(room, "\n".join([*programs, "print(path)", "print(folder)"])).splitlines()
    assert said[0] == f"1 {room.commit}"
    assert said[1].startswith("file-not-found: ")
    assert said[-2:] == [str(room.snapshot / "config.json"), str(room.snapshot)]


def test_an_error_is_a_sentence_and_a_finding(room: Fetched) -> None:
    with pytest.raises(hfpush.HfpushError) as caught:
        hfpush.fetch("ada/model", "confg.json", cache_dir=room.cache, endpoint=room.hub.url, token=room.hub.token)
    assert caught.value.finding.reference == "file-not-found"
    assert "confg.json" in str(caught.value)
    with pytest.raises(hfpush.HfpushError, match="not-on-disk"):
        hfpush.fetch("ada/model", cache_dir=room.cache, endpoint=room.hub.url, offline=True)
