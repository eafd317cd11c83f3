from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from hfpush.repo.process import Git
from hfpush.repo.tree_files import TreeFile, files_of, nul_separated

NewRepo = Callable[..., "Place"]  # noqa: F821


def test_the_files_of_a_commit_are_those_of_its_tree(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("d/a\nb", b"1")
    place.write(b"\xff", b"2")
    (place.path / "link").symlink_to("d")
    head = place.commit()
    one, two = (place.git("hash-object", "--stdin", stdin=content) for content in (b"1", b"2"))
    assert set(files_of(Git(place.path), head)) == {TreeFile(one, "d/a\nb"), TreeFile(two, "\udcff")}


@pytest.mark.parametrize("size", [1, 65535, 65536, 65537])
def test_tokens_are_whole_wherever_a_block_ends(size: int) -> None:
    tokens = [b"a" * size, b"", b"b"]
    assert list(nul_separated(io.BytesIO(b"\0".join([*tokens, b""])))) == tokens


def test_a_last_token_without_its_nul_counts() -> None:
    assert list(nul_separated(io.BytesIO(b"a\0b"))) == [b"a", b"b"]
