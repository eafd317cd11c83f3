"""What a hook costs each commit, and what the command line costs before it does anything.

    python bench/hook.py [--commits 15] [--out bench/hook] [--work FOLDER]

In a repository of 200 and in one of 30,000 files, three small files are staged and committed, with

- no hook
- hfpush's (`hfpush hook install`)
- git-lfs's (`git lfs install`), and hfpush's beside them
- the pre-commit framework with check-added-large-files, and with hfpush-audit, where `pre-commit` and
  `check-added-large-files` (pip install pre-commit pre-commit-hooks) are in the environment

The kinds take turns, commit by commit. CPU is that of `git commit` and all its children; the table has medians, and
what each kind adds to a commit without a hook. Then `hfpush --version` and `hfpush --help`. Writes OUT.json and OUT.md.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from measured import BIN, HFPUSH, environment, keep, median, run

FILES = (200, 30_000)
KINDS = ("no hook", "hfpush", "git-lfs", "git-lfs and hfpush", "check-added-large-files", "hfpush-audit in pre-commit")
FRAMEWORK = {
    "check-added-large-files": """\
repos:
- repo: local
  hooks:
  - {id: large, name: large, entry: check-added-large-files --maxkb=10240, language: system}
""",
    "hfpush-audit in pre-commit": """\
repos:
- repo: local
  hooks:
  - {id: audit, name: audit, entry: hfpush-hook audit, language: system, pass_filenames: false, always_run: true}
""",
}


def make(place: Path, files: int, kind: str, env: dict[str, str]) -> None:
    """A repository of so many files, with the hooks of a kind."""
    place.mkdir()
    git(place, env, "init", "-q")
    stream = [b"commit refs/heads/main\ncommitter bench <bench@localhost> 1500000000 +0000\ndata 5\nfiles\n"]
    stream += [b"M 100644 inline d%d/f%d.txt\ndata 20\n%020d\n" % (n % 97, n, n) for n in range(files)]
    subprocess.run(["git", "fast-import", "--quiet"], cwd=place, env=env, input=b"".join(stream), check=True)
    git(place, env, "reset", "-q", "--hard")
    if kind in ("git-lfs", "git-lfs and hfpush"):
        git(place, env, "lfs", "install", "--local")
    if kind in ("hfpush", "git-lfs and hfpush"):
        subprocess.run([HFPUSH, "hook", "install", str(place)], env=env, check=True, stdout=subprocess.DEVNULL)
    if kind in FRAMEWORK:
        (place / ".pre-commit-config.yaml").write_text(FRAMEWORK[kind])
        git(place, env, "add", ".pre-commit-config.yaml")
        git(place, env, "commit", "-q", "-m", "framework")
        subprocess.run([BIN / "pre-commit", "install"], cwd=place, env=env, check=True, stdout=subprocess.DEVNULL)


def git(place: Path, env: dict[str, str], *words: str) -> None:
    subprocess.run(["git", *words], cwd=place, env=env, check=True, stdout=subprocess.DEVNULL)


def commit(place: Path, number: int, env: dict[str, str]) -> dict[str, Any]:
    """Three new files, staged and then committed; the commit is measured."""
    for name in "abc":
        (place / f"new-{name}.txt").write_text(f"{number}\n")
    git(place, env, "add", "-A")
    took = asdict(run(["git", "commit", "-q", "-m", f"change {number}"], place, env))
    return {key: value for key, value in took.items() if key != "out"}


def _has_framework() -> bool:
    return all((BIN / program).exists() for program in ("pre-commit", "check-added-large-files"))


def table(results: dict[str, Any]) -> str:
    """A row per repository and kind, then the starts."""
    lines = ["| files | hooks | CPU of a commit | added | wall |", "|---|---|---|---|---|"]
    for files in FILES:
        cell = [one for one in results["runs"] if one.get("files") == files]
        bare = [one for one in cell if one["kind"] == "no hook"]
        for kind in KINDS:
            if found := [one for one in cell if one["kind"] == kind]:
                cpu, none = median(found, "cpu"), median(bare, "cpu")
                shown = f"**{kind}**" if kind == "hfpush" else kind
                added = f"{1000 * (cpu - none):.0f} ms" if kind != "no hook" else ""
                lines.append(
                    f"| {files:,} | {shown} | {1000 * cpu:.0f} ms | {added} | {1000 * median(found, 'wall'):.0f} ms |"
                )
    lines += ["", "| command | CPU | wall | peak memory |", "|---|---|---|---|"]
    for words in ("--version", "--help"):
        found = [one for one in results["runs"] if one.get("words") == words]
        cpu, wall, peak = (median(found, name) for name in ("cpu", "wall", "peak_mb"))
        lines.append(f"| hfpush {words} | {1000 * cpu:.0f} ms | {1000 * wall:.0f} ms | {peak:.0f} MB |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=15)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--out", type=Path, default=Path("bench/hook"))
    parser.add_argument("--work", type=Path, help="where the repositories are made")
    options = parser.parse_args()
    kinds = [kind for kind in options.kinds.split(",") if kind not in FRAMEWORK or _has_framework()]
    results: dict[str, Any] = {"machine": "", "runs": []}
    with tempfile.TemporaryDirectory(prefix="hfpush-bench-", dir=options.work) as name:
        env = environment(Path(name) / "home")
        for files in FILES:
            places = {kind: Path(name) / f"r{number}" for number, kind in enumerate(kinds)}
            for kind, place in places.items():
                make(place, files, kind, env)
            for number in range(options.commits + 2):
                for kind in kinds if number % 2 else reversed(kinds):
                    took = commit(places[kind], number, env)
                    if number > 1:  # the first ones pay for what nobody had in memory yet
                        results["runs"].append({"files": files, "kind": kind, **took})
            for place in places.values():
                shutil.rmtree(place)
        for _ in range(options.commits):
            for words in ("--version", "--help"):
                took = asdict(run([HFPUSH, words], Path(name), env))
                results["runs"].append({"words": words, **{key: took[key] for key in ("wall", "cpu", "peak_mb")}})
    text = table(results)
    print(text)
    keep(options.out.with_suffix(".json"), results, text)


if __name__ == "__main__":
    main()
