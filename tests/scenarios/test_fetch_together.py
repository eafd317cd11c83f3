"""Several fetches at once, on one cache or folder: each byte comes once, and whoever dies leaves no one waiting."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.forked import Forked
from support.shelf import Beholder, Fetching, stock, until, wire

from hfpush.localhub import LocalHub, slow

PRODUCTION = {"redirect_lfs": True, "redirect_small": True}
LARGE = {f"{name}.bin": random.Random(name).randbytes(2_000_000) for name in "abc"}
SMALL = {f"small/{n}.json": b'{"n": %d}' % n for n in range(10)}
ALL = LARGE | SMALL
TOTAL = sum(map(len, ALL.values()))


@pytest.fixture(scope="module")
def forked() -> Iterator[Forked]:
    with Forked() as running:
        yield running


@pytest.fixture(params=[False, True], ids=["cache", "folder"])
def fetching(request: pytest.FixtureRequest, tmp_path: Path, forked: Forked) -> Iterator[Fetching]:
    with LocalHub(slow(3e6, on="get"), root=tmp_path / "hub", **PRODUCTION) as hub:
        stock(hub, LARGE, SMALL)
        yield Fetching(hub, forked, tmp_path / "cache", tmp_path / "here" if request.param else None)


def test_two_at_once_are_one_download(fetching: Fetching) -> None:
    with Beholder(fetching, ALL) as eye:
        runs = [fetching.start(), fetching.start()]
        ends = [fetching.end(run) for run in runs]
    assert [said.code for said in ends] == [0, 0], ends
    assert fetching.shown() == ALL
    assert fetching.drafts() == []
    assert eye.wrong == []
    assert wire(fetching.hub) <= 1.05 * TOTAL


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_when_one_of_two_ends_the_other_takes_over(fetching: Fetching, how: str) -> None:
    first = fetching.start("a.bin")
    until(lambda: wire(fetching.hub) > 200_000 or first.ended)
    second = fetching.start("a.bin")
    time.sleep(0.1)  # a moment in which it finds the other; nothing depends on how long
    first.send(getattr(signal, how))
    said = fetching.end(second)
    assert said.code == 0, said
    assert fetching.shown() == {"a.bin": LARGE["a.bin"]}
    assert fetching.drafts() == []
    assert wire(fetching.hub) <= 1.15 * len(LARGE["a.bin"]), "what was there is not fetched again"


def test_three_with_overlapping_sets_bring_each_file_once(fetching: Fetching) -> None:
    sets = [("a.bin", "b.bin"), ("b.bin", "c.bin"), ("c.bin", "a.bin", "small/")]
    ends = [fetching.end(run) for run in [fetching.start(*names) for names in sets]]
    assert [said.code for said in ends] == [0, 0, 0], ends
    assert fetching.shown() == ALL
    assert fetching.drafts() == []
    assert wire(fetching.hub) <= 1.05 * TOTAL


def test_a_fetch_into_the_cache_and_one_into_a_folder_do_not_meet(tmp_path: Path, forked: Forked) -> None:
    with LocalHub(slow(3e6, on="get"), root=tmp_path / "hub", **PRODUCTION) as hub:
        stock(hub, LARGE)
        both = [Fetching(hub, forked, tmp_path / "cache"), Fetching(hub, forked, tmp_path / "cache", tmp_path / "here")]
        ends = [one.end(run) for one, run in [(one, one.start()) for one in both]]
        assert [said.code for said in ends] == [0, 0], ends
        assert [one.shown() for one in both] == [LARGE, LARGE]


def test_a_fetch_and_hf_download_at_once(tmp_path: Path, forked: Forked) -> None:
    program = shutil.which("hf", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if program is None:
        pytest.skip("this huggingface_hub has no command of that name")
    with LocalHub(slow(3e6, on="get"), root=tmp_path / "hub", redirect_lfs=True) as hub:
        stock(hub, LARGE, SMALL)
        fetching = Fetching(hub, forked, tmp_path / "cache")
        theirs = {
            **os.environ,
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": hub.token,
            "HF_HUB_CACHE": str(fetching.cache),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        }
        other = subprocess.Popen(
            [program, "download", "local/model"],
            env=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        until(lambda: wire(hub) > 100_000 or other.poll() is not None)
        said = fetching.end(fetching.start())
        text, _ = other.communicate(timeout=60)
        assert (said.code, other.returncode) == (0, 0), (said, text)
        assert fetching.shown() == ALL
        assert fetching.drafts() == []
        assert wire(hub) <= 1.05 * TOTAL, "they wait for each other"
