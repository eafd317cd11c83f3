"""Delays: an object is asked for once, and each of its paths becomes available once."""

from __future__ import annotations

from hfpush.errors import NotFound
from hfpush.lfs.pointer import Pointer
from hfpush.repo.filter.delayed import Delayed, Delays

ONE, TWO = Pointer("11" * 32, 1), Pointer("22" * 32, 2)


def test_two_paths_of_one_object_ask_for_it_once_and_both_become_available() -> None:
    delays = Delays()
    assert [delays.add(b"a", ONE, b"p1"), delays.add(b"b", ONE, b"p1"), delays.add(b"c", TWO, b"p2")] == [1, 0, 1]
    assert delays.end({ONE.oid: None}) == [b"a", b"b"]
    assert delays.take(b"a") == Delayed(ONE, b"p1")
    assert delays.take(b"a") is None
    assert delays.take(b"c") is None


def test_a_failure_reaches_every_path_and_a_foreign_object_none() -> None:
    delays, failure = Delays(), NotFound.of("object-missing", "It is not there.")
    delays.add(b"a", ONE, b"p1")
    assert delays.end({TWO.oid: None}) == []
    assert delays.end({ONE.oid: failure}) == [b"a"]
    assert delays.take(b"a") == Delayed(ONE, b"p1", failure)
