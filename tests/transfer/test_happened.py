from __future__ import annotations

import pytest

from hfpush.lfs.lease import Lease
from hfpush.transfer.happened import Leased


def leased(at: float, expires_at: float | None) -> Leased:
    return Leased(Lease("whole", 5, 5, ("https://s/o?sig=5ec7e7",), expires_at=expires_at), at)


@pytest.mark.parametrize(
    ("at", "expires_at", "last_good"),
    [
        (0.0, 900.0, 840.0),  # a minute before its end
        (0.0, 100.0, 90.0),  # or a tenth of its life
        (1000.0, 1002.0, 1001.8),
    ],
)
def test_a_lease_is_begun_with_until_shortly_before_its_end(at: float, expires_at: float, last_good: float) -> None:
    lease = leased(at, expires_at)
    assert lease.usable_at(at)
    assert lease.usable_at(last_good - 0.01)
    assert not lease.usable_at(last_good + 0.01)


def test_a_lease_without_an_end_is_always_good_and_a_dead_one_never() -> None:
    assert leased(0.0, None).usable_at(1e12)
    assert not leased(100.0, 90.0).usable_at(100.0)


def test_no_signed_address_is_shown() -> None:
    assert "5ec7e7" not in repr(leased(0.0, None))
