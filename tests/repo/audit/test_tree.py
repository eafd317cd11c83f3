from __future__ import annotations

from hfpush.repo.audit.tree import Tip, TipEntry


def test_a_tip_prints_short_whatever_it_holds() -> None:
    tip = Tip("a" * 40, ("HEAD",), (TipEntry("x", "100644", "b" * 40, 5),) * 1000)
    assert len(repr(tip)) < 200
