from __future__ import annotations

from collections.abc import Callable

import pytest

from hfpush.errors import HfpushError
from hfpush.repo.audit.contents import heads, unreadable
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821


def test_beginnings_come_in_the_order_that_was_asked(new_repo: NewRepo) -> None:
    place = new_repo()
    texts = [b"", b"one\n\n", b"x" * 200_000, b"\0\n\xff", b"y" * 8000]
    ids = [place.git("hash-object", "-w", "--stdin", stdin=text) for text in texts]
    git = Repository.around(place.path).git
    expected = [(id, len(text), text[:8000]) for id, text in zip(ids, texts, strict=True)]
    assert list(heads(git, ids, 8000)) == expected
    assert list(heads(git, ids[::-1], 3)) == [(id, size, head[:3]) for id, size, head in expected[::-1]]
    assert list(heads(git, [], 8000)) == []


def test_an_object_that_is_not_here_is_an_error(new_repo: NewRepo) -> None:
    place = new_repo()
    id = place.git("hash-object", "-w", "--stdin", stdin=b"x")
    with pytest.raises(HfpushError):
        list(heads(Repository.around(place.path).git, [id, "ab" * 20, id], 8000))


def test_damage_is_told_with_what_git_said() -> None:
    error = unreadable("object abc is corrupt")
    assert error.finding.reference == "repo-damaged"
    assert error.finding.evidence == ("object abc is corrupt",)
