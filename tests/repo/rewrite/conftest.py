"""Rewrites of small repositories: files count as large above LARGE bytes, so that a test is quick."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.object_reader import Repo, read
from support.truth import truth

from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.plan import plan_rewrite
from hfpush.repo.rewrite.rewrite import rewrite
from hfpush.repo.rewrite.values import Offence, RewritePlan, Rewritten
from hfpush.repo.rewrite.verify import verify
from hfpush.repo.scope import Scope

LARGE = 1000


@dataclass(frozen=True)
class Mended:
    """A repository with the outcome of a rewrite in it; `objects` are all that it holds, read without git."""

    root: Path
    repository: Repository
    plan: RewritePlan
    done: Rewritten
    objects: Repo

    def new(self, commit: str) -> str:
        """What a commit has become."""
        return self.done.commits.get(commit, commit)

    def file(self, commit: str, path: str) -> bytes:
        """What the new commit has at a path."""
        return self.objects.body(self.objects.files(self.new(commit))[path][1], "blob")

    def raw(self, id: str, kind: str = "commit") -> bytes:
        """The bytes of an object."""
        return self.objects.body(id, kind)


def scope_of(root: Path, known: Collection[str] = ()) -> Scope:
    """All branches and tags, but what is known."""
    git = Repository.around(root).git
    rows = git.line("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags").splitlines()
    return Scope({name: id for id, name in (row.split(" ", 1) for row in rows)}, frozenset(known))


def offences_in(root: Path, scope: Scope) -> list[Offence]:
    """Every file over LARGE that the scope brings in."""
    repo = read(Repository.around(root).git_dir)
    found = truth(repo, scope.tips, scope.known).introductions
    sized = [Offence(one.commit, one.path, one.blob, len(repo.body(one.blob, "blob"))) for one in found]
    return [one for one in sized if one.size > LARGE]


@pytest.fixture
def mend() -> Callable[..., Mended]:
    """A function that rewrites all of a repository but what is `known`, and has the outcome verified."""

    def run(root: Path, known: Collection[str] = ()) -> Mended:
        repository, scope = Repository.around(root), scope_of(root, known)
        plan = plan_rewrite(repository, scope, offences_in(root, scope))
        done = rewrite(repository, plan, store=repository.common_dir / "lfs/objects")
        verify(repository, done)
        return Mended(root, repository, plan, done, read(repository.git_dir))

    return run
