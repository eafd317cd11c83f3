from __future__ import annotations

from collections.abc import Callable

from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.coverage import Coverage
from hfpush.repo.rewrite.differences import differences

NewRepo = Callable[..., "Place"]  # noqa: F821
LFS = b"*.bin filter=lfs\n"


def test_attribute_files_are_followed_from_commit_to_commit(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".gitattributes", LFS)
    start = place.commit()
    place.write("d/.gitattributes", b"*.bin -filter\n")
    nested = place.commit()
    place.git("rm", "-q", "d/.gitattributes")
    place.write("x", b"1")
    removed = place.commit()
    place.git("rm", "-q", ".gitattributes")
    none = place.commit()
    repository = Repository.around(place.path)
    commits = [nested, removed, none]
    parents = dict(zip(commits, [start, nested, removed], strict=True))
    with Coverage(repository) as coverage:
        for commit, found in differences(repository.git, parents.items()):
            coverage.follow(commit, parents[commit], found)
        asked = [b"a.bin", b"d/a.bin"]
        assert [coverage.bare(commit, asked) for commit in commits] == [[b"d/a.bin"], [], asked]
        assert coverage.bare(removed, asked) == []
