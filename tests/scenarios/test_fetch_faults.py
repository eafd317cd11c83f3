"""A fetch on a bad line, from a bad server: each fault by its name, and what the user sees of it, which is little."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.forked import Forked
from support.shelf import Beholder, Fetching, stock, wire
from support.slowly import mostly_slow

from hfpush import localhub
from hfpush.localhub import Fault, LocalHub

BIG = random.Random(1).randbytes(5_000_011)
OTHER = random.Random(2).randbytes(300_000)
LARGE = {"model.bin": BIG, "deep/er/other.bin": OTHER, "none.bin": b""}
SMALL = {"config.json": b'{"layers": 2}\n', "empty.txt": b"", "code/a b.py": b"print(1)\n" * 9000}
ALL = LARGE | SMALL
TOTAL = sum(map(len, ALL.values()))
BLOCK = 1 << 20
"""What may come twice for each answer that was cut: what lay in sockets."""
PAGES = 1000
"""What a few pages have that came instead of files."""
SOCKETS = 4 * BLOCK
"""What the Hub may have handed to sockets for requests that were then cut short, on a line as fast as this one."""
PRODUCTION = {"redirect_lfs": True, "redirect_small": True}
ALWAYS: dict[str, Any] = {"times": None}


@pytest.fixture(scope="module")
def forked() -> Iterator[Forked]:
    with Forked() as running:
        yield running


def room(tmp_path: Path, forked: Forked, hub: LocalHub, *, folder: bool = False) -> Fetching:
    return Fetching(hub, forked, tmp_path / "cache", tmp_path / "here" if folder else None)


# ------------------------------------------------------------------ faults that pass

CUT = localhub.truncate(bytes=150_000, on="get", times=1)
Row = tuple[str, Sequence[Fault], int]
PASSING: list[Row] = [
    # name, faults, bytes that may come a second time
    ("stall", [localhub.stall(3600, bytes=100_000, on="get")], BLOCK),
    ("stall of a small file", [localhub.stall(3600, bytes=50_000, on="resolve")], BLOCK),
    ("silence", [localhub.no_answer("get", times=1)], 0),
    ("silence of the endpoint", [localhub.no_answer("resolve", times=1)], 0),
    ("reset", [localhub.drop_after(bytes=200_000, on="get", times=3)], 3 * BLOCK),
    ("reset before an answer", [localhub.no_answer("get", times=2, how="reset")], 0),
    ("truncated", [localhub.truncate(bytes=150_000, on="get", times=3)], 3 * BLOCK),
    ("length too large", [localhub.wrong_length(more=1000)], len(BIG)),
    ("length too small", [localhub.wrong_length(more=-1000)], len(BIG)),
    ("length of a small file", [localhub.wrong_length(more=1000, on="resolve")], BLOCK),
    ("flipped byte", [localhub.corrupt(on="get", at=2_600_000)], len(BIG)),
    ("flipped byte of a small file", [localhub.corrupt(on="resolve")], BLOCK),
    ("page", [localhub.html(on="get")], 0),
    ("page as a range", [localhub.html(on="get", status=206)], BLOCK),
    ("page of the endpoint", [localhub.html(on="resolve", times=2)], BLOCK),
    ("lease dead on arrival", [localhub.expired_lease(on="resolve")], 0),
    (
        "lease that expires in the middle of a file",
        [localhub.worn_lease(uses=1), localhub.drop_after(bytes=200_000, on="get", times=3)],
        3 * BLOCK,
    ),
    ("lease of half a second", [localhub.short_lease(0.5, on="resolve"), localhub.slow(2e6, on="get")], BLOCK),
    ("200 for a range", [localhub.ignore_range()], len(BIG)),
    ("200 for the rest", [CUT, localhub.ignore_range()], len(BIG) + BLOCK),
    ("416", [CUT, localhub.refuse_range()], len(BIG)),
    ("another range", [CUT, localhub.wrong_range(4096)], len(BIG)),
    ("another range that claims to be right", [CUT, localhub.wrong_range(4096, how="untold")], len(BIG) + BLOCK),
    ("gzip", [localhub.gzip()], len(BIG)),
    ("gzip of a small file", [localhub.gzip(on="resolve")], BLOCK),
    ("unknown length", [localhub.unknown_length(**ALWAYS)], BLOCK),
    ("unknown length of HTTP/1.0", [localhub.unknown_length(how="close", **ALWAYS)], BLOCK),
    ("429 storm", [localhub.throttle(at_once=2), localhub.slow(4e6, on="get")], BLOCK),
    ("429 for more than so many a second", [localhub.throttle(per_second=3, on="*")], BLOCK),
    ("burst of 503", [localhub.status(503, on="get", times=4)], 0),
    ("burst of 503 from the endpoint", [localhub.status(503, on="*", times=4)], 0),
    ("lost answer", [localhub.lost_answer("resolve", times=2)], BLOCK),
    ("swap for a moment", [localhub.swap(after=1, times=1)], 2 * len(BIG)),
    ("no commit header", [localhub.no_commit_header()], 0),
]
QUICK = {name for name, _, _ in PASSING} - {
    *("stall of a small file", "silence of the endpoint", "length of a small file", "page of the endpoint"),
    *("200 for a range", "gzip of a small file", "burst of 503 from the endpoint", "lost answer"),
}
PLACES = [
    ("cache", PRODUCTION, False),
    ("folder", PRODUCTION, True),
    ("cache, no redirects", {}, False),
    ("folder, no redirects", {}, True),
]
OFTEN_ELSEWHERE = {
    *("reset, folder", "flipped byte, folder", "truncated, folder, no redirects", "200 for the rest, folder"),
    *("stall, cache, no redirects", "429 storm, cache, no redirects", "gzip, cache, no redirects"),
}
EVERYWHERE = [
    (name if place == "cache" else f"{name}, {place}", faults, more, config, folder)
    for place, config, folder in PLACES
    for name, faults, more in PASSING
    if config or not any(fault.name.endswith("_lease") for fault in faults)
]


@pytest.mark.parametrize(
    ("name", "faults", "more", "config", "folder"), mostly_slow(EVERYWHERE, quick=QUICK | OFTEN_ELSEWHERE)
)
def test_a_fault_that_passes_is_got_over(
    tmp_path: Path,
    forked: Forked,
    name: str,
    faults: Sequence[Fault],
    more: int,
    config: dict[str, bool],
    folder: bool,
) -> None:
    with LocalHub(*faults, root=tmp_path / "hub", **config) as hub:
        stock(hub, LARGE, SMALL)
        fetching = room(tmp_path, forked, hub, folder=folder)
        began = time.monotonic()
        with Beholder(fetching, ALL) as eye:
            said = fetching.run()
        assert said.code == 0, said
        assert time.monotonic() - began < 25, "a fault costs seconds"
        assert fetching.shown() == ALL
        assert eye.wrong == []
        assert fetching.drafts() == []
        assert said.document["bytes_wire"] <= TOTAL + more
        assert wire(hub) <= TOTAL + more + PAGES + SOCKETS
        assert any(row.fault for row in hub.seen.rows()), "the fault took place"


# ------------------------------------------------------------------ faults that stay

STAYING: list[tuple[str, Sequence[Fault], set[str]]] = [
    ("page in place of every file", [localhub.html(on="get", **ALWAYS)], {"not-the-hub", "content-mismatch"}),
    ("flipped byte", [localhub.corrupt(on="get", at=2_600_000, **ALWAYS)], {"content-mismatch"}),
    ("another object", [localhub.swap(after=0)], {"content-mismatch"}),
    ("length too small", [localhub.wrong_length(more=-1000, **ALWAYS)], {"content-mismatch", "range-unusable"}),
    ("dead storage", [localhub.no_answer("get")], {"stalled"}),
    ("storage that resets", [localhub.no_answer("get", how="reset")], {"connection-cut", "connection-reset"}),
    ("503", [localhub.status(503, on="get", **ALWAYS)], {"storage-unavailable"}),
    ("429 for a day", [localhub.status(429, on="get", retry_after=86_400, **ALWAYS)], {"storage-unavailable"}),
    ("stall", [localhub.stall(3600, on="get", **ALWAYS)], {"stalled"}),
    ("leases dead on arrival", [localhub.expired_lease(on="resolve", **ALWAYS)], {"lease-refused"}),
    ("circle of redirects", [localhub.redirect_loop(on="resolve")], {"redirect-refused"}),
    ("truncated to nothing", [localhub.truncate(bytes=0, on="get", **ALWAYS)], {"connection-cut"}),
]


@pytest.mark.parametrize(("name", "faults", "told"), mostly_slow(STAYING, quick={name for name, _, _ in STAYING}))
def test_a_fault_that_stays_is_one_clear_finding_and_goes_on_when_it_is_over(
    tmp_path: Path, forked: Forked, name: str, faults: Sequence[Fault], told: set[str]
) -> None:
    with LocalHub(*faults, root=tmp_path / "hub", **PRODUCTION) as hub:
        stock(hub, LARGE, SMALL)
        fetching = room(tmp_path, forked, hub)
        began = time.monotonic()
        with Beholder(fetching, ALL) as eye:
            said = fetching.run("model.bin", HFPUSH_ATTEMPTS="2", HFPUSH_ANSWER_SECONDS="1")
        assert time.monotonic() - began < 20
        assert said.code == 1, said
        assert said.reference in told, said
        assert fetching.shown() == {}
        assert eye.wrong == []
        hub.faults.clear()
        before = wire(hub)
        said = fetching.run()
        assert said.code == 0, said
        assert fetching.shown() == ALL
        assert fetching.drafts() == []
        assert said.document["bytes_wire"] <= TOTAL
        assert wire(hub) - before <= TOTAL + SOCKETS


# ------------------------------------------------------------------ what repositories have

ODD = [
    *("a b/c d.txt", "100%.txt", "%41.txt", "a#b.txt", "what?.txt", "1+1=2.txt", "a&b=c.txt", "müller/ünïcode.txt"),
    *("emoji 🤗.txt", "comma,semi;colon.txt", "[x].txt", "{y}.txt", "~tilde.txt", "'quote'.txt", ".hidden", "a..b"),
    "/".join(["deep"] * 30) + "/end.txt",
]


@pytest.mark.parametrize("config", [PRODUCTION, {}], ids=["redirected", "direct"])
@pytest.mark.parametrize("folder", [False, True], ids=["cache", "folder"])
def test_names_of_every_kind_come_whole(tmp_path: Path, forked: Forked, config: dict[str, bool], folder: bool) -> None:
    small = {name: f"small {name}".encode() for name in ODD}
    large = {f"lfs/{name}.bin": f"large {name}".encode() * 100 for name in ODD}
    with LocalHub(root=tmp_path / "hub", **config) as hub:
        stock(hub, large, small)
        fetching = room(tmp_path, forked, hub, folder=folder)
        said = fetching.run()
        assert said.code == 0, said
        assert fetching.shown() == large | small
        assert fetching.drafts() == []
        hub.seen.clear()
        assert fetching.run().code == 0
        assert wire(hub) == 0


@pytest.mark.parametrize("count", mostly_slow([(600,), (3000,)], quick={"600"}))
def test_many_small_files_come_once_each(tmp_path: Path, forked: Forked, count: int) -> None:
    small = {f"{n % 50:02d}/{n}.json": b'{"n": %d}' % n for n in range(count)}
    with LocalHub(root=tmp_path / "hub", **PRODUCTION) as hub:
        stock(hub, {}, small)
        fetching = room(tmp_path, forked, hub)
        said = fetching.run()
        assert said.code == 0, said
        assert fetching.shown() == small
        assert fetching.drafts() == []
        assert wire(hub) <= 1.2 * sum(map(len, small.values())) + 30 * count, (
            "encoded ones are longer, if they are tiny"
        )
        assert hub.seen.count("tree") <= 6, "whole pages"


def test_text_comes_encoded_or_not_and_is_the_same(tmp_path: Path, forked: Forked) -> None:
    text = {"vocab.json": b'{"token": 1, "other": 2}\n' * 20_000}
    with LocalHub(root=tmp_path / "hub", **PRODUCTION) as hub:
        stock(hub, {}, text)
        fetching = room(tmp_path, forked, hub)
        assert fetching.run().code == 0
        assert fetching.shown() == text
