from __future__ import annotations

from collections.abc import Callable

from hfpush.repo.process import Git
from hfpush.repo.rewrite.affected import affected, peeled
from hfpush.repo.rewrite.values import Offence
from hfpush.repo.scope import Scope

NewRepo = Callable[..., "Place"]  # noqa: F821


def test_offending_commits_and_their_descendants_change_and_no_others(new_repo: NewRepo) -> None:
    place = new_repo()
    root, seed = place.commit("root"), place.commit("seed")
    place.git("branch", "side", root)
    child = place.commit("child")
    place.git("switch", "-q", "side")
    aside = place.commit("aside")
    place.git("merge", "-q", "--no-ff", "-m", "merge", "main")
    merge = place.git("rev-parse", "HEAD")
    scope = Scope({"refs/heads/side": merge, "refs/heads/main": child})
    found = affected(Git(place.path), scope, [Offence(seed, "a", "b" * 40, 1), Offence("c" * 40, "x", "b" * 40, 1)])
    assert list(found.commits) == [seed, child, merge]
    assert found.commits[merge].targets is found.commits[seed].targets
    assert found.commits[merge].parents == (aside, child)
    assert found.seen == {seed}


def test_tips_are_peeled_through_tags_of_tags(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("x", b"1")
    commit = place.commit()
    place.git("tag", "-am", "one", "one")
    place.git("tag", "-am", "two", "two", "one")
    place.git("tag", "-am", "blob", "blob", f"{commit}:x")
    ids = {name: place.git("rev-parse", name) for name in ("one", "two", "blob", "main")}
    tips = peeled(Git(place.path), {**ids, "gone": "d" * 40})
    assert [id for id, _ in tips["two"].tags] == [ids["two"], ids["one"]]
    assert (tips["two"].id, tips["two"].type) == (commit, "commit")
    assert (tips["main"].tags, tips["main"].type) == ((), "commit")
    assert (tips["blob"].type, tips["gone"].type) == ("blob", None)
