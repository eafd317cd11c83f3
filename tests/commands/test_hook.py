"""Hooks as a Python call: installed, looked at, taken out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.hooked import Place

from hfpush.commands.hook import hook_status, install_hooks, uninstall_hooks
from hfpush.errors import Misuse
from hfpush.repo.hooks.scripts import HOOK_NAMES

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    subprocess.run(["git", "init", "-q", "repo"], cwd=tmp_path, check=True, timeout=60)
    return Place(tmp_path / "repo")


def test_the_status_follows_what_is_done(place: Place) -> None:
    assert [hook.state for hook in hook_status(place.path).hooks] == ["absent", "absent"]
    install_hooks(place.path, HOOK_NAMES, None)
    assert [hook.state for hook in hook_status(place.path).hooks] == ["installed", "installed"]
    uninstall_hooks(place.path, ["pre-push"])
    assert [hook.state for hook in hook_status(place.path).hooks] == ["installed", "absent"]


def test_a_folder_that_all_repositories_share_is_told_once(place: Place) -> None:
    place.done("config", "--global", "core.hooksPath", "/srv/hooks")
    status = hook_status(place.path)
    assert status.hooks == ()
    assert [finding.reference for finding in status.trouble] == ["hooks-shared"]


def test_a_place_in_no_repository_is_misuse(tmp_path: Path) -> None:
    with pytest.raises(Misuse):
        install_hooks(tmp_path, HOOK_NAMES, None)
