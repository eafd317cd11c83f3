"""Upload, peers side by side: hfpush, git-lfs, git-lfs with the Hub's own multipart agent, and `hf upload`.

    python bench/upload.py [--shapes big,mid,small] [--links free,delay,shaped] [--repeats 3] [--out bench/upload]

Each run sends the same files to a new local Hub in a process of its own on this machine; the peers take turns within
one repeat, so that what else the machine does hits all of them. Wall and CPU time are those of the client's whole
process tree, peak memory is the sum of its resident sets (polled), bytes on the wire are counted by the Hub.
Medians. Writes OUT.json and OUT.md.

Needs git, git-lfs, and `hf` of huggingface_hub (run with HF_HUB_DISABLE_XET=1) beside hfpush in the same environment.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

MIB = 2**20
SHAPES = {"big": (1, 2048 * MIB), "mid": (64, 32 * MIB), "small": (2000, 100_000)}
LINKS = {"free": [], "delay": ["delay(0.05)"], "shaped": ["slow(rate=20e6)"]}
PEERS = ("hfpush", "git-lfs", "git-lfs+hf agent", "hf upload")
LINK_WORDS = {
    "free": "loopback",
    "delay": "50 ms before each answer",
    "shaped": "20 MB/s per connection",
}
SHAPE_WORDS = {"big": "1 x 2 GiB", "mid": "64 x 32 MiB", "small": "2,000 x 100 kB"}
BIN = Path(sys.executable).parent
RUN_SECONDS = 1200


@dataclass
class Run:
    """One upload by one peer. Seconds, MB, and bytes as a multiple of the files' own."""

    shape: str
    link: str
    peer: str
    wall: float
    cpu: float
    peak_mb: float
    wire: float


