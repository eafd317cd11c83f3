from __future__ import annotations

from hfpush.repo.scope import Scope


def test_a_scope_is_all_that_its_tips_reach_unless_it_says_more() -> None:
    scope = Scope({"refs/heads/main": "1" * 40})
    assert (scope.known, scope.shallow, scope.broken) == (frozenset(), False, ())
