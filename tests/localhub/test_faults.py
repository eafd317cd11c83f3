import pytest

from hfpush.localhub.faults import (
    CONSTRUCTORS,
    Fault,
    Faults,
    corrupt,
    drop_after,
    no_answer,
    slow,
    status,
    swap,
    throttle,
    worn_lease,
)


def test_a_fault_hits_its_operation_and_part_only():
    fault = drop_after(bytes=10, part=3)
    assert fault.matches("drop_after", "put", 3)
    assert not fault.matches("drop_after", "put", 2)
    assert not fault.matches("drop_after", "put", None)
    assert not fault.matches("drop_after", "get", 3)
    assert not fault.matches("stall", "put", 3)


def test_times_bounds_the_requests_that_are_hit():
    faults = Faults(status(503, on="batch", times=2))
    assert [bool(faults.take("status", "batch")) for _ in range(4)] == [True, True, False, False]
    assert not faults.any


def test_none_times_hits_always():
    faults = Faults(slow(rate=1e6))
    assert all(faults.take("slow", "put") for _ in range(10))
    assert faults.live() == [slow(rate=1e6)]


def test_the_first_of_several_faults_is_spent_before_the_next():
    faults = Faults(status(500, on="put"), status(503, on="*"))
    assert [faults.take("status", "put").code for _ in range(2)] == [500, 503]
    assert faults.take("status", "put") is None


def test_faults_can_be_added_and_cleared_while_the_hub_runs():
    faults = Faults()
    faults.add(corrupt(), corrupt(on="get"))
    assert faults.take("corrupt", "get") == corrupt(on="get")
    faults.clear()
    assert faults.take("corrupt", "put") is None


def test_a_fault_that_lies_behind_the_end_of_a_body_waits_for_a_longer_one():
    faults = Faults(drop_after(bytes=1000))
    assert faults.take("drop_after", "put", length=999) is None
    assert faults.take("drop_after", "put", length=1000) is not None


def test_a_fault_about_one_byte_of_the_file_waits_for_a_body_that_holds_it():
    faults = Faults(corrupt(on="get", at=1000))
    assert faults.take("corrupt", "get", start=0, length=1000) is None
    assert faults.take("corrupt", "get", start=1001, length=10) is None
    assert faults.take("corrupt", "get", start=1000, length=1) is not None


def test_a_fault_that_comes_after_so_many_requests_lets_these_pass():
    faults = Faults(swap(after=2, times=1))
    assert [bool(faults.take("swap", "get")) for _ in range(4)] == [False, False, True, False]


def test_a_fault_that_did_not_come_to_pass_is_given_back():
    once, twice, always = drop_after(bytes=5), drop_after(bytes=6, times=2), drop_after(bytes=7, times=None)
    faults = Faults(once, twice, always)
    for fault in (once, once):
        assert faults.take("drop_after", "put") is fault
        faults.give_back(fault)
    assert [faults.take("drop_after", "put") for _ in range(4)] == [once, twice, twice, always]
    faults.give_back(always)
    assert faults.live() == [always]


@pytest.mark.parametrize(
    "make",
    [
        lambda: drop_after(bytes=-1),
        lambda: drop_after(bytes=1, on="upload"),
        lambda: drop_after(bytes=1, times=0),
        lambda: slow(rate=0),
        lambda: slow(rate=float("nan")),
        lambda: status(99, on="put"),
        lambda: Fault("stall", seconds=-1.0),
        lambda: corrupt(at=-1),
        lambda: swap(after=-1),
        lambda: worn_lease(uses=0),
        lambda: throttle(at_once=0),
        lambda: no_answer("get", how="rudely"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(make):
    with pytest.raises(ValueError, match=r"\w"):
        make()


def test_every_constructor_says_what_its_fault_does():
    assert all(make.__doc__ and name == make.__name__ for name, make in CONSTRUCTORS.items())
