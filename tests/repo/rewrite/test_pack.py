from __future__ import annotations

from collections.abc import Callable

import pytest

from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.pack import open_pack
from hfpush.repo.writing import WritingGit

NewRepo = Callable[..., "Place"]  # noqa: F821


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_all_objects_come_in_at_once_and_not_before(new_repo: NewRepo, object_format: str) -> None:
    place = new_repo("r", f"--object-format={object_format}")
    place.commit()
    repository = Repository.around(place.path)
    contents = [b"", b"x", b"y" * 15, b"z" * 16, b"w" * 5_000_000]
    with open_pack(repository.common_dir / "objects", object_format) as pack:
        ids = [pack.add("blob", content).hex() for content in contents]
        assert pack.add("blob", b"x").hex() == ids[1]
        commit = pack.add("commit", place.git("cat-file", "commit", "HEAD").encode() + b"\n\nnew").hex()
        checked = place.git("cat-file", "--batch-check", stdin="\n".join(ids).encode()).splitlines()
        assert all(row.endswith("missing") for row in checked)
        pack.finish(WritingGit.of(repository))
    checked = place.git("cat-file", "--batch-check", stdin="\n".join(ids).encode()).splitlines()
    assert checked == [f"{id} blob {len(content)}" for id, content in zip(ids, contents, strict=True)]
    assert place.git("cat-file", "-t", commit) == "commit"
    place.git("fsck", "--strict")


def test_what_is_not_finished_leaves_nothing(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    before = sorted(path for path in place.path.rglob("*"))
    with open_pack(place.path / ".git/objects", "sha1") as pack:
        pack.add("blob", b"x")
    assert sorted(path for path in place.path.rglob("*")) == before


def test_an_empty_pack_is_none(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    with open_pack(place.path / ".git/objects", "sha1") as pack:
        pack.finish(WritingGit.of(Repository.around(place.path)))
    assert not list((place.path / ".git/objects/pack").iterdir())
