"""A signature fits by its needle first, then by its pattern, without regard to case."""

from __future__ import annotations

from hfpush.diagnose.log.classify import SIGNATURES
from hfpush.diagnose.log.signature import Signature


def fits(signature: Signature, text: str) -> bool:
    return signature.found(text, text.lower()) is not None


def test_without_a_pattern_the_needle_is_enough() -> None:
    assert fits(Signature("disk-full", "no space (left)"), "write: No Space (left) on device")


def test_with_a_pattern_both_must_fit() -> None:
    one = Signature("dns-silent", "lookup ", r"lookup (?P<host>[\w.-]+).*i/o timeout")
    assert not fits(one, "dial tcp: lookup hf.test: no such host")
    assert not fits(one, "LOOK UP hf.test: i/o timeout")
    found = one.found("Lookup hf.test: I/O timeout", "lookup hf.test: i/o timeout")
    assert found is not None
    assert found["host"] == "hf.test"


def test_the_patterns_of_all_can_be_used() -> None:
    for one in SIGNATURES:
        assert not fits(one, "")
