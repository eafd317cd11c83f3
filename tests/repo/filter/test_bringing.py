"""What the filter asks of whoever downloads, as a value."""

from __future__ import annotations

from hfpush.lfs.batch import MAX_OBJECTS
from hfpush.lfs.pointer import Pointer
from hfpush.repo.filter.bringing import BATCH, Missing


def test_a_batch_is_no_more_than_a_server_takes() -> None:
    assert BATCH <= MAX_OBJECTS


def test_two_wishes_for_the_same_are_equal() -> None:
    assert Missing(Pointer("11" * 32, 1), "a") == Missing(Pointer("11" * 32, 1), "a")
