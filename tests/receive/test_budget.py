import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.errors import LeaseExpired, Unavailable
from hfpush.findings import Finding
from hfpush.net.retry import RetryPolicy
from hfpush.receive.budget import Budget, lease_finding

POLICY = RetryPolicy(attempts=4, first_wait=1.0, longest_wait=8.0)
CUT = Unavailable(Finding("connection-cut", "cut"))
EXPIRED = LeaseExpired(Finding("lease-refused", "expired", ("seen",)))


def waits(failure: Unavailable, lengths: list[int], size: int = 10_000_000) -> list[float | None]:
    budget, found = Budget(POLICY, size), []
    for length in lengths:
        budget, wait = budget.after(failure, length)
        found.append(wait)
    return found


@pytest.mark.parametrize(
    ("failure", "lengths", "expected"),
    [
        (CUT, [0, 0, 0, 0], [1.0, 2.0, 4.0, None]),
        (CUT, [70_000, 140_000, 210_000, 280_000, 350_000], [1.0] * 5),
        (CUT, [1, 2, 3, 4], [1.0, 2.0, 4.0, None]),
        (CUT, [30_000, 60_000, 90_000], [1.0, 2.0, 1.0]),
        (EXPIRED, [0, 0, 0, 0], [0.0, 2.0, 4.0, None]),
        (EXPIRED, [100_000, 200_000], [0.0, 0.0]),
        (Unavailable(Finding("x", "y"), retry_after=7), [0, 0], [7, 7]),
        (Unavailable(Finding("x", "y"), retry_after=7000), [0], [None]),
    ],
)
def test_waits(failure: Unavailable, lengths: list[int], expected: list[float | None]) -> None:
    assert waits(failure, lengths) == expected


def test_hundredth_of_a_small_file_is_progress() -> None:
    assert waits(CUT, [10, 20, 30, 40, 50], size=1000) == [1.0] * 5


@given(st.lists(st.integers(0, 5000), max_size=300), st.integers(1, 5000))
def test_it_always_ends(growth: list[int], size: int) -> None:
    budget, length, rounds = Budget(POLICY, size), 0, 0
    wait: float | None = 0.0
    while wait is not None and length < size:
        length = min(size, length + (growth[rounds] if rounds < len(growth) else 0))
        budget, wait = budget.after(CUT, length)
        rounds += 1
    assert rounds <= 4 * 101


def test_refused_lease_is_told_as_a_download() -> None:
    finding = lease_finding(EXPIRED)
    assert finding.reference == "lease-refused"
    assert "download" in finding.message
    assert finding.evidence == ("seen",)
