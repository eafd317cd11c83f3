from __future__ import annotations

from collections.abc import Callable

import pytest

from hfpush.errors import LocalTrouble
from hfpush.repo.process import Git
from hfpush.repo.rewrite.affected import affected
from hfpush.repo.rewrite.reach import blobs_to_take
from hfpush.repo.rewrite.values import Offence
from hfpush.repo.scope import Scope

NewRepo = Callable[..., "Place"]  # noqa: F821


def taken(place: Place, tip: str, offences: list[Offence]) -> set[bytes]:  # type: ignore[name-defined]  # noqa: F821
    git = Git(place.path)
    found = blobs_to_take(git, affected(git, Scope({"refs/heads/x": tip}), offences), offences, partial=False)
    return {place.git("cat-file", "blob", id).encode() for id in found}


@pytest.mark.parametrize("more", [0, 40])
def test_every_content_of_the_path_counts_from_the_offence_on(new_repo: NewRepo, more: int) -> None:
    place = new_repo()
    place.write("x", b"before")
    place.write("y", b"never")
    place.commit()
    for number in range(more):
        place.write(f"more/{number}", b"m")
    place.write("x", b"offence")
    seed = place.commit()
    place.write("x", b"after")
    place.write("y", b"other")
    place.write("x.bin", b"no")
    place.commit()
    place.write("x", b"")
    tip = place.commit()
    blob = place.git("rev-parse", f"{seed}:x")
    offences = [Offence(seed, "x", blob, 7)]
    offences += [Offence(seed, f"more/{n}", place.git("rev-parse", f"{seed}:more/{n}"), 1) for n in range(more)]
    assert taken(place, tip, offences) == {b"offence", b"after"} | ({b"m"} if more else set())


def test_what_a_merge_brings_in_from_the_other_side_counts(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("x", b"start")
    place.commit()
    place.git("branch", "side")
    place.write("x", b"offence")
    seed = place.commit()
    place.git("switch", "-q", "side")
    place.write("x", b"theirs")
    place.commit()
    place.git("merge", "-q", "-s", "ours", "-m", "merge", "main")
    blob = place.git("rev-parse", f"{seed}:x")
    assert taken(place, place.git("rev-parse", "HEAD"), [Offence(seed, "x", blob, 7)]) == {b"offence", b"theirs"}


def test_a_blob_that_a_partial_clone_lacks_is_told(new_repo: NewRepo) -> None:
    place = new_repo()
    tip = place.commit()
    git = Git(place.path)
    offences = [Offence(tip, "x", "a" * 40, 5)]
    changing = affected(git, Scope({"refs/heads/x": tip}), offences)
    with pytest.raises(LocalTrouble, match="repo-partial"):
        blobs_to_take(git, changing, offences, partial=True)
