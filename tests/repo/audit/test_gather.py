from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hfpush.repo.audit.content_facts import ContentFacts
from hfpush.repo.audit.found import FoundBlob
from hfpush.repo.audit.gather import Gathering
from hfpush.repo.audit.rows import Row
from hfpush.repo.audit.scoping import everything
from hfpush.repo.audit.trees import TreeReader
from hfpush.repo.audit.walk import Walk
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821


def gathered(path: Path, *wanted: str, backwards: bool = False) -> dict[str, FoundBlob]:
    repository = Repository.around(path)
    with ObjectReader(repository.git) as reader, Walk(repository.git, everything(repository), reader) as walk:
        found = Gathering()
        for id in wanted:
            found.want(id, ContentFacts(1))
        rows = [row for row in walk.rows() if isinstance(row, Row)]
        for row in rows[::-1] if backwards else rows:
            if row.brings and row.blob in found:
                found.add(row, lfs=row.path.endswith(".bin"))
            found.take_away(row)
        return {blob.id: blob for blob in found.blobs(walk, TreeReader(reader))}


def test_sightings_are_oldest_first_with_their_ends_and_refs(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("a.bin", b"1")
    first = place.commit()
    blob = place.git("rev-parse", "HEAD:a.bin")
    place.git("tag", "v1")
    place.git("mv", "a.bin", "b")
    second = place.commit()
    place.git("rm", "-q", "b")
    third = place.commit()
    for backwards in (False, True):
        (found,) = gathered(place.path, blob, "ab" * 20, backwards=backwards).values()
        told = [(one.path, one.commit, one.mode, one.lfs, one.removed) for one in found.sightings]
        assert told == [("a.bin", first, "100644", True, second), ("b", second, "100644", False, third)]
        assert sorted(found.refs) == ["refs/heads/main", "refs/tags/v1"]


def test_blobs_that_the_same_refs_reach_share_their_names(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("a", b"1")
    place.write("b", b"2")
    place.commit()
    one, two = gathered(place.path, *(place.git("rev-parse", f"HEAD:{name}") for name in "ab")).values()
    assert one.refs is two.refs or one.refs == two.refs == ("refs/heads/main",)


def test_a_blob_that_nothing_reaches_is_not_told(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    assert gathered(place.path, place.git("hash-object", "-w", "--stdin", stdin=b"x")) == {}
