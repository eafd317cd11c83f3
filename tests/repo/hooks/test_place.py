"""The folder that git takes hooks from."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.hooked import Place

from hfpush.errors import Refused
from hfpush.repo.hooks.place import hooks_folder
from hfpush.repo.repository import Repository

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    subprocess.run(["git", "init", "-q", "repo"], cwd=tmp_path, check=True, timeout=60)
    return Place(tmp_path.resolve() / "repo")


def test_it_is_the_repositorys_own(place: Place) -> None:
    assert hooks_folder(Repository.around(place.path)).path == place.path / ".git/hooks"


def test_linked_work_trees_share_it_and_a_submodule_has_its_own(place: Place, tmp_path: Path) -> None:
    place.done("commit", "-q", "--allow-empty", "-m", "x")
    place.done("worktree", "add", "-q", "../other")
    assert hooks_folder(Repository.around(tmp_path / "other")).path == place.path / ".git/hooks"
    place.done("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(place.path), "sub")
    assert hooks_folder(Repository.around(place.path / "sub")).path == place.path / ".git/modules/sub/hooks"


@pytest.mark.parametrize("value", ["githooks", "/srv/hooks"])
def test_a_setting_of_the_repository_names_it(place: Place, value: str) -> None:
    place.done("config", "core.hooksPath", value)
    folder = hooks_folder(Repository.around(place.path))
    assert (folder.path, folder.chosen) == (place.path / value, True)


def test_one_that_all_repositories_share_is_refused(place: Place) -> None:
    place.done("config", "--global", "core.hooksPath", "~/hooks")
    with pytest.raises(Refused) as told:
        hooks_folder(Repository.around(place.path))
    assert told.value.finding.reference == "hooks-shared"
    place.done("config", "core.hooksPath", ".git/hooks")
    assert hooks_folder(Repository.around(place.path)).path == place.path / ".git/hooks"
