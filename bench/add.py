"""A folder into git as LFS pointers, peers side by side: hfpush, and `git add` with git-lfs.

    python bench/add.py [--shapes big,small,mixed] [--repeats 5] [--out bench/add] [--work FOLDER]

The same files each time, in a folder without a repository; the peers take turns within one repeat and in the other
order in the next, so that what else the machine does hits both. hfpush (`adopt`, what `hfpush publish` does before it
sends) makes the repository, the pointers, the index and the commit, in a process of its own. git-lfs gets a repository
with its filter and the same .gitattributes, which is not measured, and then runs `git add`, which makes the pointers
and the index, and copies the files into its store; it makes no commit. Wall and CPU time are those of the whole process
tree. Medians. Writes OUT.json and OUT.md. What both put into the index is compared, entry by entry.

Needs git and git-lfs, and psutil beside hfpush in the same environment.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

MIB = 2**20
SHAPES = {"big": (64, 16 * MIB), "small": (10_000, 10_000), "mixed": (1000, 500_000)}
SHAPE_WORDS = {"big": "64 x 16 MiB", "small": "10,000 x 10 kB", "mixed": "1,000 x 500 kB"}
PEERS = ("hfpush", "git-lfs")
IN_A_FOLDER = 500
ADOPT = """
import sys
from hfpush.repo.folder import adopt
from hfpush.repo.hash_cache import HashCache
adopt(sys.argv[1], "main", HashCache(None))
"""
RUN_SECONDS = 1800


@dataclass
class Run:
    """One folder added by one peer; seconds."""

    shape: str
    peer: str
    wall: float
    cpu: float


def environment(home: Path) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "HFPUSH_"))}
    return env | {
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }


def make_folder(place: Path, shape: str) -> Path:
    """The shape's files, each of other bytes, none older than the clock of the file system can tell apart."""
    count, size = SHAPES[shape]
    block = os.urandom(min(size, MIB))
    for number in range(count):
        path = place / f"d{number // IN_A_FOLDER:03}" / f"part-{number:05}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            for at in range(0, size, MIB):
                out.write((b"\0%14d%14d" % (number, at) + block)[: min(MIB, size - at)])
    (place / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    return place


def git(folder: Path, env: dict[str, str], *words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=folder, env=env, check=True, capture_output=True).stdout


def prepared(peer: str, folder: Path, env: dict[str, str]) -> list[str]:
    """What is measured, once what is not is done."""
    shutil.rmtree(folder / ".git", ignore_errors=True)
    if peer == "hfpush":
        return [sys.executable, "-c", ADOPT, str(folder)]
    git(folder, env, "init", "-q")
    git(folder, env, "lfs", "install", "--local")
    return ["git", "-C", str(folder), "add", "--all"]


def measured(command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of a process tree. Ends the benchmark when it fails."""
    before, began = os.times(), time.monotonic()
    done = subprocess.run(command, env=env, capture_output=True, timeout=RUN_SECONDS, check=False)
    wall, after = time.monotonic() - began, os.times()
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stderr.decode(errors='replace')[-3000:]}")
    return wall, after.children_user + after.children_system - before.children_user - before.children_system


def compare(found: dict[str, bytes]) -> None:
    if len(set(found.values())) > 1:
        raise SystemExit("the peers did not put the same into the index")


def measure(shape: str, repeats: int, work: Path | None) -> list[Run]:
    runs = []
    with tempfile.TemporaryDirectory(prefix="hfpush-bench-", dir=work) as name:
        home, folder = Path(name) / "home", Path(name) / "folder"
        home.mkdir()
        (home / ".gitconfig").write_text("[user]\n\tname = bench\n\temail = bench@localhost\n[gc]\n\tauto = 0\n")
        env = environment(home)
        make_folder(folder, shape)
        for repeat in range(-1, repeats):
            entries = {}
            for peer in PEERS if repeat % 2 else reversed(PEERS):
                command = prepared(peer, folder, env)
                wall, cpu = measured(command, env)
                entries[peer] = git(folder, env, "ls-files", "--stage")
                if repeat >= 0:  # the first round pays for memory that nobody had yet
                    print(f"{shape} {peer}: {wall:.2f} s, cpu {cpu:.2f} s", flush=True)
                    runs.append(Run(shape, peer, wall, cpu))
            compare(entries)
    return runs


def table(runs: list[Run]) -> str:
    """A row per shape and peer, of medians; wall and CPU as multiples of hfpush's."""
    lines = ["| files | client | wall | CPU |", "|---|---|---|---|"]
    for shape, words in SHAPE_WORDS.items():
        found = {peer: [run for run in runs if (run.shape, run.peer) == (shape, peer)] for peer in PEERS}
        if not all(found.values()):
            continue
        wall, cpu = (
            {peer: statistics.median(getattr(run, field) for run in of) for peer, of in found.items()}
            for field in ("wall", "cpu")
        )
        for peer in PEERS:
            name = f"**{peer}**" if peer == "hfpush" else f"{peer} (`git add`)"
            lines.append(f"| {words} | {name} | {wall[peer] / wall['hfpush']:.2f} | {cpu[peer] / cpu['hfpush']:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("bench/add"))
    parser.add_argument("--work", type=Path, help="where the files are kept meanwhile")
    options = parser.parse_args()
    path = options.out.with_suffix(".json")
    kept = json.loads(path.read_text()) if path.exists() else {"runs": []}
    for shape in options.shapes.split(","):
        runs = measure(shape, options.repeats, options.work)
        kept["runs"] = [run for run in kept["runs"] if run["shape"] != shape] + [asdict(run) for run in runs]
        kept["machine"] = f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB of memory"
        path.write_text(json.dumps(kept, indent=1) + "\n")
    options.out.with_suffix(".md").write_text(table([Run(**run) for run in kept["runs"]]))


if __name__ == "__main__":
    main()
