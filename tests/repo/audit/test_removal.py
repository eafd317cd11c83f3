from __future__ import annotations

from collections.abc import Collection, Mapping

from hfpush.repo.audit.graph import Graph
from hfpush.repo.audit.removal import Placed, removed


def nobody_asks(commit: str, paths: Collection[str]) -> Mapping[str, str]:
    raise AssertionError((commit, paths))


def test_it_is_the_first_commit_after_it_that_takes_the_blob_away() -> None:
    graph = Graph.parse([b"a\n", b"b a\n", b"c b\n", b"d c\n"])
    one = Placed("b", "f", "1")
    assert removed(graph, [one], [Placed("d", "f", "1"), Placed("c", "f", "1")], nobody_asks) == {one: "c"}


def test_another_path_another_blob_and_an_earlier_commit_are_not_meant() -> None:
    graph = Graph.parse([b"a\n", b"b a\n", b"c b\n"])
    removals = [Placed("c", "g", "1"), Placed("c", "f", "2"), Placed("a", "f", "1")]
    assert removed(graph, [Placed("b", "f", "1")], removals, nobody_asks) == {}


def test_a_removal_on_another_branch_is_not_meant() -> None:
    graph = Graph.parse([b"a\n", b"b a\n", b"c a\n", b"d c\n"])
    here, there = Placed("b", "f", "1"), Placed("c", "f", "1")
    assert removed(graph, [here, there], [Placed("d", "f", "1")], nobody_asks) == {there: "d"}


def test_each_introduction_has_its_own_end() -> None:
    graph = Graph.parse([b"a\n", b"b a\n", b"c b\n", b"d c\n"])
    first, second = Placed("a", "f", "1"), Placed("c", "f", "1")
    removals = [Placed("b", "f", "1"), Placed("d", "f", "1")]
    assert removed(graph, [first, second], removals, nobody_asks) == {first: "b", second: "d"}


def test_a_merge_that_drops_one_side_takes_away_what_only_that_side_has() -> None:
    graph = Graph.parse([b"a\n", b"b a\n", b"c a\n", b"m b c\n"])
    kept, dropped = Placed("b", "kept", "1"), Placed("b", "dropped", "2")
    asked = []

    def held(commit: str, paths: Collection[str]) -> Mapping[str, str]:
        asked.append((commit, sorted(paths)))
        return {"kept": "1", "dropped": "another"}

    assert removed(graph, [kept, dropped], [], held) == {dropped: "m"}
    assert asked == [("m", ["dropped", "kept"])]


def test_a_parent_outside_of_the_scope_may_be_the_side_that_a_merge_takes() -> None:
    graph = Graph.parse([b"a x\n", b"m a y\n"])
    one = Placed("a", "f", "1")
    assert removed(graph, [one], [], lambda commit, paths: {}) == {one: "m"}