class Hub:
    """A local Hub in its own process."""

    def __init__(self, folder: Path, faults: list[str]) -> None:
        self.root = folder / "hub"
        options = [word for fault in faults for word in ("--fault", fault)]
        command = [sys.executable, "-m", "hfpush", "hub", "serve", "--root", str(self.root), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(folder))
        assert self.process.stdout is not None
        text = ""
        while "HF_TOKEN=" not in text:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("the Hub did not start")
            text += line
        self.url = re.search(r"HF_ENDPOINT=(\S+)", text)[1]
        self.token = re.search(r"HF_TOKEN=(\S+)", text)[1]

    def seen(self) -> dict:
        with urllib.request.urlopen(f"{self.url}/-/seen", timeout=10) as answer:
            return json.load(answer)

    def close(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        shutil.rmtree(self.root, ignore_errors=True)


def environment(folder: Path, hub: Hub | None = None) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HFPUSH_", "GIT_"))}
    env |= {
        "PATH": f"{BIN}{os.pathsep}{env['PATH']}",
        "HOME": str(folder / "home"),
        "HF_HOME": str(folder / "home/hf"),
        "HFPUSH_STATE_DIR": str(folder / "home/state"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_GLOBAL": str(folder / "home/.gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    if hub is not None:
        env |= {"HF_ENDPOINT": hub.url, "HF_TOKEN": hub.token}
    return env


def make_repo(folder: Path, count: int, size: int) -> Path:
    """A git repository with `count` files of `size` bytes in LFS; the store's copies are hard links."""
    (folder / "home").mkdir()
    (folder / "home/.gitconfig").write_text(
        "[user]\n\tname = bench\n\temail = bench@localhost\n[init]\n\tdefaultBranch = main\n"
    )
    repo = folder / "repo"
    repo.mkdir()
    env = environment(folder)
    git(repo, env, "init", "-q")
    git(repo, env, "lfs", "install", "--local")
    (repo / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    block = os.urandom(MIB)
    lines = [f"100644 {git(repo, env, 'hash-object', '-w', '.gitattributes')}\t.gitattributes"]
    for number in range(count):
        path = repo / f"part-{number:05}.bin"
        digest = hashlib.sha256()
        with path.open("wb") as out:
            for at in range(0, size, MIB):
                piece = (at.to_bytes(8, "big") + number.to_bytes(8, "big") + block)[: min(MIB, size - at)]
                out.write(piece)
                digest.update(piece)
        oid = digest.hexdigest()
        store = repo / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid
        store.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, store)
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size}\n"
        lines.append(f"100644 {git(repo, env, 'hash-object', '-w', '--stdin', stdin=pointer)}\t{path.name}")
    git(repo, env, "update-index", "--add", "--index-info", stdin="\n".join(lines) + "\n")
    git(repo, env, "commit", "-q", "-m", "files")
    return repo


def git(repo: Path, env: dict[str, str], *words: str, stdin: str | None = None) -> str:
    done = subprocess.run(["git", *words], cwd=repo, env=env, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"git {' '.join(words)}: {done.stderr}")
    return done.stdout.strip()


def command_of(peer: str, repo: Path, hub: Hub, env: dict[str, str]) -> list[str]:
    """What the peer is run with, after what it needs once has been set up."""
    owner = hub.url.replace("http://", f"http://user:{hub.token}@")
    subprocess.run([BIN / "hf", "repos", "create", "local/bench"], env=env, capture_output=True, check=True)
    if peer == "hfpush":
        return [str(BIN / "hfpush"), "publish", str(repo), "--to", "local/bench"]
    if peer == "hf upload":
        return [str(BIN / "hf"), "upload", "local/bench", str(repo), "."]
    git(repo, env, "config", "remote.origin.url", f"{owner}/local/bench")
    git(repo, env, "config", "lfs.locksverify", "false")
    for key in ("path", "args"):
        subprocess.run(
            ["git", "config", "--unset", f"lfs.customtransfer.multipart.{key}"], cwd=repo, env=env, check=False
        )
    if peer == "git-lfs+hf agent":
        subprocess.run([BIN / "hf", "lfs-enable-largefiles", str(repo)], env=env, capture_output=True, check=True)
    return ["git", "-C", str(repo), "push", "--force", "origin", "HEAD:main"]


def measured(command: list[str], env: dict[str, str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak MB of a process tree. Exits when it fails."""
    before = os.times()
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        peak = [0.0]
        over = threading.Event()
        watcher = threading.Thread(target=watch_memory, args=(process.pid, peak, over))
        watcher.start()
        try:
            code = process.wait(RUN_SECONDS)
        finally:
            over.set()
            watcher.join()
        wall = time.monotonic() - began
        after = os.times()
        if code:
            log.seek(0)
            raise SystemExit(f"{' '.join(command)} ended with {code}:\n{log.read()[-3000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu, peak[0]


def watch_memory(pid: int, peak: list[float], over: threading.Event) -> None:
    while not over.wait(0.1):
        total = 0
        try:
            parent = psutil.Process(pid)
            for process in [parent, *parent.children(recursive=True)]:
                total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
        peak[0] = max(peak[0], total / 1e6)


def one_run(shape: str, link: str, peer: str, folder: Path, repo: Path) -> Run:
    count, size = SHAPES[shape]
    hub = Hub(folder, LINKS[link])
    try:
        env = environment(folder, hub)
        command = command_of(peer, repo, hub, env)
        wall, cpu, peak = measured(command, env)
        wire = hub.seen()["totals"]["put"]["bytes_in"] / (count * size)
    finally:
        hub.close()
        shutil.rmtree(folder / "home/state", ignore_errors=True)
        shutil.rmtree(repo / ".cache", ignore_errors=True)
    return Run(shape, link, peer, wall, cpu, peak, wire)


def killed_at_half(folder: Path, repo: Path) -> dict[str, float]:
    """hfpush killed with SIGKILL when half of 2 GiB is there, and run again: what went twice."""
    size = SHAPES["big"][1]
    hub = Hub(folder, ["slow(rate=20e6)"])
    try:
        env = environment(folder, hub)
        command = command_of("hfpush", repo, hub, env)
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while hub.seen()["totals"].get("put", {}).get("bytes_in", 0) < size / 2 and process.poll() is None:
            time.sleep(0.1)
        process.kill()
        process.wait()
        subprocess.run(command, env=env, check=True, capture_output=True, timeout=RUN_SECONDS)
        received = hub.seen()["totals"]["put"]["bytes_in"]
    finally:
        hub.close()
        shutil.rmtree(folder / "home/state", ignore_errors=True)
    return {"size": size, "received": received, "again": received - size, "bound": 32 * 16_000_000}


def table(runs: list[Run], killed: dict[str, float] | None) -> str:
    """A row per cell and peer, of medians; wall and CPU as multiples of hfpush's."""
    lines = [
        "| files | line | client | wall | CPU | peak memory | bytes on the wire |",
        "|---|---|---|---|---|---|---|",
    ]
    for shape in SHAPES:
        for link in LINKS:
            lines += [row for peer in PEERS if (row := _row(runs, shape, link, peer))]
    if killed:
        lines += [
            "",
            f"Killed with SIGKILL at half of 2 GiB (at 20 MB/s per connection) and run again, hfpush sent "
            f"{killed['again'] / 1e6:.0f} MB twice ({100 * killed['again'] / killed['size']:.1f} %); "
            f"what is under way at a time is bounded by {killed['bound'] / 1e6:.0f} MB.",
        ]
    return "\n".join(lines) + "\n"


def _row(runs: list[Run], shape: str, link: str, peer: str) -> str | None:
    found, ours = (
        [run for run in runs if (run.shape, run.link, run.peer) == (shape, link, who)] for who in (peer, "hfpush")
    )
    if not found or not ours:
        return None

    def median(of: list[Run], field: str) -> float:
        return statistics.median(getattr(run, field) for run in of)

    wall, cpu = (median(found, field) / median(ours, field) for field in ("wall", "cpu"))
    name = f"**{peer}**" if peer == "hfpush" else peer
    peak, wire = median(found, "peak_mb"), median(found, "wire")
    return (
        f"| {SHAPE_WORDS[shape]} | {LINK_WORDS[link]} | {name} | {wall:.2f} | {cpu:.2f} "
        f"| {peak:.0f} MB | {wire:.3f} x |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default="big,mid,small")
    parser.add_argument("--links", default="free,delay,shaped")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--kill", action="store_true", help="also measure what goes twice after a kill at half")
    parser.add_argument("--out", type=Path, default=Path("bench/upload"))
    parser.add_argument("--work", type=Path, help="where the files and Hubs are kept meanwhile")
    options = parser.parse_args()
    path = options.out.with_suffix(".json")
    kept = json.loads(path.read_text()) if path.exists() else {"runs": [], "killed": None}
    for shape in options.shapes.split(","):
        with tempfile.TemporaryDirectory(prefix="hfpush-bench-", dir=options.work) as name:
            folder = Path(name)
            repo = make_repo(folder, *SHAPES[shape])
            one_run(shape, "free", "git-lfs", folder, repo)  # not counted: the first run pays for memory nobody had yet
            for link in options.links.split(","):
                kept["runs"] = [run for run in kept["runs"] if (run["shape"], run["link"]) != (shape, link)]
                for _ in range(options.repeats):
                    for peer in options.peers.split(","):
                        run = one_run(shape, link, peer, folder, repo)
                        numbers = f"{run.wall:.1f} s, cpu {run.cpu:.1f}, {run.peak_mb:.0f} MB, {run.wire:.3f} x"
                        print(f"{shape} {link} {peer}: {numbers}", flush=True)
                        kept["runs"].append(asdict(run))
                path.write_text(json.dumps(kept, indent=1) + "\n")
            if options.kill and shape == "big":
                kept["killed"] = killed_at_half(folder, repo)
        kept["machine"] = f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB of memory"
        path.write_text(json.dumps(kept, indent=1) + "\n")
    options.out.with_suffix(".md").write_text(table([Run(**run) for run in kept["runs"]], kept["killed"]))


if __name__ == "__main__":
    main()
