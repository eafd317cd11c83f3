"""Notes that follow their commits, on no ref but the real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hfpush.repo.mend.notes import NOTES, copied_notes
from hfpush.repo.repository import Repository


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_the_new_commit_gets_the_note_of_the_old_one(
    new_repo: Callable[..., Any], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = new_repo("repo", f"--object-format={kind}")
    old, new, other = repo.commit("old"), repo.commit("new"), repo.commit("other")
    repo.git("notes", "add", "-m", "said", old)
    repo.git("notes", "add", "-m", "more", other)
    before = repo.git("rev-parse", NOTES)
    for name in ("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"):
        monkeypatch.delenv(name)
    repo.git("config", "user.useConfigOnly", "true")
    move = copied_notes(Repository.open(repo.path), {old: new})
    assert move is not None
    assert (move.ref, move.old) == (NOTES, before)
    assert repo.git("rev-parse", NOTES) == before
    repo.git("update-ref", NOTES, move.new)
    assert [repo.git("notes", "show", commit) for commit in (old, new, other)] == ["said", "said", "more"]


def test_without_notes_there_is_nothing_to_move(new_repo: Callable[..., Any]) -> None:
    repo = new_repo()
    old, new = repo.commit("old"), repo.commit("new")
    assert copied_notes(Repository.open(repo.path), {old: new}) is None
    repo.git("notes", "add", "-m", "said", new)
    assert copied_notes(Repository.open(repo.path), {old: new}) is None
