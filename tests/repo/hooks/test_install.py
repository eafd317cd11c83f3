"""Our hooks beside those that are there: real files, real commits, and a way back byte for byte."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from support.hooked import Place

from hfpush.errors import Refused
from hfpush.repo.hooks.install import PROGRAM, look, put_in, take_out
from hfpush.repo.hooks.scripts import HOOK_NAMES
from hfpush.repo.repository import Repository

pytestmark = pytest.mark.needs("git")
LFS_PRE_PUSH = b'#!/bin/sh\ncommand -v git-lfs >/dev/null 2>&1 || { exit 2; }\ngit lfs pre-push "$@"\n'
BIG = b"x\n" * 1000


@pytest.fixture
def place(tmp_path: Path) -> Place:
    subprocess.run(["git", "init", "-q", "repo"], cwd=tmp_path, check=True, timeout=60)
    place = Place(tmp_path / "repo")
    place.done("config", "hfpush.limit", "1000")
    return place


def add_hook(place: Place, name: str, text: bytes, mode: int = 0o755) -> Path:
    path = place.path / ".git/hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text)
    path.chmod(mode)
    return path


def stops_big_and_passes_small(place: Place) -> None:
    place.write("big.txt", BIG)
    place.done("add", ".")
    assert place.git("commit", "-qm", "x").returncode == 1
    place.done("rm", "-q", "--cached", "big.txt")
    place.write("small.txt", os.urandom(4).hex().encode())
    place.done("add", "small.txt")
    place.done("commit", "-qm", "x")


def test_a_repository_without_hooks_gets_one_and_loses_it_again(place: Place) -> None:
    repository = Repository.around(place.path)
    config = (place.path / ".git/config").read_bytes()
    (change,) = put_in(repository, ["pre-commit"], Path("/opt/hfpush"))
    assert change.changed
    assert place.done("config", PROGRAM) == "/opt/hfpush"
    assert change.after.path.stat().st_mode & 0o111
    stops_big_and_passes_small(place)
    (again,) = put_in(repository, ["pre-commit"], Path("/opt/hfpush"))
    assert not again.changed
    (gone,) = take_out(repository, ["pre-commit"])
    assert gone.changed
    assert not change.after.path.exists()
    assert (place.path / ".git/config").read_bytes() == config
    assert not take_out(repository, HOOK_NAMES)[0].changed


@pytest.mark.parametrize(
    "text",
    [
        b'#!/bin/sh\necho mine >"$(git rev-parse --git-dir)/mine"\nexit 0\n',
        b'#!/usr/bin/env bash\nset -euo pipefail\necho mine >"$(git rev-parse --git-dir)/mine"\n',
        b'#!/bin/sh -e\necho mine >"$(git rev-parse --git-dir)/mine"',
        b'echo mine >"$(git rev-parse --git-dir)/mine"\n',
    ],
)
@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_a_hook_that_is_there_still_runs_and_comes_back(place: Place, text: bytes, mode: int) -> None:
    path = add_hook(place, "pre-commit", text, mode)
    repository = Repository.around(place.path)
    (change,) = put_in(repository, ["pre-commit"], None)
    assert change.after.more
    assert stat.S_IMODE(path.stat().st_mode) == mode
    stops_big_and_passes_small(place)
    assert (place.path / ".git/mine").read_bytes() == b"mine\n"
    assert not put_in(repository, ["pre-commit"], None)[0].changed
    take_out(repository, ["pre-commit"])
    assert path.read_bytes() == text
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_beside_git_lfs_the_part_goes_into_its_hook(place: Place) -> None:
    path = add_hook(place, "pre-push", LFS_PRE_PUSH)
    repository = Repository.around(place.path)
    put_in(repository, HOOK_NAMES, None)
    assert look(repository, "pre-push").more
    assert path.read_bytes().endswith(LFS_PRE_PUSH.partition(b"\n")[2])
    take_out(repository, HOOK_NAMES)
    assert path.read_bytes() == LFS_PRE_PUSH
    assert not (path.parent / "pre-commit").exists()


REFUSED = {
    "python": b"#!/usr/bin/env python3\n",
    "framework": b"#!/usr/bin/env bash\n# ID: 138fd403232d2ddd5efb44317e38bf03\n",
    "husky": b'#!/bin/sh\n. "$(dirname "$0")/_/husky.sh"\n',
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_hook_that_cannot_take_it_is_left_and_the_line_for_it_is_told(place: Place, what: str) -> None:
    path = add_hook(place, "pre-commit", REFUSED[what])
    with pytest.raises(Refused) as told:
        put_in(Repository.around(place.path), HOOK_NAMES, None)
    assert told.value.finding.reference == "hook-foreign"
    assert "hfpush-hook" in told.value.finding.remedy[0]
    assert path.read_bytes() == REFUSED[what]
    assert not (path.parent / "pre-push").exists(), "nothing is written before all has been looked at"


def test_a_link_and_a_hook_that_git_does_not_run_are_left(place: Place, tmp_path: Path) -> None:
    repository = Repository.around(place.path)
    path = add_hook(place, "pre-commit", b"#!/bin/sh\n", 0o644)
    with pytest.raises(Refused) as told:
        put_in(repository, ["pre-commit"], None)
    assert "not executable" in told.value.finding.evidence[0]
    path.unlink()
    shared = tmp_path / "shared"
    shared.write_bytes(b"#!/bin/sh\n")
    shared.chmod(0o755)
    path.symlink_to(shared)
    with pytest.raises(Refused) as told:
        put_in(repository, ["pre-commit"], None)
    assert "is a link" in told.value.finding.evidence[0]
    assert shared.read_bytes() == b"#!/bin/sh\n"


def test_a_hook_whose_marks_were_changed_is_left(place: Place) -> None:
    repository = Repository.around(place.path)
    put_in(repository, ["pre-commit"], None)
    path = place.path / ".git/hooks/pre-commit"
    cut = path.read_bytes().replace(b"# <<< hfpush", b"# hfpush")
    path.write_bytes(cut)
    for change in (lambda: put_in(repository, ["pre-commit"], None), lambda: take_out(repository, HOOK_NAMES)):
        with pytest.raises(Refused) as told:
            change()
        assert told.value.finding.reference == "hook-damaged"
    assert path.read_bytes() == cut


def test_git_lfs_says_that_a_hook_exists_and_forcing_it_takes_ours_out(place: Place) -> None:
    if place.git("lfs", "version").returncode:
        pytest.skip("git-lfs is not installed")
    repository = Repository.around(place.path)
    place.done("lfs", "install", "--local")
    assert (place.path / ".git/hooks/pre-push").read_bytes().startswith(b"#!/bin/sh")
    put_in(repository, HOOK_NAMES, None)
    said = place.git("lfs", "update")
    assert said.returncode == 2
    assert look(repository, "pre-push").state == "installed"
    place.done("lfs", "update", "--force")
    assert look(repository, "pre-push").state == "without"
    assert look(repository, "pre-commit").state == "installed"
    put_in(repository, HOOK_NAMES, None)
    take_out(repository, HOOK_NAMES)
    place.done("lfs", "update")
