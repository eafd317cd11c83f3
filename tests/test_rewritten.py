"""Does the verifier of rewritten histories see what is wrong? Shown on a tool that is known to get some of it wrong."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.histories import LIMIT, history
from support.object_reader import read
from support.rewritten import Rewriting
from support.surroundings import refs_of


def test_a_history_that_nobody_touched_is_in_order(tmp_path: Path) -> None:
    made = history(tmp_path / "r", 3, bare=True)
    judged = Rewriting(read(made.git_dir), made.git_dir / "lfs/objects", tmp_path / "a", made.refs, made.refs)
    assert judged.judge(lambda _: False) == []


@pytest.mark.needs("git-lfs")
def test_what_git_lfs_migrate_leaves_behind_is_seen(tmp_path: Path) -> None:
    seen: list[str] = []
    for seed in range(8):
        made = history(tmp_path / str(seed), seed, bare=True, remote=False)
        command = ["git", "lfs", "migrate", "import", "--everything", "--yes", f"--above={LIMIT}b"]
        if (
            made.object_format == "sha256"
            or subprocess.run(command, cwd=made.root, capture_output=True, check=False).returncode
        ):
            continue
        store, scratch = made.git_dir / "lfs/objects", tmp_path / f"attributes-{seed}"
        repo = read(made.git_dir)
        judged = Rewriting(repo, store, scratch, made.refs, refs_of(made.root))
        seen += judged.judge(lambda one, repo=repo: len(repo.body(one.blob, "blob")) > LIMIT)
    for problem in ("no attribute covers", "is no pointer", "the message changed", "that git reads became a pointer"):
        assert any(problem in line for line in seen), problem
