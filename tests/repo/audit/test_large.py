"""Sizes of all objects, asked for in the meantime."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from hfpush.repo.audit.large import LargeObjects
from hfpush.repo.objects import ObjectReader
from hfpush.repo.process import GitFailed
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_large_means_larger_than_the_limit_whatever_its_digits(new_repo: NewRepo, object_format: str) -> None:
    place = new_repo("r", f"--object-format={object_format}")
    ids = {size: place.git("hash-object", "-w", "--stdin", stdin=b"x" * size) for size in (0, 9, 10, 99, 100, 1000)}
    place.write("f", b"x" * 50)
    place.commit("a commit of more than a hundred bytes is no blob" * 4)
    git = Repository.around(place.path).git
    for limit, sizes in ((9, (10, 99, 100, 1000)), (99, (100, 1000)), (999, (1000,)), (1000, ())):
        with ObjectReader(git) as reader, LargeObjects(git, limit) as large:
            found = large.blobs(reader)
        found.pop(place.git("rev-parse", "HEAD:f"), None)
        assert found == {ids[size]: size for size in sizes}


def test_a_tree_is_no_blob_however_large(new_repo: NewRepo) -> None:
    place = new_repo()
    for number in range(20):
        place.write(f"{number:050}", b"x")
    place.commit()
    git = Repository.around(place.path).git
    with ObjectReader(git) as reader, LargeObjects(git, 500) as large:
        assert large.blobs(reader) == {}


def test_nobody_needs_to_wait_for_the_answer_and_gits_failure_is_told_to_who_does(new_repo: NewRepo) -> None:
    place = new_repo()
    git = Repository.around(place.path).git
    with LargeObjects(git, 1):
        pass
    shutil.rmtree(place.path / ".git" / "objects")
    with ObjectReader(git) as reader, LargeObjects(git, 1) as large, pytest.raises(GitFailed):
        large.blobs(reader)
