"""`git add` and `git checkout` through hfpush's filter and through git-lfs's: the same files, in turn, in one run.

    python bench/filter.py [--runs 3]

CPU is that of git and the filter together (user and system); both columns are medians. That the two make the same
objects and the same files is checked.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measured import Run, run

FILTERS = {
    "hfpush": f"'{Path(sys.executable).with_name('hfpush')}' lfs filter-process",
    "git-lfs": "git-lfs filter-process",
}
WORKLOADS = {"64 x 16 MiB": (64, 16 * 2**20), "2,000 x 10 KB": (2_000, 10_000), "1 x 10 KB": (1, 10_000)}


def main() -> None:
    """Run every workload with both filters and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    print("| files | git | filter | CPU s | wall s |\n|---|---|---|--:|--:|")
    for name, (count, size) in WORKLOADS.items():
        with tempfile.TemporaryDirectory(prefix="hfpush-bench-") as folder:
            done: dict[tuple[str, str], list[Run]] = {}
            for _ in range(runs):
                found = {
                    which: _round(Path(folder), count, size, process, which, done) for which, process in FILTERS.items()
                }
                assert found["hfpush"] == found["git-lfs"], "the two made different objects"
            for (command, which), rows in done.items():
                cpu, wall = (statistics.median(getattr(row, key) for row in rows) for key in ("cpu", "wall"))
                print(f"| {name} | {command} | {which} | {cpu:.2f} | {wall:.2f} |", flush=True)


def _round(
    folder: Path, count: int, size: int, process: str, which: str, done: dict[tuple[str, str], list[Run]]
) -> set[str]:
    """One add into a new repository and one checkout out of it; the objects that it made."""
    work = folder / "work"
    if not work.exists():
        work.mkdir()
        (work / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
        for number in range(count):
            (work / f"{number}.bin").write_bytes(os.urandom(size))
    shutil.rmtree(work / ".git", ignore_errors=True)
    subprocess.run(["git", "init", "-q"], cwd=work, check=True)
    git = ["git", "-c", f"filter.lfs.process={process}", "-c", "filter.lfs.required=true"]
    done.setdefault(("add", which), []).append(run([*git, "add", "."], work, os.environ))
    for number in range(count):
        (work / f"{number}.bin").unlink()
    done.setdefault(("checkout", which), []).append(run([*git, "checkout", "-q", "."], work, os.environ))
    assert all((work / f"{number}.bin").stat().st_size == size for number in range(count))
    return {file.name for file in (work / ".git/lfs/objects").rglob("*") if file.is_file()}


if __name__ == "__main__":
    main()
