from __future__ import annotations

from hfpush.repo.track.trouble import TrackTrouble, trouble_findings


def test_no_trouble_is_no_finding() -> None:
    assert list(trouble_findings(TrackTrouble())) == []


def test_each_kind_of_trouble_is_told_once_with_the_first_of_many() -> None:
    many = tuple((f"f{number}", 11_000_000) for number in range(25))
    links, uncovered, large = trouble_findings(TrackTrouble(("a/.gitattributes",), many, ((".gitignore", 12_000_000),)))
    assert (links.reference, links.evidence) == ("attributes-link", ("a/.gitattributes",))
    assert (uncovered.reference, len(uncovered.evidence)) == ("attributes-conflict", 21)
    assert uncovered.evidence[-1] == "and 5 more"
    assert (large.reference, large.evidence) == ("attributes-too-large", (".gitignore: 12.0 MB",))
    assert {found.severity for found in (links, uncovered, large)} == {"error"}
