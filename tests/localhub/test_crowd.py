from hfpush.localhub.crowd import Crowd
from hfpush.localhub.faults import throttle
from hfpush.localhub.seen import Row


def rows(op="get", count=4):
    return [Row(op, "GET", "/x") for _ in range(count)]


def test_no_more_than_so_many_of_one_operation_are_inside():
    crowd, few, (first, second, third, _) = Crowd(), throttle(at_once=2), rows()
    assert [crowd.admit(row, few) for row in (first, second, third)] == [True, True, False]
    assert crowd.admit(Row("put", "PUT", "/x"), few)
    crowd.leave(first)
    assert crowd.admit(third, few)


def test_no_more_than_so_many_come_in_one_second():
    now = [0.0]
    crowd, few, all_rows = Crowd(lambda: now[0]), throttle(per_second=2), rows()
    assert [crowd.admit(row, few) for row in all_rows[:3]] == [True, True, False]
    now[0] = 1.0
    assert crowd.admit(all_rows[3], few)


def test_whoever_was_not_let_in_may_leave():
    Crowd().leave(rows()[0])
