"""What a fix finds and plans."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.mendable import BINARY, Repo, Watch, empty, offending

from hfpush.commands.fix_plan import find, plan_of
from hfpush.commands.fix_report import FixRequest
from hfpush.errors import Misuse, Refused
from hfpush.repo.repository import Repository


def paths(repo: Repo, **how: object) -> list[str]:
    request = FixRequest(repo.path, **how)  # type: ignore[arg-type]
    return [one.path for one in find(Repository.around(repo.path), request, Watch()).offences]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return offending(tmp_path / "repo")


def remote(repo: Repo, name: str, ref: str) -> None:
    repo.git("config", f"remote.{name}.url", "https://example.com/x.git")
    repo.git("update-ref", f"refs/remotes/{name}/main", ref)


def test_only_what_no_remote_has_is_looked_at(repo: Repo) -> None:
    assert sorted(paths(repo)) == ["weights/w.bin", "x.dat"]
    remote(repo, "origin", "side")
    assert paths(repo) == ["x.dat"]
    assert sorted(paths(repo, rewrite_published=True)) == ["weights/w.bin", "x.dat"]
    remote(repo, "other", "main~3")
    assert sorted(paths(repo, remote="other")) == ["weights/w.bin", "x.dat"]


def test_a_clean_rest_does_not_hide_what_is_published(repo: Repo) -> None:
    remote(repo, "origin", "main")
    with pytest.raises(Refused) as error:
        paths(repo)
    assert error.value.finding.reference == "fix-published"
    assert sorted(error.value.finding.evidence) == ["weights/w.bin", "x.dat"]
    assert paths(repo, remote="origin") == [], "that remote took it"


def test_a_remote_that_is_not_there_is_misuse(repo: Repo) -> None:
    with pytest.raises(Misuse) as error:
        paths(repo, remote="origin")
    assert error.value.finding.reference == "remote-unknown"


@pytest.mark.parametrize(("above", "found"), [(None, []), (3_000, ["a.json"]), (5_000, []), (2**40, [])])
def test_text_counts_from_the_size_that_is_given(tmp_path: Path, above: int | None, found: list[str]) -> None:
    repo = empty(tmp_path / "repo")
    repo.write("a.json", b"1234\n" * 900)
    repo.write(".gitignore", b"# nothing\n" * 900)
    repo.commit()
    assert paths(repo, above=above) == found


def test_the_plan_counts_what_changes_and_what_stands_in_the_way(repo: Repo) -> None:
    repo.write("x.dat", b"edited")
    repository, request = Repository.around(repo.path), FixRequest(repo.path)
    plan = plan_of(repository, request, find(repository, request, Watch()))
    assert plan is not None
    assert [one.reference for one in plan.blockers] == ["fix-edited"]
    assert (plan.rewrite.commits, len(plan.rewrite.blobs), plan.left) == (3, 2, ())
    assert plan.free > 0


def test_a_readme_that_goes_to_lfs_is_warned_of(tmp_path: Path) -> None:
    repo = empty(tmp_path / "repo")
    repo.write("README.md", BINARY)
    repo.commit()
    repository, request = Repository.around(repo.path), FixRequest(repo.path)
    plan = plan_of(repository, request, find(repository, request, Watch()))
    assert plan is not None
    assert [note.reference for note in plan.notes] == ["card-in-lfs"]


def test_where_nothing_is_to_be_mended_there_is_no_plan(tmp_path: Path) -> None:
    repo = empty(tmp_path / "repo")
    repository, request = Repository.around(repo.path), FixRequest(repo.path)
    assert plan_of(repository, request, find(repository, request, Watch())) is None
