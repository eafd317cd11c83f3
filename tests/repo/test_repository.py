from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.command_line import git, make_repo

from hfpush.errors import HfpushError, LocalTrouble
from hfpush.repo.repository import Repository, existing_folder, kind_of

NewRepo = Callable[..., "Place"]  # noqa: F821  (a class of conftest.py, which is not importable by name)


def reference(call: Callable[[], object]) -> str:
    with pytest.raises(HfpushError) as caught:
        call()
    return caught.value.finding.reference


def test_an_opened_repository_knows_its_places(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("a", b"1")
    head = place.commit()
    repository = Repository.open(place.path)
    assert repository.root == place.path
    assert repository.git_dir == repository.common_dir == place.path / ".git"
    assert (repository.head, repository.branch, repository.object_format) == (head, "main", "sha1")
    assert not repository.managed
    assert kind_of(place.path) == "repo"


def test_a_sha256_repository_opens(new_repo: NewRepo) -> None:
    place = new_repo("big-ids", "--object-format=sha256")
    head = place.commit()
    repository = Repository.open(place.path)
    assert (repository.object_format, repository.head, len(repository.zero)) == ("sha256", head, 64)


def test_a_detached_head_is_fine(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    place.git("checkout", "-q", "--detach")
    assert Repository.open(place.path).branch is None


def test_a_linked_work_tree_opens_with_the_common_directory(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.commit()
    place.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    repository = Repository.open(tmp_path / "linked")
    assert repository.root == tmp_path / "linked"
    assert repository.common_dir == place.path / ".git"
    assert repository.branch == "side"


def test_a_bare_repository_opens_for_reading(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    head = place.commit()
    place.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    repository = Repository.open(tmp_path / "bare.git")
    assert (repository.root, repository.head) == (None, head)
    assert kind_of(tmp_path / "bare.git") == "repo"


def test_an_odd_path_and_a_link_to_it_open(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo("new\nline é")
    place.commit()
    (tmp_path / "link").symlink_to(place.path)
    assert Repository.open(tmp_path / "link").git_dir == place.path / ".git"


def test_a_missing_path_a_file_and_a_plain_folder_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    assert reference(lambda: Repository.open(tmp_path / "none")) == "path-missing"
    assert reference(lambda: Repository.open(tmp_path / "file")) == "path-is-file"
    assert reference(lambda: Repository.open(tmp_path / "folder")) == "not-a-repo"
    assert kind_of(tmp_path / "folder") == "folder"


def test_a_circle_of_links_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert reference(lambda: existing_folder(tmp_path / "loop")) == "path-unreadable"


def test_a_folder_inside_a_repository_is_refused_with_both_ways_out(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("weights/a", b"1")
    place.commit()
    with pytest.raises(HfpushError) as caught:
        kind_of(place.path / "weights")
    assert caught.value.finding.reference == "path-inside-repo"
    assert len(caught.value.finding.remedy) == 2
    assert str(place.path) in caught.value.finding.remedy[0]
    assert reference(lambda: Repository.open(place.path / "weights")) == "path-inside-repo"


def test_a_folder_that_the_outer_repository_ignores_stands_alone(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".gitignore", b"runs/\n")
    place.write("runs/one/a", b"1")
    assert kind_of(place.path / "runs/one") == "folder"


def test_no_commit_is_told(new_repo: NewRepo) -> None:
    assert reference(lambda: Repository.open(new_repo().path)) == "repo-empty"


@pytest.mark.parametrize("git", ["gitdir: /nowhere/at/all\n", None])
def test_a_broken_repository_is_told(tmp_path: Path, git: str | None) -> None:
    if git is None:
        (tmp_path / ".git").mkdir()
    else:
        (tmp_path / ".git").write_text(git)
    assert reference(lambda: Repository.open(tmp_path)) == "repo-damaged"


def test_a_repository_that_hfpush_made_is_a_folder(new_repo: NewRepo) -> None:
    place = new_repo()
    place.git("config", "hfpush.managed", "true")
    place.commit()
    assert kind_of(place.path) == "folder"
    assert Repository.open(place.path).managed


def test_a_users_own_configuration_makes_no_repository_ours(new_repo: NewRepo) -> None:
    place = new_repo()
    place.git("config", "--global", "hfpush.managed", "true")
    assert kind_of(place.path) == "repo"


def test_ancestry_and_names_of_commits(new_repo: NewRepo) -> None:
    place = new_repo()
    first, second = place.commit("1"), place.commit("2")
    repository = Repository.open(place.path)
    assert repository.is_ancestor(first, second)
    assert not repository.is_ancestor(second, first)
    assert not repository.is_ancestor("1" * 40, second)
    assert repository.commit_of("main") == second
    assert repository.commit_of("--all") is None
    assert repository.commit_of("nowhere") is None
    assert repository.setting("core.bare") == "false"
    assert repository.setting("lfs.storage") is None


def test_a_repository_whose_newest_commit_is_damaged_is_not_one_without_commits(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "a repo", {}, {"a.txt": b"a"})
    tip = git(repo, "rev-parse", "HEAD")
    file = repo / ".git/objects" / tip[:2] / tip[2:]
    file.chmod(0o644)
    file.write_bytes(b"")
    with pytest.raises(LocalTrouble) as caught:
        Repository.around(repo)
    assert caught.value.finding.reference == "repo-damaged"
    assert f"git -C '{repo}' fsck --full" in caught.value.finding.remedy[0]
