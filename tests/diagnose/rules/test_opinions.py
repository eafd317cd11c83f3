"""Whose certificate it is."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.tls import Certificate, Handshake, Judged
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.opinions import Opinion, clients_in, is_of_another, lines_in, opinions_of

LINE = "hf.test:443 straight"


@pytest.mark.parametrize(
    ("names", "outcome", "another"),
    [
        (("hf.test",), "unknown-issuer", False),
        (("HF.test.",), "expired", False),
        (("*.test",), "unknown-issuer", False),
        (("*.hf.test",), "unknown-issuer", True),
        (("other.example", "x.test"), "not-yet", True),
        ((), "unknown-issuer", False),
        ((), "other-name", True),
        (("other.example",), "ok", False),
    ],
)
def test_names_are_read_also_where_the_issuer_is_unknown(names: tuple[str, ...], outcome: str, another: bool) -> None:
    judged = Judged(LINE, "git", outcome)  # type: ignore[arg-type]
    opinion = Opinion(Way("git", "hub", "hf.test", 443), judged, Certificate(names=names))
    assert is_of_another(opinion) == another


def test_opinions_have_their_way_and_their_certificate() -> None:
    certificate = Certificate(issuer="Ada")
    facts = Facts(
        ways=(
            Way("curl", "hub", "hf.test", 443),
            Way("git", "hub", "hf.test", 443),
            Way("hf_xet", "xet", "hf.test", 443),
        ),
        handshakes=(Handshake(LINE, certificate=certificate),),
        judged=(Judged(LINE, "curl"), Judged(LINE, "git"), Judged(LINE, "hf_xet")),
    )
    found = list(opinions_of(facts))
    assert clients_in(found) == ("git", "curl")
    assert lines_in(found) == (LINE,)
    assert {one.certificate for one in found} == {certificate}
