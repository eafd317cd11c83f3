from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hfpush.errors import Misuse
from hfpush.repo.audit.scoping import everything, of_range, to_push
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821


def test_everything_is_what_a_push_could_send(new_repo: NewRepo) -> None:
    place = new_repo()
    commit = place.commit()
    place.git("tag", "-a", "-m", "x", "v1")
    for name in ("refs/hfpush/backup/x", "refs/original/x", "refs/remotes/origin/main", "refs/replace/" + "ab" * 20):
        place.git("update-ref", name, commit)
    for name in ("refs/stash", "refs/notes/commits", "refs/bisect/bad", "refs/prefetch/remotes/x", "refs/custom/x"):
        place.git("update-ref", name, commit)
    scope = everything(Repository.around(place.path))
    tag = place.git("rev-parse", "refs/tags/v1")
    assert scope.tips == {"refs/heads/main": commit, "refs/tags/v1": tag, "refs/custom/x": commit}
    assert (scope.known, scope.shallow, scope.broken) == (frozenset(), False, ())


def test_a_detached_head_is_a_tip_and_a_branch_is_told_once(new_repo: NewRepo) -> None:
    place = new_repo()
    first = place.commit()
    place.git("checkout", "-q", "--detach")
    second = place.commit()
    repository = Repository.around(place.path)
    assert everything(repository).tips == {"HEAD": second, "refs/heads/main": first}
    assert to_push(repository, None).tips == {"HEAD": second, "refs/heads/main": first}


@pytest.mark.parametrize("remotes", [None, (), ("origin",)])
def test_a_repository_without_a_commit_has_an_empty_scope(new_repo: NewRepo, remotes: tuple[str, ...] | None) -> None:
    for place in (new_repo("plain"), new_repo("bare", "--bare")):
        repository = Repository.around(place.path)
        assert (everything(repository).tips, to_push(repository, remotes).tips) == ({}, {})


def test_what_a_remote_has_is_known_and_others_do_not_count(new_repo: NewRepo) -> None:
    place = new_repo()
    ours, theirs, mine = place.commit("1"), place.commit("2"), place.commit("3")
    place.git("update-ref", "refs/remotes/hub/main", ours)
    place.git("update-ref", "refs/remotes/other/main", theirs)
    place.git("update-ref", "refs/custom/x", mine)
    repository = Repository.around(place.path)
    assert to_push(repository, ["hub"]).known == {ours}
    assert to_push(repository, None).known == {ours, theirs}
    assert to_push(repository, []).known == set()
    assert to_push(repository, ["hu"]).known == set()
    assert to_push(repository, None).tips == {"refs/heads/main": mine}


def test_refs_that_are_no_commits_stay_and_broken_ones_are_named(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("f", b"1")
    commit = place.commit()
    for name, target in (("tree", "HEAD^{tree}"), ("blob", "HEAD:f")):
        place.git("tag", name, target)
        place.git("tag", "-a", "-m", "x", f"{name}-annotated", target)
    place.write(".git/refs/heads/gone", b"ab" * 20 + b"\n")
    place.write(".git/refs/heads/garbled", b"nothing\n")
    scope = everything(Repository.around(place.path))
    assert set(scope.tips) == {
        "refs/heads/main",
        *(f"refs/tags/{name}" for name in ("blob", "blob-annotated", "tree", "tree-annotated")),
    }
    assert scope.tips["refs/heads/main"] == commit
    assert scope.broken == ("refs/heads/gone",)


@pytest.mark.parametrize(
    ("words", "tips", "known"),
    [
        ("main", {"refs/heads/main": "3"}, set()),
        ("main~1..main", {"refs/heads/main": "3"}, {"2"}),
        ("main~1..", {"HEAD": "3"}, {"2"}),
        ("v1", {"refs/tags/v1": "tag"}, set()),
        ("side main ^main~2", {"refs/heads/side": "side", "refs/heads/main": "3"}, {"1"}),
        ("main~2", {"main~2": "1"}, set()),
        ("main...side", {"refs/heads/main": "3", "refs/heads/side": "side"}, {"1"}),
        ("main ^v1", {"refs/heads/main": "3"}, {"2"}),
        (["main", "^main~1"], {"refs/heads/main": "3"}, {"2"}),
    ],
)
def test_a_range_is_what_git_takes_it_for(
    new_repo: NewRepo, words: str | list[str], tips: dict[str, str], known: set[str]
) -> None:
    place = new_repo()
    ids = {"1": place.commit("1")}
    place.git("branch", "side")
    ids["2"] = place.commit("2")
    place.git("tag", "-a", "-m", "x", "v1")
    ids["tag"] = place.git("rev-parse", "refs/tags/v1")
    ids["3"] = place.commit("3")
    ids["side"] = place.git("commit-tree", "-p", ids["1"], "-m", "side", "HEAD^{tree}")
    place.git("update-ref", "refs/heads/side", ids["side"])
    scope = of_range(Repository.around(place.path), words)
    expected = {("refs/heads/main" if name == "HEAD" else name): ids[id] for name, id in tips.items()}
    assert (scope.tips, scope.known) == (expected, {ids[id] for id in known})


@pytest.mark.parametrize(
    "words",
    [
        *("", "  ", "nowhere", "main..nowhere", "ab" * 20, "--all", "--output=x", "-n1", "^--all", "--", "main -- f"),
        *(
            "^" + "ab" * 20,
            "main ^" + "ab" * 20,
            "--not",
            "main\0x",
            "main~99",
            "..nowhere",
            "--glob=*",
            "\udcff",
            "$(touch x)",
            "--stdin",
            "main --all",
        ),
    ],
)
def test_a_text_that_names_nothing_is_misuse_and_no_option(new_repo: NewRepo, words: str) -> None:
    place = new_repo()
    place.commit()
    before = sorted(place.path.rglob("*"))
    with pytest.raises(Misuse) as caught:
        of_range(Repository.around(place.path), words)
    assert caught.value.finding.reference == "range-unknown"
    assert sorted(place.path.rglob("*")) == before


def test_a_range_in_a_repository_without_commits_is_misuse(new_repo: NewRepo) -> None:
    with pytest.raises(Misuse):
        of_range(Repository.around(new_repo().path), "HEAD")


def test_a_shallow_clone_is_told(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.commit()
    place.commit()
    place.git("clone", "-q", "--depth=1", place.path.as_uri(), str(tmp_path / "shallow"))
    repository = Repository.around(tmp_path / "shallow")
    assert (everything(repository).shallow, of_range(repository, "HEAD").shallow) == (True, True)


def test_thousands_of_refs_are_listed_in_no_time(new_repo: NewRepo) -> None:
    place = new_repo()
    commit = place.commit()
    names = "".join(f"{commit} refs/heads/many/{number:05}\n" for number in range(13_000))
    place.write(".git/packed-refs", f"# pack-refs with: peeled fully-peeled sorted \n{names}".encode())
    repository, before = Repository.around(place.path), sum(os.times()[:4])
    assert len(everything(repository).tips) == 13_001
    assert sum(os.times()[:4]) - before < 0.5  # seconds of CPU, git's own included
