"""The whole story on one machine: a model goes to a local Hub and comes back, with the connection cut on the way.

Everything is real: the Hub's server, the publish in a process of its own that is killed, git, the cache. Only the
network is short. What is told are measured numbers: the Hub counts the bytes that reach it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hfpush import units
from hfpush.errors import Damaged, Unavailable
from hfpush.localhub import drop_after, slow

if TYPE_CHECKING:
    from hfpush.localhub import LocalHub

REPO_ID = "local/hfpush-try"
_PART_BYTES = 1_000_000
_CUT_PART = 5
_BOUND_SECONDS = 120.0
_CARD = """---
license: apache-2.0
tags: [example]
---
# A model made to be carried

It holds random weights, and exists to be published and fetched back.
"""


@dataclass(frozen=True)
class TrialReport:
    """What was measured. Sizes are bytes; `received` counts every body byte of an object that reached the Hub."""

    files: int
    objects_bytes: int
    received_bytes: int
    killed_at_bytes: int
    kept_bytes: int
    fetched_bytes: int
    equal: bool
    seconds: float


def trial(tell: Callable[[str], None], *, keep: bool = False, wait: Callable[[], None] | None = None) -> TrialReport:
    """Tell the story line by line while it happens, and return its numbers.

    With `keep` the Hub is left running until `wait` returns. Raises HfpushError when any step fails.
    """
    from hfpush.localhub import LocalHub  # an HTTP server: a fifth of a second that other commands are spared

    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hfpush-try-") as name:
        place = Path(name)
        source = place / "model"
        sizes = _make_model(source)
        cuts = drop_after(bytes=400_000, part=_CUT_PART), slow(rate=4e6)
        with LocalHub(*cuts, root=place / "hub", part_size=_PART_BYTES, multipart_threshold=2 * _PART_BYTES) as hub:
            report = _Trial(place, hub, tell).run(sizes, began)
            if keep:
                for line in _how_to_look(hub):
                    tell(line)
                (wait or threading.Event().wait)()
            return report


class _Trial:
    def __init__(self, place: Path, hub: LocalHub, tell: Callable[[str], None]) -> None:
        self._place = place
        self._hub = hub
        self._tell = tell
        self._environment = _environment(place, hub)

    def run(self, sizes: dict[str, int], began: float) -> TrialReport:
        hub, tell = self._hub, self._tell
        source = self._place / "model"
        objects = sum(size for size in sizes.values() if size > 100_000)
        total = sum(sizes.values())
        tell(f"1. A Hub runs on this machine, at {hub.url}.")
        parts = -(-max(sizes.values()) // _PART_BYTES)
        made = f"{units.count(len(sizes), 'file')}, {units.size(total)}"
        tell(f"2. A model was made: {made}; its weights will travel in {parts} parts.")
        killed_at = self._publish_and_kill(objects // 2)
        tell(f"3. hfpush publish: the Hub cut the connection in the middle of part {_CUT_PART}; hfpush sent it again.")
        tell(f"   Then, with {units.size(killed_at)} at the Hub, the process was killed (kill -9).")
        hub.faults.clear()
        second = self._hfpush("publish", str(source), "--to", REPO_ID, "--json")
        kept = second["bytes_resumed"]
        sent, checked = units.size(second["bytes_sent"]), units.count(second["verified"], "file")
        tell(f"4. The same command again: {units.size(kept)} were kept, {sent} sent, {checked} confirmed.")
        received = hub.seen.bytes_in("put")
        third = self._hfpush("publish", str(source), "--to", REPO_ID, "--json")
        if not third["plan"]["nothing_to_do"] or hub.seen.bytes_in("put") != received:
            raise Damaged.of("try-failed", "The third publish found something to send.", seen=(json.dumps(third),))
        tell("5. And again: nothing to do, 0 bytes sent.")
        fetched = self._hfpush("fetch", REPO_ID, "--json")
        equal = _equal(source, Path(fetched["folder"]), sizes)
        tell(f"6. hfpush fetch into an empty cache: {units.size(fetched['bytes_wire'])}, each file verified.")
        again = received - objects
        tell(f"7. In all: the large files hold {units.size(objects)}, the Hub received {units.size(received)};")
        tell(f"   {units.size(again)} ({100 * again / objects:.1f} %) went twice, for one cut and one kill.")
        seconds = time.monotonic() - began
        if not equal:
            raise Damaged.of("try-failed", "What came back is not what was sent.", seen=(fetched["folder"],))
        tell(f"8. Every byte of {units.count(len(sizes), 'file')} is equal. It took {units.duration(seconds)}.")
        return TrialReport(len(sizes), objects, received, killed_at, kept, fetched["bytes_wire"], equal, seconds)

    def _publish_and_kill(self, after_bytes: int) -> int:
        """Start a publish, kill it once the Hub has that many bytes of it, and say how many it had."""
        command = [
            sys.executable,
            "-m",
            "hfpush",
            "publish",
            str(self._place / "model"),
            "--to",
            REPO_ID,
            "--jobs",
            "4",
        ]
        with subprocess.Popen(
            command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            deadline = time.monotonic() + _BOUND_SECONDS
            try:
                while not self._half_way(after_bytes) and process.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.01)
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
            said, _ = process.communicate()
        if process.returncode >= 0 and os.name == "posix":
            raise Unavailable.of(
                "try-failed", "The first publish ended before it could be killed.", seen=(said[-2000:],)
            )
        return self._hub.seen.bytes_in("put")

    def _half_way(self, after_bytes: int) -> bool:
        """Whether the Hub has that many bytes, and has seen the cut part come again."""
        rows = [row for row in self._hub.seen.rows("put") if row.part == _CUT_PART]
        mended = any(row.status == 0 for row in rows) and any(row.status == 200 for row in rows)
        return mended and self._hub.seen.bytes_in("put") >= after_bytes

    def _hfpush(self, *arguments: str) -> Any:
        """Run hfpush in a process of its own; the document that it prints."""
        try:
            done = subprocess.run(
                [sys.executable, "-m", "hfpush", *arguments],
                env=self._environment,
                capture_output=True,
                text=True,
                timeout=_BOUND_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            message = f"hfpush {arguments[0]} did not end within {units.duration(_BOUND_SECONDS)}."
            raise Unavailable.of("try-failed", message) from late
        if done.returncode != 0:
            seen = (f"hfpush {arguments[0]} ended with {done.returncode}", (done.stdout + done.stderr)[-2000:])
            raise Damaged.of("try-failed", f"hfpush {arguments[0]} failed.", seen=seen)
        return json.loads(done.stdout)


def _environment(place: Path, hub: LocalHub) -> dict[str, str]:
    """The caller's environment, without settings of its own for the Hub, and with homes in the trial's folder."""
    temporary = place / "tmp"  # what a killed process leaves goes with the rest
    temporary.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HFPUSH_", "GIT_"))}
    return {
        **clean,
        "HF_ENDPOINT": hub.url,
        "HF_TOKEN": hub.token,
        "HF_HOME": str(place / "home"),
        "HFPUSH_STATE_DIR": str(place / "state"),
        "TMPDIR": str(temporary),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def _make_model(folder: Path) -> dict[str, int]:
    """A small model repository: a card, some text, and weights that nobody has seen before; sizes by path."""
    dice = random.Random()
    files = {
        "README.md": _CARD.encode(),
        "config.json": json.dumps({"model_type": "example", "hidden_size": 64}, indent=2).encode(),
        "tokenizer/vocab.txt": "\n".join(f"token{number}" for number in range(5000)).encode(),
        "model.safetensors": dice.randbytes(24 * _PART_BYTES - 137),
        "optimizer.pt": dice.randbytes(3 * _PART_BYTES),
        "preview.png": b"\x89PNG\r\n\x1a\n" + dice.randbytes(300_000),
    }
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return {path: len(content) for path, content in files.items()}


def _equal(source: Path, came_back: Path, sizes: dict[str, int]) -> bool:
    """Whether every file came back, byte by byte."""
    return all((source / path).read_bytes() == (came_back / path).read_bytes() for path in sizes)


def _how_to_look(hub: LocalHub) -> list[str]:
    return [
        "",
        f"The Hub stays at {hub.url} until ^C, its files in {hub.config.root}. Look at it:",
        f"  in a browser   {hub.url}/{REPO_ID}",
        f"  with git       git clone {hub.url}/{REPO_ID}",
        "  with hf        export HF_HUB_DISABLE_XET=1 HF_ENDPOINT=" + hub.url,
        f"                 hf download {REPO_ID}",
        f"  to write to it export HF_TOKEN={hub.token}",
    ]
