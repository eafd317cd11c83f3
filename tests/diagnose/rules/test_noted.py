from __future__ import annotations

from dataclasses import replace

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.repository import Corrupt, Repository
from hfpush.diagnose.rules import noted, repository
from hfpush.diagnose.verdict import verdict
from hfpush.findings import Finding


def test_findings_of_others_are_passed_on_as_they_are_and_in_their_order() -> None:
    found = (Finding("large-file-in-git", "one", ("seen",), ("try",)), Finding("model-card-invalid", "two"))
    assert verdict(Facts(noted=found), (noted.causes,)) == found


def test_settings_that_lead_astray_go_before_what_is_in_the_repository() -> None:
    card, lead = Finding("model-card-invalid", "one"), Finding("lfs-elsewhere", "two")
    assert verdict(Facts(noted=(card, lead)), (noted.causes,)) == (lead, card)


def test_what_other_rules_say_better_is_left_to_them() -> None:
    assert not list(noted.causes(Facts(noted=(Finding("proxy-key-unknown", "one"),))))


def test_an_object_that_is_damaged_is_told_once() -> None:
    ours = Repository("repository", "/r", corrupt=(Corrupt("/r/.git/lfs/objects/aa", "a.bin"),))
    facts = Facts(repository=ours, noted=(Finding("object-corrupt", "of another size"),))
    (found,) = verdict(facts, (noted.causes, repository.causes))
    assert "/r/.git/lfs/objects/aa" in found.remedy[0]
    assert len(verdict(replace(facts, repository=Repository()), (noted.causes, repository.causes))) == 1
