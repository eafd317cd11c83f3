from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator

import pytest

from hfpush.repo.pack import absent, packed, store_objects
from hfpush.repo.process import Git, GitFailed

NewRepo = Callable[..., "Place"]  # noqa: F821
SIZES = (0, 1, 15, 16, 512, 513, 2**11 - 1, 2**11, 2**18, 2**18 + 1)


@pytest.mark.parametrize("count", [10, 250])
def test_objects_come_out_as_they_went_in(new_repo: NewRepo, count: int) -> None:
    place = new_repo()
    git = Git(place.path, place.path / ".git", place.path)
    contents = [b"%06d" % number + os.urandom(SIZES[number % len(SIZES)]) for number in range(count)]
    store_objects(git, count, (("blob", content) for content in contents))
    ids = [place.git("hash-object", "--stdin", stdin=content) for content in contents[:20]]
    assert absent(git, [*ids, "12" * 20]) == ["12" * 20]
    for id, content in zip(ids, contents, strict=False):
        assert git.read("cat-file", "blob", id) == content
    place.git("fsck", "--strict")
    packs = list((place.path / ".git/objects/pack").glob("*.pack"))
    assert len(packs) == (count >= 100)  # a few become loose objects


@pytest.mark.parametrize("size", SIZES)
def test_an_object_stands_in_a_pack_as_the_format_says(size: int) -> None:
    content = b"x" * size
    entry = packed("tree", content)
    kind, length, shift, at = entry[0] >> 4 & 7, entry[0] & 15, 4, 0
    while entry[at] & 0x80:
        at += 1
        length |= (entry[at] & 0x7F) << shift
        shift += 7
    assert (kind, length, zlib.decompress(entry[at + 1 :])) == (2, size, content)


def test_an_interrupted_pack_leaves_nothing_behind(new_repo: NewRepo) -> None:
    place = new_repo()
    git = Git(place.path, place.path / ".git", place.path)

    def ends() -> Iterator[tuple[str, bytes]]:
        yield "blob", os.urandom(200_000)
        raise KeyError("a file that changed")

    with pytest.raises(KeyError):
        store_objects(git, 200, ends())
    with pytest.raises(GitFailed):
        store_objects(git, 200, iter([("blob", b"one")]))  # fewer than were announced
    assert place.git("count-objects", "-v").splitlines()[0] == "count: 0"
    assert not list((place.path / ".git/objects/pack").glob("pack-*"))


def test_nothing_to_store_is_no_pack(new_repo: NewRepo) -> None:
    place = new_repo()
    store_objects(Git(place.path, place.path / ".git", place.path), 0, iter(()))
    assert absent(Git(place.path, place.path / ".git", place.path), []) == []
    assert place.git("count-objects") == "0 objects, 0 kilobytes"
