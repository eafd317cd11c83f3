from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hfpush.repo.audit.rows import Row
from hfpush.repo.audit.scoping import everything
from hfpush.repo.audit.walk import Walk
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821


def test_a_walk_can_be_taken_again_and_from_the_other_end(new_repo: NewRepo) -> None:
    place = new_repo()
    ids = []
    for number in range(3):
        place.write("f", b"%d" % number)
        ids.append(place.commit())
    blobs = [place.git("rev-parse", f"{id}:f") for id in ids]
    with walk_of(place.path) as walk:
        assert walk.commits == 3
        assert walk.graph().ids == ids
        for _ in range(2):
            assert [row for row in walk.rows() if isinstance(row, str)] == ids
        done: list[int] = []
        for least in (1, 2, 100):
            about = list(walk.rows_about([blobs[1]], done.append, least=least))
            assert [(row.commit, row.blob) for row in about] == [(ids[2], blobs[2]), (ids[1], blobs[1])]
        assert done == [2, 3, 2, 3, 3]
        many = [f"{number:040x}" for number in range(5000)]  # more than a command line should name
        assert len(list(walk.rows_about([*many, blobs[1]]))) >= len(about)


def test_tags_of_trees_and_blobs_come_after_the_commits(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("d/f", b"1")
    place.commit()
    tree, blob = place.git("rev-parse", "HEAD^{tree}"), place.git("rev-parse", "HEAD:d/f")
    place.git("tag", "tree", tree)
    place.git("tag", "-a", "-m", "x", "tree-again", tree)
    place.git("tag", "blob", blob)
    with walk_of(place.path) as walk:
        odd = [Row("", "", "100644", blob, ()), Row("", "d/f", "100644", blob, (), tree)]
        assert sorted(walk.odd()) == odd
        assert sorted(row for row in list(walk.rows())[-2:] if isinstance(row, Row)) == odd


def test_a_scope_without_tips_is_no_walk(new_repo: NewRepo) -> None:
    with walk_of(new_repo().path) as walk:
        assert (walk.commits, list(walk.rows()), list(walk.rows_about(["ab" * 20]))) == (0, [], [])


def walk_of(path: Path) -> Walk:
    repository = Repository.around(path)
    with ObjectReader(repository.git) as reader:
        return Walk(repository.git, everything(repository), reader)
