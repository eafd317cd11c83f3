from hfpush.localhub.seen import Row, SeenLog


def log():
    seen = SeenLog()
    seen.add(Row("put", "PUT", "/a", bytes_in=10, seconds=1.0))
    seen.add(Row("put", "PUT", "/b", bytes_in=5, seconds=0.5))
    seen.add(Row("get", "GET", "/a", bytes_out=7))
    return seen


def test_sums_are_per_operation_or_over_all():
    seen = log()
    assert (seen.count(), seen.count("put"), seen.count("batch")) == (3, 2, 0)
    assert (seen.bytes_in(), seen.bytes_in("put"), seen.bytes_in("get")) == (15, 15, 0)
    assert (seen.bytes_out(), seen.bytes_out("put")) == (7, 0)
    assert [row.path for row in seen.rows("put")] == ["/a", "/b"]


def test_totals_name_every_operation_that_came():
    assert log().totals() == {
        "put": {"count": 2, "bytes_in": 15, "bytes_out": 0, "seconds": 1.5},
        "get": {"count": 1, "bytes_in": 0, "bytes_out": 7, "seconds": 0.0},
    }


def test_a_request_is_under_way_until_it_is_kept():
    seen, row = SeenLog(), Row("put", "PUT", "/a")
    seen.begin(row)
    row.bytes_in = 12
    assert seen.under_way() == {"put": {"count": 1, "bytes_in": 12, "bytes_out": 0, "seconds": 0.0}}
    assert seen.totals() == {}
    seen.add(row)
    assert seen.under_way() == {}
    assert seen.bytes_in("put") == 12


def test_clear_forgets():
    seen = log()
    seen.clear()
    assert seen.rows() == []
    assert seen.totals() == {}


def test_old_rows_are_kept_as_sums_only():
    seen = SeenLog(keep=2)
    for size in (1, 2, 4, 8):
        seen.add(Row("put", "PUT", "/a", bytes_in=size))
    assert [row.bytes_in for row in seen.rows()] == [4, 8]
    assert (seen.count("put"), seen.bytes_in()) == (4, 15)


def test_a_row_is_kept_once_and_goes_on_being_filled_in():
    seen, row = SeenLog(), Row("get", "GET", "/a")
    seen.add(row)
    row.bytes_out = 5
    seen.add(row)
    assert (seen.count(), seen.bytes_out("get")) == (1, 5)
