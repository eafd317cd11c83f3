from __future__ import annotations

from collections.abc import Callable

import pytest

from hfpush.errors import Damaged, LocalTrouble
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.answers import AttributeAnswers
from hfpush.repo.rewrite.cover import Cover
from hfpush.repo.rewrite.pack import open_pack
from hfpush.repo.rewrite.targets import TargetSpace
from hfpush.repo.rewrite.trees import Trees
from hfpush.repo.writing import WritingGit

NewRepo = Callable[..., "Place"]  # noqa: F821


def made(place: Place, tree: str, paths: set[bytes], pointers: dict[str, bytes]) -> str:  # type: ignore[name-defined]  # noqa: F821
    repository = Repository.around(place.path)
    with (
        open_pack(repository.common_dir / "objects", "sha1") as pack,
        ObjectReader(repository.git) as reader,
        AttributeAnswers() as answers,
    ):
        ids = {bytes.fromhex(id): pack.add("blob", pointer) for id, pointer in pointers.items()}
        new = Trees(reader, pack, Cover(answers), ids).made([(tree, TargetSpace().made_of(frozenset(paths)))] * 2)
        pack.finish(WritingGit.of(repository))
    assert new[0] == new[1]
    return new[0]


def test_only_targets_become_pointers_and_only_regular_files(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("a/x", b"big")
    place.write("b/x", b"big")
    place.commit()
    blob = place.git("rev-parse", "HEAD:a/x")
    tree = place.git(
        "mktree",
        stdin=f"120000 blob {blob}\tlink\n040000 tree {place.git('rev-parse', 'HEAD:a')}\ta\n"
        f"040000 tree {place.git('rev-parse', 'HEAD:b')}\tb\n".encode(),
    )
    new = made(place, tree, {b"a/x", b"link", b"gone/x"}, {blob: b"pointer"})
    assert place.git("cat-file", "blob", f"{new}:a/x") == "pointer"
    assert place.git("cat-file", "blob", f"{new}:b/x") == "big"
    assert place.git("rev-parse", f"{new}:link") == blob
    place.git("fsck", "--strict")


def test_a_folder_in_the_place_of_the_attributes_is_told(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".gitattributes/x", b"1")
    place.commit()
    with pytest.raises(LocalTrouble, match="attributes-not-a-file"):
        made(place, place.git("rev-parse", "HEAD^{tree}"), {b"x"}, {})


def test_a_tree_that_is_not_here_is_damage(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    with pytest.raises(Damaged, match="repo-damaged"):
        made(place, "a" * 40, {b"x"}, {})
