from __future__ import annotations

from hfpush.repo.audit.graph import Graph, bits

# a - b - d - e    and  a - c - d;   x is outside, before a
LINES = [b"a x\n", b"b a\n", b"c a y\n", b"d b c\n", b"e d\n"]


def test_parents_are_places_and_those_outside_have_names() -> None:
    graph = Graph.parse(LINES)
    assert graph.ids == ["a", "b", "c", "d", "e"]
    assert graph.parents == [(-1,), (0,), (0, -2), (1, 2), (3,)]
    assert graph.outside == ["x", "y"]


def test_each_commit_is_reached_by_the_tips_after_it() -> None:
    tips = {"e": ["refs/heads/main"], "c": ["refs/heads/side"], "b": ["refs/tags/v1"], "x": ["refs/tags/old"]}
    reached = Graph.parse(LINES).reached_from(tips, ["a", "b", "c", "e"])
    names = {commit: [list(tips)[number] for number in bits(mask)] for commit, mask in reached.items()}
    assert names == {"a": ["e", "c", "b"], "b": ["e", "b"], "c": ["e", "c"], "e": ["e"]}


def test_a_commit_that_no_tip_reaches_is_left_out() -> None:
    assert Graph.parse(LINES).reached_from({"b": ["b"]}, ["c", "b"]) == {"b": 1}


def test_a_thousand_tips_are_told_apart() -> None:
    lines = [b"0\n", *(b"%d %d\n" % (number, number - 1) for number in range(1, 2000))]
    tips = {str(number): [str(number)] for number in range(0, 2000, 2)}
    (mask,) = Graph.parse(lines).reached_from(tips, ["1001"]).values()
    assert bits(mask) == list(range(501, 1000))


def test_bits_are_numbers() -> None:
    assert bits(0) == []
    assert bits(0b1011) == [0, 1, 3]
