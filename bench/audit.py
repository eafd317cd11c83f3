"""What in a large history is too large, peers side by side: hfpush, git-lfs, and the recipe with git alone.

    python bench/audit.py [--commits 50000] [--repeats 3] [--slow-repeats 1] [--out bench/audit] [--work FOLDER]

Two histories made by bench/history.py, one with planted files and one without. Asked is for everything above 10 MiB and
above 1 MB on all refs, of

- hfpush: `hfpush audit --all --above SIZE`, a fresh process each time: paths, commits, refs
- git-lfs: `git lfs migrate info --everything --above=SIZE`: totals per extension
- git: `git rev-list --objects --all | git cat-file --batch-check`: ids, sizes and one path
- hfpush, all rules: `hfpush audit --all`, which also looks into every file

The peers take turns within one repeat, in the other order in the next; git-lfs, which takes minutes, is asked once for
what is above 10 MiB in the planted history (`--slow 'planted 10MiB;clean 10MiB;planted 1MB'` asks more). CPU is that
of all processes, memory the peak of the largest one. Before, what hfpush finds is compared with what was
planted: blob, paths, commits. Medians. Writes OUT.json and OUT.md. Needs git and git-lfs beside hfpush.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import history
from measured import HFPUSH, environment, keep, kept, median, run

SIZES = {"10MiB": 10 * 2**20, "1MB": 10**6}
PEERS = ("hfpush", "git-lfs", "git", "hfpush, all rules")
HISTORIES = {"planted": {}, "clean": {"large": 0, "middle": 0, "binary": 0}}


def command_of(peer: str, size: str) -> list[str]:
    """The command that a peer is asked with."""
    if peer == "git-lfs":
        return ["git", "lfs", "migrate", "info", "--everything", f"--above={size}"]
    if peer == "git":
        check = shlex.quote("%(objecttype) %(objectname) %(objectsize) %(rest)")
        only = f"""awk '$1 == "blob" && $3 > {SIZES[size]}'"""
        return ["sh", "-c", f"git rev-list --objects --all | git cat-file --batch-check={check} | {only}"]
    if peer == "hfpush":
        return [HFPUSH, "audit", "--all", "--above", size]
    return [HFPUSH, "audit", "--all"]


FIND = """
import json, sys
from hfpush.repo.audit.scan import scan
from hfpush.repo.audit.scoping import everything
from hfpush.repo.repository import Repository
repository = Repository.around(sys.argv[1])
asked = {"above": int(sys.argv[2]), "sizes_only": True} if sys.argv[2] else {}
blobs = scan(repository, everything(repository), **asked).blobs
print(json.dumps([(blob.id, at.path, at.commit) for blob in blobs for at in blob.sightings]))
"""


def check(repo: Path, above: str, wanted: set[str], env: dict[str, str]) -> None:
    """Exits unless the blobs of those kinds, and no others, are found with all their paths and commits.

    In a process of its own: what this one holds would count as memory of those that it starts.
    """
    found = {tuple(one) for one in json.loads(run([sys.executable, "-c", FIND, str(repo), above], repo, env).out)}
    planted = json.loads((repo / "planted.json").read_text())
    true = {(one["blob"], one["path"], one["commit"]) for one in planted if one["kind"] in wanted}
    if found != true:
        sys.exit(f"found for nothing: {sorted(found - true)[:3]}\nnot found: {sorted(true - found)[:3]}")


def measure(name: str, repo: Path, options: argparse.Namespace, env: dict[str, str], results: dict[str, Any]) -> None:
    """All peers over one history, the results kept as they come."""
    planted = json.loads((repo / "planted.json").read_text())
    check(repo, str(SIZES["10MiB"]), {"large"}, env)
    check(repo, str(SIZES["1MB"]), {"large", "middle"}, env)
    check(repo, "", {"large", "binary"}, env)
    for repeat in range(options.repeats):
        for size in SIZES:
            for peer in PEERS if repeat % 2 else reversed(PEERS):
                if peer not in options.peers.split(";"):
                    continue
                if peer == "git-lfs" and (repeat >= options.slow_repeats or f"{name} {size}" not in options.slow):
                    continue
                if peer == "hfpush, all rules" and size != "10MiB":
                    continue
                took = run(command_of(peer, size), repo, env, codes=(0, 1))
                if peer.startswith("hfpush") and took.code != (1 if planted else 0):
                    sys.exit(f"{peer} ended with {took.code}")
                print(f"{name} {size} {peer}: {took.wall:.2f} s, cpu {took.cpu:.2f}, {took.peak_mb:.0f} MB", flush=True)
                numbers = {key: value for key, value in asdict(took).items() if key != "out"}
                results["runs"].append({"history": name, "size": size, "peer": peer, **numbers})


def table(results: dict[str, Any]) -> str:
    """A row per history, size and peer."""
    lines = [
        "| history | above | asked | wall | CPU | CPU, of hfpush's | peak memory |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in HISTORIES:
        for size in SIZES:
            cell = [one for one in results["runs"] if (one["history"], one["size"]) == (name, size)]
            ours = [one for one in cell if one["peer"] == "hfpush"]
            for peer in PEERS:
                found = [one for one in cell if one["peer"] == peer]
                if not found or not ours:
                    continue
                ratio = median(found, "cpu") / median(ours, "cpu")
                shown = f"**{peer}**" if peer == "hfpush" else peer
                words = f"| {name} | {size} | {shown} | {median(found, 'wall'):.2f} s "
                lines.append(
                    words + f"| {median(found, 'cpu'):.2f} s | {ratio:.1f} x | {median(found, 'peak_mb'):.0f} MB |"
                )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--slow-repeats", type=int, default=1, help="how often git-lfs is asked")
    parser.add_argument("--slow", default="planted 10MiB", help="what git-lfs is asked: HISTORY SIZE[;…]")
    parser.add_argument("--peers", default=";".join(PEERS))
    parser.add_argument("--histories", default=",".join(HISTORIES))
    parser.add_argument("--out", type=Path, default=Path("bench/audit"))
    parser.add_argument("--work", type=Path, help="where the histories are kept; made there unless they are there")
    options = parser.parse_args()
    path = options.out.with_suffix(".json")
    results = kept(path)
    with tempfile.TemporaryDirectory(prefix="hfpush-bench-") as aside:
        env = environment(Path(aside) / "home")
        for name in options.histories.split(","):
            repo = (options.work or Path(aside)) / f"{name}-{options.commits}"
            if not repo.exists():
                history.make(repo, commits=options.commits, **HISTORIES[name])
            results["runs"] = [one for one in results["runs"] if one["history"] != name]
            measure(name, repo, options, env, results)
            keep(path, results, table(results))


if __name__ == "__main__":
    main()
