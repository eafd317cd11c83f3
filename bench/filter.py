"""`git add` through hfpush's filter against git-lfs's: the same files, one after the other, in one run.

    python bench/filter.py [--runs 3]

CPU is that of git and the filter together (user and system); wall is the median. Both write the same objects, which is
checked.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORKLOADS = {"64 x 16 MiB": (64, 16 * 2**20), "2,000 x 10 KB": (2_000, 10_000), "1 x 10 KB": (1, 10_000)}


def main() -> None:
    """Run every workload with both filters and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    hfpush = Path(sys.executable).with_name("hfpush")
    filters = {"hfpush": f"'{hfpush}' lfs filter-process", "git-lfs": "git-lfs filter-process"}
    print("| files | filter | CPU s | wall s |\n|---|---|--:|--:|")
    for name, (count, size) in WORKLOADS.items():
        with tempfile.TemporaryDirectory(prefix="hfpush-bench-") as folder:
            rows: dict[str, list[tuple[float, float]]] = {which: [] for which in filters}
            found = {}
            for _ in range(runs):
                for which, process in filters.items():
                    cpu, wall, found[which] = _measured(Path(folder), count, size, process)
                    rows[which].append((cpu, wall))
            assert found["hfpush"] == found["git-lfs"], "the two made different objects"
            for which, times in rows.items():
                cpu, wall = (statistics.median(column) for column in zip(*times, strict=True))
                print(f"| {name} | {which} | {cpu:.2f} | {wall:.2f} |", flush=True)


def _measured(folder: Path, count: int, size: int, process: str) -> tuple[float, float, set[str]]:
    """CPU and wall seconds of a `git add` into a new repository, and the objects that it made."""
    work = folder / "work"
    if not work.exists():
        work.mkdir()
        (work / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
        for number in range(count):
            (work / f"{number}.bin").write_bytes(os.urandom(size))
    shutil.rmtree(work / ".git", ignore_errors=True)
    subprocess.run(["git", "init", "-q"], cwd=work, check=True)
    settings = ("-c", f"filter.lfs.process={process}", "-c", "filter.lfs.required=true")
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(["git", *settings, "add", "."], cwd=work, check=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall, {file.name for file in (work / ".git/lfs/objects").rglob("*") if file.is_file()}


if __name__ == "__main__":
    main()
