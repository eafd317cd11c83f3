from __future__ import annotations

import pickle

from hfpush.repo.rewrite.values import Offence, RewritePlan, Unmended
from hfpush.repo.scope import Scope


def test_offences_sort_by_commit_then_path_and_are_one_where_they_are_equal() -> None:
    one, two, three = Offence("a", "x", "b", 1), Offence("a", "y", "b", 1), Offence("b", "a", "b", 1)
    assert sorted([three, two, one]) == [one, two, three]
    assert len({one, Offence("a", "x", "b", 1)}) == 1


def test_a_plan_can_be_kept_for_another_process() -> None:
    offence = Offence("a", "\udcff.bin", "b", 1)
    plan = RewritePlan(Scope({"refs/heads/main": "a"}), (offence,), (Unmended(offence, "why"),), 1, {}, {"b": 1})
    assert pickle.loads(pickle.dumps(plan)) == plan
