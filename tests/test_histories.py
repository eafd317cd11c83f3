"""The random histories that other tests judge the project by: are they what they say?"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.histories import LIMIT, history
from support.object_reader import read
from support.truth import Attributes, is_binary, truth

# What git fsck has to say about odd contents, as far as they are meant to be odd.
_MEANT = (
    "nulInCommit",
    "gitattributesSymlink",
    "gitattributesLineLength",
    "gitignoreSymlink",
    "gitmodules",
    "dangling",
)


@pytest.mark.parametrize("seed", range(0, 30, 3))
def test_git_takes_a_random_history(tmp_path: Path, seed: int) -> None:
    made = history(tmp_path / "r", seed)
    done = subprocess.run(["git", "fsck"], cwd=made.root, capture_output=True, text=True, check=False, timeout=60)
    said = [line for line in (done.stdout + done.stderr).splitlines() if not any(word in line for word in _MEANT)]
    assert [line for line in said if not line.startswith(("notice:", "Checking"))] == []


def test_the_same_seed_makes_the_same_ids(tmp_path: Path) -> None:
    first, second = (history(tmp_path / name, 7, bare=True) for name in "ab")
    assert first.refs == second.refs
    assert read(first.git_dir).objects == read(second.git_dir).objects


def test_everything_that_matters_is_drawn_somewhere(tmp_path: Path) -> None:
    large = raw_in_lfs = evil = octopus = removed = odd = binary = 0
    for seed in range(25):
        made = history(tmp_path / str(seed), seed)
        repo = read(made.git_dir)
        true = truth(repo, {name: id for name, id in made.refs.items() if "remotes" not in name}, [])
        asked = Attributes(repo, tmp_path / f"attributes-{seed}")
        odd += bool(true.odd)
        for one in true.introductions:
            content, parents = repo.body(one.blob, "blob"), len(repo.commit(one.commit).parents)
            large += len(content) > LIMIT
            binary += is_binary(content)
            evil += parents > 1
            octopus += parents > 2
            removed += bool(true.removers(one))
            raw_in_lfs += len(content) > LIMIT and bool(asked.lfs(repo.files(one.commit), [one.path]))
    assert min(large, raw_in_lfs, evil, octopus, removed, odd, binary) > 3
