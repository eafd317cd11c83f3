from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.diagnose.advertisement import branches

ONE, OTHER = "1" * 40, "2" * 40


def line(text: str) -> bytes:
    return f"{len(text) + 4:04x}{text}".encode()


def answer(*refs: str) -> bytes:
    return line("# service=git-upload-pack\n") + b"0000" + b"".join(line(ref) for ref in refs) + b"0000"


def test_branches_are_told_by_their_commits_each_once_and_tags_are_not() -> None:
    body = answer(
        f"{ONE} HEAD\0multi_ack side-band-64k\n",
        f"{ONE} refs/heads/main\n",
        f"{ONE} refs/heads/copy\n",
        f"{OTHER} refs/heads/dev\n",
        f"{'3' * 40} refs/tags/v1\n",
    )
    assert branches(body) == (ONE, OTHER)


@pytest.mark.parametrize("refs", [(), (f"{'0' * 40} capabilities^{{}}\0agent=git\n",)])
def test_a_repository_without_branches_is_empty_and_not_unknown(refs: tuple[str, ...]) -> None:
    assert branches(answer(*refs)) == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        answer(f"{ONE} refs/heads/main\n")[:-6],
        answer(f"{ONE} refs/heads/main\n")[:-4],
        line("hello") + b"00000000",
    ],
)
def test_what_is_no_answer_of_git_or_not_all_of_one_tells_nothing(body: bytes) -> None:
    assert branches(body) is None


@given(st.binary(max_size=200))
def test_nothing_that_a_server_says_is_too_odd(body: bytes) -> None:
    found = branches(body)
    assert found is None or all(len(one) in (40, 64) for one in found)
