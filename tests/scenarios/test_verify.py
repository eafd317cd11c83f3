"""`hfpush verify` as people run it: beside a fetch, killed in the middle, and beside huggingface_hub."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.command_line import CommandLine
from support.fetched import BIG, REPO, Fetched, add_commit, fetched

from hfpush.localhub import LocalHub, slow

HUGE = random.Random(3).randbytes(4_000_000)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Fetched]:
    with fetched(tmp_path) as made:
        yield made


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def slow_room(tmp_path: Path) -> Iterator[Fetched]:
    """Downloads take their time here."""
    with LocalHub(slow(rate=1_500_000, on="get"), root=tmp_path / "hub") as hub:
        hub.create(REPO)
        yield Fetched(hub, add_commit(hub, {}, {"huge.bin": HUGE}), tmp_path)


def drafted(room: Fetched) -> bool:
    drafts = (room.repo_folder / ".hfpush").glob("*.hfpush-draft")
    return any(draft.stat().st_blocks * 512 > 500_000 for draft in drafts)


@pytest.mark.needs("git")
@pytest.mark.slow
def test_a_running_fetch_is_no_fault(slow_room: Fetched, tmp_path: Path) -> None:
    line = CommandLine(tmp_path, slow_room.hub)
    words = line.command("fetch", REPO, "--cache-dir", str(slow_room.cache))
    with subprocess.Popen(words, env=line.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as fetch:
        until(lambda: drafted(slow_room))
        said = line.run("verify", "--cache-dir", str(slow_room.cache), "--json")
        assert (said.code, said.document["clean"]) == (0, True), said
        assert [one["reference"] for one in said.document["repos"][0]["findings"]] == ["drafts-left"]
        assert fetch.wait(60) == 0
    said = line.run("verify", "--cache-dir", str(slow_room.cache), "--json")
    assert (said.document["clean"], said.document["read"]) == (True, 2)


@pytest.mark.needs("git")
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_repair_that_is_ended_has_changed_nothing_and_goes_on(
    slow_room: Fetched, tmp_path: Path, number: signal.Signals
) -> None:
    line = CommandLine(tmp_path, slow_room.hub)
    slow_room.fetch()
    blob = (slow_room.snapshot / "huge.bin").resolve()
    damaged = b"?" + HUGE[1:]
    blob.write_bytes(damaged)
    words = ("verify", REPO, "--cache-dir", str(slow_room.cache), "--repair")
    with subprocess.Popen(
        line.command(*words), env=line.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        until(lambda: drafted(slow_room))
        process.send_signal(number)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == (130 if number is signal.SIGINT else -9), said
    assert "Traceback" not in said
    assert blob.read_bytes() == damaged
    again = line.run(*words, "--json")
    assert (again.code, again.document["clean"]) == (0, True), again
    assert again.document["bytes_wire"] < len(HUGE) - 100_000
    assert blob.read_bytes() == HUGE


@pytest.mark.needs("git")
@pytest.mark.slow
def test_an_interrupted_reading_says_nothing_of_kept_bytes(room: Fetched, tmp_path: Path) -> None:
    line = CommandLine(tmp_path, room.hub)
    os.truncate((room.snapshot / "model.safetensors").resolve(), 6_000_000_000)
    name = room.repo_folder / "blobs" / ("5" * 64)
    with name.open("wb") as file:
        file.truncate(50_000_000_000)
    words = line.command("verify", "--cache-dir", str(room.cache))
    with subprocess.Popen(words, env=line.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"kept" not in said
    assert b"Traceback" not in said


@pytest.mark.needs("git")
@pytest.mark.slow
def test_the_hub_library_finds_it_well_after_a_repair(room: Fetched, tmp_path: Path) -> None:
    hub = pytest.importorskip("huggingface_hub")
    if not hasattr(hub.HfApi, "verify_repo_checksums"):
        pytest.skip("this huggingface_hub cannot verify")
    api = hub.HfApi(endpoint=room.hub.url, token=room.hub.token)
    blob = (room.snapshot / "model.safetensors").resolve()
    blob.write_bytes(BIG[:-1] + b"?")
    (room.snapshot / "config.json").unlink()
    before = api.verify_repo_checksums(REPO, cache_dir=room.cache)
    assert (len(before.mismatches), before.missing_paths) == (2, ["config.json"])
    said = CommandLine(tmp_path, room.hub).run("verify", REPO, "--cache-dir", str(room.cache), "--repair")
    assert said.code == 0, said
    after = api.verify_repo_checksums(REPO, cache_dir=room.cache)
    assert (after.mismatches, after.missing_paths, after.extra_paths) == ([], [], [])
