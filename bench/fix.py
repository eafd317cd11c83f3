"""A history made acceptable, peers side by side: `hfpush fix --yes` and `git lfs migrate import`.

    python bench/fix.py [--shapes small,large] [--repeats 3] [--out bench/fix] [--work FOLDER]

- small: 300 commits with 40 files over 10 MiB (about 470 MB), with a work tree
- large: 20,000 commits with 20 such files, bare; git-lfs runs once

Each run gets a copy of its own (`cp -a`). hfpush also makes a backup, verifies the outcome tree by tree and audits it;
git-lfs is run as `git lfs migrate import --everything --above=10MiB --yes`, and `git lfs checkout` after it where there
is a work tree, since it leaves pointers there. CPU is that of all processes, memory the peak of the largest one.
Checked after each run: nothing over 10 MiB is reachable, and the LFS store holds the planted sizes. Medians. Writes
OUT.json and OUT.md. Needs git and git-lfs beside hfpush.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import history
from measured import HFPUSH, Run, environment, keep, kept, median, run

SHAPES = {
    "small": {"commits": 300, "large": 40, "middle": 0, "binary": 0},
    "large": {"commits": 20_000, "large": 20, "middle": 0, "binary": 0},
}
WORDS = {"small": "300 commits, 40 files of 10 to 13 MiB, work tree", "large": "20,000 commits, 20 files, bare"}
PEERS = ("hfpush", "git-lfs")
LIMIT = 10 * 2**20
IMPORT = "git lfs migrate import --everything --above=10MiB --yes"


def make(shape: str, place: Path, env: dict[str, str]) -> None:
    """The repository that is copied for each run, with planted.json beside it."""
    bare = place.with_suffix(".git")
    history.make(bare, **SHAPES[shape])
    if shape == "large":
        bare.rename(place)
        return
    place.mkdir()
    bare.rename(place / ".git")
    for words in (("config", "core.bare", "false"), ("lfs", "install", "--local"), ("reset", "-q", "--hard")):
        subprocess.run(["git", *words], cwd=place, env=env, check=True, stdout=subprocess.DEVNULL)


def command_of(peer: str, shape: str) -> list[str]:
    """What the peer is run with, in its copy."""
    if peer == "hfpush":
        return [HFPUSH, "fix", "--yes", "."]
    return ["sh", "-c", f"{IMPORT} && git lfs checkout" if shape == "small" else IMPORT]


def check(repo: Path, env: dict[str, str]) -> None:
    """Exits unless the refs reach nothing large and the store holds every planted file."""
    git_dir = repo / ".git" if (repo / ".git").exists() else repo
    listing = (
        "git rev-list --objects --branches --tags | git cat-file --batch-check='%(objectsize) %(objectname) %(rest)'"
    )
    large = [line for line in run(["sh", "-c", listing], repo, env).out.splitlines() if int(line.split()[0]) > LIMIT]
    if large:
        sys.exit(f"still there: {large[:3]}")
    planted = json.loads((git_dir / "planted.json").read_text())
    wanted = sorted({one["blob"]: one["size"] for one in planted}.values())
    found = sorted(size for one in (git_dir / "lfs/objects").glob("*/*/*") if (size := one.stat().st_size) > LIMIT)
    if found != wanted:
        sys.exit(f"the store holds {len(found)} large objects instead of {len(wanted)}")


def one_run(peer: str, shape: str, source: Path, aside: Path, env: dict[str, str]) -> Run:
    """A copy, the run, and the look at what it made."""
    copy = aside / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    subprocess.run(["cp", "-a", str(source), str(copy)], check=True)
    if shape == "small":
        subprocess.run(["git", "status"], cwd=copy, env=env, check=True, stdout=subprocess.DEVNULL)  # times of the copy
    took = run(command_of(peer, shape), copy, env)
    check(copy, env)
    shutil.rmtree(copy)
    return took


def table(results: dict[str, Any]) -> str:
    """A row per shape and peer."""
    lines = [
        "| history | tool | wall | CPU | wall, of hfpush's | CPU, of hfpush's | peak memory |",
        "|---|---|---|---|---|---|---|",
    ]
    for shape in SHAPES:
        cell = [one for one in results["runs"] if one["shape"] == shape]
        ours = [one for one in cell if one["peer"] == "hfpush"]
        for peer in PEERS:
            found = [one for one in cell if one["peer"] == peer]
            if not found or not ours:
                continue
            wall, cpu = (median(found, name) / median(ours, name) for name in ("wall", "cpu"))
            shown = f"**{peer}**" if peer == "hfpush" else peer
            lines.append(
                f"| {WORDS[shape]} | {shown} | {median(found, 'wall'):.1f} s | {median(found, 'cpu'):.1f} s "
                f"| {wall:.1f} x | {cpu:.1f} x | {median(found, 'peak_mb'):.0f} MB |"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("bench/fix"))
    parser.add_argument("--work", type=Path, help="where the histories are made and copied")
    options = parser.parse_args()
    path = options.out.with_suffix(".json")
    results = kept(path)
    for shape in options.shapes.split(","):
        with tempfile.TemporaryDirectory(prefix="hfpush-bench-", dir=options.work) as name:
            aside = Path(name)
            env = environment(aside / "home")
            make(shape, aside / "source", env)
            results["runs"] = [one for one in results["runs"] if one["shape"] != shape]
            for repeat in range(options.repeats):
                for peer in PEERS if repeat % 2 else reversed(PEERS):
                    if peer not in options.peers.split(",") or (shape == "large" and peer == "git-lfs" and repeat):
                        continue
                    took = one_run(peer, shape, aside / "source", aside, env)
                    print(f"{shape} {peer}: {took.wall:.1f} s, cpu {took.cpu:.1f}, {took.peak_mb:.0f} MB", flush=True)
                    numbers = {key: value for key, value in asdict(took).items() if key != "out"}
                    results["runs"].append({"shape": shape, "peer": peer, **numbers})
                    keep(path, results, table(results))


if __name__ == "__main__":
    main()
