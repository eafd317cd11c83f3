"""What goes over the wire again: uploads that are killed or whose requests fail, peers side by side.

    python bench/resume.py [--size 256000000] [--peers hfpush,…] [--cases kill 10 %,…] [--repeats 3]
                           [--rate 16e6] [--out bench/resume] [--work FOLDER]

Each run sends the same file to a new local Hub in a process of its own, which takes `--rate` bytes per second and
connection. Two kinds of trouble:

- kill N %: when the Hub has received N % of the file's bytes, the client and all its children get SIGKILL; then the
  same command is run again
- N resets: the first N requests that carry bytes of the file are reset when the Hub has half of what each carries (half
  a part, or half the file where a client sends it whole); the command is run again whenever it gives up

Counted by the Hub: body bytes received in all, as a multiple of the file's size; and how many times the command had to
be run until it ended well (the killed one included). A client that has not ended well after 30 is told so. Medians of
the repeats. Writes OUT.json and OUT.md.

Needs git, git-lfs, and `hf` of huggingface_hub (run with HF_HUB_DISABLE_XET=1) beside hfpush in the same environment.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from measured import keep, kept
from upload import BIN, Hub, command_of, environment, make_repo

PART = 16_000_000
AGENT = "git push + hfpush's agent"
PEERS = ("hfpush", AGENT, "git-lfs", "git-lfs+hf agent", "hf upload")
IN_PARTS = frozenset(PEERS) - {"git-lfs"}
CASES = ("kill 10 %", "kill 50 %", "kill 90 %", "1 reset", "5 resets", "20 resets")
COMMANDS = 30
RUN_SECONDS = 900
POLL_SECONDS = 0.02


@dataclass
class Run:
    """One upload: bytes on the wire as a multiple of the file's, and how many commands it took."""

    peer: str
    case: str
    wire: float
    commands: int
    well: bool
    seconds: float


def faults_of(case: str, peer: str, size: int, rate: float) -> list[str]:
    """What the Hub does wrong in a case."""
    number, word = case.split()[:2]
    paced = f"slow(rate={rate:g})"
    if not word.startswith("reset"):
        return [paced]
    half = (min(PART, size) if peer in IN_PARTS else size) // 2
    return [f"drop_after(bytes={half}, times={number})", paced]


def prepared(peer: str, repo: Path, hub: Hub, env: dict[str, str]) -> list[str]:
    """The peer's command, after what it needs once has been set up."""
    hfpush = str(BIN / "hfpush")
    subprocess.run([hfpush, "lfs", "disable-largefiles", str(repo)], env=env, capture_output=True, check=False)
    if peer != AGENT:
        return command_of(peer, repo, hub, env)
    command = command_of("git-lfs", repo, hub, env)
    subprocess.run([hfpush, "lfs", "enable-largefiles", str(repo)], env=env, capture_output=True, check=True)
    return command


def received(hub: Hub) -> int:
    """Body bytes of the file that the Hub has received so far, also of requests that are not answered yet."""
    seen = hub.seen()
    return sum(sums.get("put", {}).get("bytes_in", 0) for sums in (seen["totals"], seen["under_way"]))


def killed_at(command: list[str], env: dict[str, str], hub: Hub, wanted: float) -> bool:
    """Run a command and kill it and its children once the Hub has so many bytes. Whether it was still running then."""
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    family: set[psutil.Process] = set()
    while received(hub) < wanted and process.poll() is None:
        with suppress(psutil.NoSuchProcess):  # git's helpers may leave its group, and their parent may be gone
            family.update(psutil.Process(process.pid).children(recursive=True))
        time.sleep(POLL_SECONDS)
    alive = process.poll() is None
    with suppress(psutil.NoSuchProcess):
        family.update(psutil.Process(process.pid).children(recursive=True))
    process.kill()
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait()
    psutil.wait_procs(family, timeout=10)
    return alive


def ended_well(command: list[str], env: dict[str, str]) -> bool:
    """Run a command to its end, and say whether it thinks that it has succeeded."""
    with tempfile.TemporaryFile("w+") as log:
        try:
            done = subprocess.run(
                command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=RUN_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        if done.returncode and os.environ.get("BENCH_VERBOSE"):
            log.seek(0)
            print("   ", log.read()[-300:].replace("\n", "\n    "), flush=True)
    return done.returncode == 0


def arrived(hub: Hub, size: int) -> bool:
    """Whether the Hub has the file: an object of its size, which the Hub checked when it took it."""
    objects = (hub.root / "objects").rglob("*")
    return any(file.is_file() and file.stat().st_size == size for file in objects)


def one_run(peer: str, case: str, folder: Path, repo: Path, size: int, rate: float) -> Run:
    hub = Hub(folder, faults_of(case, peer, size, rate))
    began = time.monotonic()
    try:
        env = environment(folder, hub)
        command = prepared(peer, repo, hub, env)
        commands, well = 0, False
        if case.startswith("kill"):
            commands += 1
            if not killed_at(command, env, hub, size * int(case.split()[1]) / 100):
                print(f"    {peer}, {case}: it had ended before it could be killed", flush=True)
        while commands < COMMANDS and not well:
            commands += 1
            well = ended_well(command, env) and arrived(hub, size)
        wire = received(hub) / size
    finally:
        hub.close()
        shutil.rmtree(folder / "home/state", ignore_errors=True)
        shutil.rmtree(repo / ".cache", ignore_errors=True)
        shutil.rmtree(repo / ".git/lfs/tmp", ignore_errors=True)
        shutil.rmtree(repo / ".git/refs/remotes", ignore_errors=True)  # git-lfs asks for nothing that they name
    return Run(peer, case, wire, commands, well, time.monotonic() - began)


def table(runs: list[dict]) -> str:
    """A row per peer, a column per case: bytes on the wire, and commands in brackets."""
    lines = ["| client | " + " | ".join(CASES) + " |", "|---" * (len(CASES) + 1) + "|"]
    for peer in PEERS:
        cells = [_cell([run for run in runs if (run["peer"], run["case"]) == (peer, case)]) for case in CASES]
        if any(cells):
            lines.append(f"| {f'**{peer}**' if peer == 'hfpush' else peer} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", "Bytes received by the Hub over the file's size; in brackets, commands needed."])


def _cell(runs: list[dict]) -> str:
    if not runs:
        return ""
    wire = statistics.median(run["wire"] for run in runs)
    commands = statistics.median_high(run["commands"] for run in runs)
    return f"{wire:.2f} x ({commands})" if all(run["well"] for run in runs) else f"{wire:.2f} x (not after {commands})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=16 * PART)
    parser.add_argument("--rate", type=float, default=16e6)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("bench/resume"))
    parser.add_argument("--work", type=Path, help="where the files and Hubs are kept meanwhile")
    options = parser.parse_args()
    path = options.out.with_suffix(".json")
    results = kept(path)
    with tempfile.TemporaryDirectory(prefix="hfpush-bench-", dir=options.work) as name:
        folder = Path(name)
        repo = make_repo(folder, 1, options.size)
        for case in options.cases.split(","):
            for peer in options.peers.split(","):
                results["runs"] = [run for run in results["runs"] if (run["peer"], run["case"]) != (peer, case)]
            for _ in range(options.repeats):
                for peer in options.peers.split(","):
                    run = one_run(peer, case, folder, repo, options.size, options.rate)
                    print(f"{case}, {peer}: {run.wire:.3f} x, {run.commands} commands, {run.seconds:.0f} s", flush=True)
                    results["runs"].append(asdict(run))
                    keep(path, results, table(results["runs"]))


if __name__ == "__main__":
    main()
