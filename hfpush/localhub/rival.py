"""Somebody else's commit, for the fault of that name: a branch that moves just before one's own change arrives."""

from __future__ import annotations

from hfpush.localhub.gitcommit import Change, commit
from hfpush.localhub.gittree import resolve_revision
from hfpush.localhub.repos import Repo


def somebody_else_commits(repo: Repo, ref: str = "refs/heads/main", *, when: float) -> str:
    """Adds a small file to the branch and returns the new commit. Blocking: runs git."""
    head = resolve_revision(repo.path, ref)
    change = Change(f"somebody-else-{(head or 'first')[:8]}.txt", b"Somebody else was here first.\n")
    return commit(
        repo.path, [change], message="Somebody else's commit", author="somebody-else", when=when, parent=head, ref=ref
    )
