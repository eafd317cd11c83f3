"""When a stall is told, moment by moment."""

from __future__ import annotations

from dataclasses import replace

from hfpush.net import news
from hfpush.net.news import Moving, News, Stalled
from hfpush.net.stall_rule import Seen, Vigil

ONE = Seen(1, "a.example", news.SENDING, 0.0, "storage host", 1000, 400)


def told(moments: list[tuple[float, list[Seen], dict[str, float]]]) -> list[tuple[float, News]]:
    """All that is told when those connections, with bytes that moved last then, are seen at those times."""
    vigil, news_ = Vigil(), []
    for now, seen, moved in moments:
        vigil, items = vigil.look(seen, moved, now)
        news_ += [(now, item) for item in items]
    return news_


def every_second(seconds: int, *seen: Seen) -> list[tuple[float, list[Seen], dict[str, float]]]:
    return [(float(now), list(seen), {}) for now in range(seconds)]


def test_nothing_is_told_of_nothing_and_of_what_moves() -> None:
    assert told(every_second(100)) == []
    assert told([(float(now), [replace(ONE, quiet_since=now - 9.5)], {}) for now in range(100)]) == []


def test_a_stall_is_told_after_ten_seconds_and_then_every_thirty() -> None:
    assert [now for now, _ in told(every_second(90, ONE))] == [10, 40, 70]
    assert told(every_second(11, ONE)) == [(10, Stalled("a.example", news.SENDING, 10.0, 1, "storage host", 1000, 400))]


def test_connections_that_stall_together_are_one_piece_of_news() -> None:
    three = [replace(ONE, number=number, quiet_since=float(number) / 10) for number in range(3)]
    found = told([(12.0, list(three), {})])
    assert [(item.lines, item.seconds) for _, item in found if isinstance(item, Stalled)] == [(3, 12.0)]


def test_each_host_and_each_layer_is_told_by_itself() -> None:
    other = replace(ONE, number=2, layer=news.ANSWER)
    far = replace(ONE, number=3, host="b.example")
    found = told([(10.0, [ONE, other, far], {})])
    assert {(item.host, item.layer) for _, item in found if isinstance(item, Stalled)} == {
        ("a.example", news.SENDING),
        ("a.example", news.ANSWER),
        ("b.example", news.SENDING),
    }


def test_a_connection_that_stalls_later_is_told_though_not_within_ten_seconds() -> None:
    late = replace(ONE, number=2, quiet_since=5.0)
    moments = [(float(now), [ONE, late] if now >= 6 else [ONE], {}) for now in range(30)]
    assert [now for now, _ in told(moments)] == [10, 20]


def test_that_it_moves_again_is_told_once() -> None:
    moments = [*every_second(13, ONE), (13.0, [replace(ONE, quiet_since=12.5)], {"a.example": 12.5}), (14.0, [], {})]
    assert told(moments)[1:] == [(13.0, Moving("a.example", 12.5, "storage host"))]


def test_a_connection_that_was_given_up_is_not_told_to_move_until_another_one_does() -> None:
    moments: list[tuple[float, list[Seen], dict[str, float]]] = [*every_second(12, ONE), (12.0, [], {}), (13.0, [], {})]
    assert len(told(moments)) == 1
    moments.append((20.0, [], {"a.example": 19.0}))
    assert told(moments)[1:] == [(20.0, Moving("a.example", 19.0, "storage host"))]
