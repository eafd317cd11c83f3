from __future__ import annotations

from collections.abc import Callable

from hfpush.repo.process import Git
from hfpush.repo.rewrite.differences import differences

NewRepo = Callable[..., "Place"]  # noqa: F821


def test_pairs_are_answered_in_order_also_equal_ones_and_roots(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("d/a\nb", b"1")
    one = place.commit()
    place.write("d/a\nb", b"2")
    two = place.commit()
    place.git("rm", "-q", "d/a\nb")
    three = place.commit()
    pairs = [(one, None), (two, one), (two, two), (three, one), (one, three)]
    found = list(differences(Git(place.path), pairs))
    assert [commit for commit, _ in found] == [pair[0] for pair in pairs]
    assert [list(changes) for _, changes in found] == [[b"d/a\nb"], [b"d/a\nb"], [], [b"d/a\nb"], [b"d/a\nb"]]
    was, now = found[1][1][b"d/a\nb"]
    assert (was.mode, now.mode) == (b"100644", b"100644")
    assert now.id.decode() == place.git("rev-parse", f"{two}:d/a\nb")
    assert found[3][1][b"d/a\nb"][1].mode == b"000000"
