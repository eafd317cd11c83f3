"""One run of a command, measured: wall and CPU seconds of it and all its children, and the peak of its largest process.

What the kernel counts for a process that has ended (wait4) is exact however short it was. A pipeline is run by a shell,
which is one process more for every peer that needs it.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

BIN = Path(sys.executable).parent
HFPUSH = str(BIN / "hfpush")


@dataclass(frozen=True)
class Run:
    """How a run went. `peak_mb` is the resident memory of its largest process."""

    wall: float
    cpu: float
    peak_mb: float
    code: int
    out: str = field(repr=False)


def run(command: list[str], where: Path, env: Mapping[str, str], *, codes: Collection[int] = (0,)) -> Run:
    """Run a command to its end. Exits with its last words unless it ends with one of `codes`."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=where, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode not in codes:
            sys.exit(
                f"{' '.join(command)} ended with {process.returncode}:\n{err.read()[-3000:].decode('utf-8', 'replace')}"
            )
        text = out.read().decode("utf-8", "surrogateescape")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode, text)


def environment(home: Path) -> dict[str, str]:
    """An environment in which nothing of the user's changes what is measured."""
    home.mkdir(parents=True, exist_ok=True)
    (home / ".gitconfig").write_text(
        "[user]\n\tname = bench\n\temail = bench@localhost\n[init]\n\tdefaultBranch = main\n"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HFPUSH_", "GIT_"))}
    return env | {
        "PATH": f"{BIN}{os.pathsep}{env['PATH']}",
        "HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "HFPUSH_STATE_DIR": str(home / "state"),
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
    }


def machine() -> str:
    """One line on what the numbers were measured with."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    programs = [_version("git", "--version"), _version("git-lfs", "version"), f"Python {platform.python_version()}"]
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory; {', '.join(one for one in programs if one)}"


def _version(program: str, word: str) -> str:
    if shutil.which(program) is None:
        return ""
    said = subprocess.run([program, word], capture_output=True, text=True, check=False).stdout
    return said.split(" (")[0].strip().replace("git version", "git").replace("git-lfs/", "git-lfs ")


def median(runs: list[dict], name: str) -> float:
    """The median of one number of some runs."""
    return statistics.median(run[name] for run in runs)


def kept(path: Path) -> dict:
    """The results of earlier runs, to be added to."""
    return json.loads(path.read_text()) if path.exists() else {"machine": "", "runs": []}


def keep(path: Path, results: dict, table: str) -> None:
    """Write the results as JSON, and the table beside it as Markdown with the line on the machine below it."""
    results["machine"] = machine()
    path.write_text(json.dumps(results, indent=1) + "\n")
    path.with_suffix(".md").write_text(f"{table}\n\n{results['machine']}\n")
