"""Endpoints that leave half of it undone."""

from __future__ import annotations

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.lfs import Lfs, Mirror
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.mirror import causes

STRAIGHT, PROXIED = "s3.test:443 straight", "s3.test:443 through http://p:1"
WAYS = (Way("git-lfs", "storage", "s3.test", 443), Way("hfpush", "storage", "s3.test", 443, "http://p:1"))


def of(mirror: Mirror | None, *dials: Dial) -> list[Cause]:
    question = Question(endpoint="https://mirror.test")
    return list(causes(Facts(question=question, ways=WAYS, dials=dials, lfs=Lfs(mirror=mirror))))


def test_a_storage_that_nobody_reaches_is_the_mirrors_to_carry() -> None:
    (cause,) = of(
        Mirror(True, False, False, said=("complete: no answer",)),
        Dial(STRAIGHT, outcome="silent"),
        Dial(PROXIED, outcome="proxy-refused"),
    )
    assert cause.finding.reference == "mirror-half"
    assert "mirror.test carries the Hub's API" in cause.finding.message
    assert cause.hosts == {"s3.test"}
    assert "connect-timeout" in cause.explains
    assert cause.depth < 10, "before what one meets there"
    assert "complete: no answer" in cause.finding.evidence, "one cause is one finding"


def test_where_one_way_works_it_is_the_other_way_that_is_wrong() -> None:
    assert of(Mirror(True, False), Dial(STRAIGHT, outcome="silent"), Dial(PROXIED)) == []
    assert of(Mirror(True, False), Dial(STRAIGHT, outcome="silent")) == [], "nobody tried the other"


def test_an_end_that_is_not_carried_is_told_with_what_showed_it() -> None:
    (cause,) = of(Mirror(True, True, False, said=("verify: POST https://mirror.test/v answered 404 (text/plain)",)))
    assert "the check of uploads" in cause.finding.message
    assert cause.finding.evidence == ("verify: POST https://mirror.test/v answered 404 (text/plain)",)
    (cause,) = of(Mirror(True, True, False, said=("complete: POST x answered 404 (text/html)",)))
    assert "the end of uploads" in cause.finding.message


def test_a_mirror_that_carries_all_and_no_mirror_say_nothing() -> None:
    assert of(Mirror(True, True, True)) == of(Mirror(True, False, True)) == of(Mirror()) == of(None) == []
