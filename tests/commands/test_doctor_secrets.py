from __future__ import annotations

import time
from pathlib import Path

import pytest
from support.ailing import Room
from support.ailments.repositories import commit, git, new_repo, write

from hfpush.commands.doctor_secrets import tokens_in
from hfpush.repo.audit.scoping import to_push
from hfpush.repo.repository import Repository

TOKEN = "hf_" + "qWeRtYuIoPaSdFgHjKlZxCvBnMqWeRtYuI"


def found(repo: Path, seconds: float = 30.0) -> tuple[str, ...]:
    repository = Repository.around(repo)
    return tokens_in(repository, to_push(repository, ["origin"]), time.monotonic() + seconds)


def test_where_a_token_stands_is_told_and_not_the_token(tmp_path: Path) -> None:
    repo = new_repo(Room(tmp_path), {"a folder/upload.py": f"login('{TOKEN}')\n"})
    at = git(repo, "rev-parse", "HEAD")[:10]
    assert found(repo) == (f"a folder/upload.py, in the commit {at}",)


def test_one_that_was_taken_out_again_is_still_in_the_history(tmp_path: Path) -> None:
    repo = new_repo(Room(tmp_path), {"upload.py": f"login('{TOKEN}')\n"})
    first = git(repo, "rev-parse", "HEAD")[:10]
    write(repo, {"upload.py": "login()\n"})
    commit(repo)
    assert found(repo) == (f"upload.py, in the commit {first}",)


def test_what_the_hub_has_already_is_not_told(tmp_path: Path) -> None:
    repo = new_repo(Room(tmp_path), {"upload.py": f"login('{TOKEN}')\n"})
    git(repo, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert found(repo) == ()


@pytest.mark.parametrize("text", ["hf_" + "x" * 34, TOKEN[:-1], TOKEN + "a", "my" + TOKEN, "hf_token = None", "hf_***"])
def test_texts_that_only_stand_for_a_token_are_none(tmp_path: Path, text: str) -> None:
    assert found(new_repo(Room(tmp_path), {"upload.py": f"login('{text}')\n"})) == ()


def test_without_time_nothing_is_told(tmp_path: Path) -> None:
    assert len(found(new_repo(Room(tmp_path), {"upload.py": f"login('{TOKEN}')\n"}), 0.0)) <= 1
