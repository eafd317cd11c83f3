from __future__ import annotations

from collections.abc import Callable

import pytest

from hfpush.repo.process import GitFailed
from hfpush.repo.repository import Repository
from hfpush.repo.writing import WritingGit

NewRepo = Callable[..., "Place"]  # noqa: F821


def test_a_ref_moves_and_no_hook_of_the_repository_runs(new_repo: NewRepo) -> None:
    place = new_repo()
    one, two = place.commit("one"), place.commit("two")
    hook = place.write(".git/hooks/reference-transaction", b"#!/bin/sh\ntouch ran\nexit 1\n")
    hook.chmod(0o755)
    git = WritingGit.of(Repository.open(place.path))
    git.read("update-ref", "--stdin", "-z", stdin=f"update refs/heads/main\0{one}\0{two}\0".encode())
    assert place.git("rev-parse", "main") == one
    assert not list(place.path.rglob("ran"))


def test_what_is_fed_arrives_and_the_answer_comes_back(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    content = b"x" * 300_000
    with WritingGit.of(Repository.open(place.path)).fed("hash-object", "-w", "--stdin") as feed:
        for start in range(0, len(content), 70_000):
            feed.write(memoryview(content)[start : start + 70_000])
    blob = feed.answer.decode().strip()
    assert place.git("cat-file", "-s", blob) == "300000"


def test_a_command_that_fails_early_raises_its_own_words(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    git = WritingGit.of(Repository.open(place.path))

    def feed_it() -> None:
        with git.fed("index-pack", "--stdin") as feed:
            for _ in range(100):
                feed.write(b"no pack " * 1000)

    with pytest.raises(GitFailed, match="index-pack"):
        feed_it()
