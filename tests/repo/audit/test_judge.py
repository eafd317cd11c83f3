from __future__ import annotations

from support.scans import LIMIT, POINTER, at, blob, scan_of

from hfpush.findings import Finding
from hfpush.repo.audit.found import FoundBlob
from hfpush.repo.audit.judge import Surroundings, in_order, is_clean, judge, judge_sizes, summary
from hfpush.repo.scope import Scope


def references(*blobs: FoundBlob, **more: object) -> list[str]:
    return [finding.reference for finding in judge(scan_of(*blobs), Surroundings(**more))]  # type: ignore[arg-type]


def test_ten_mebibytes_pass_and_one_byte_more_does_not() -> None:
    assert references(blob(LIMIT)) == []
    assert references(blob(LIMIT + 1)) == ["large-file-in-git"]


def test_the_first_finding_is_the_one_to_act_on() -> None:
    found = references(
        blob(130, at("p"), pointer=POINTER, canonical=False),
        blob(5, at("raw", lfs=True)),
        blob(5, at("b"), binary=True),
        blob(LIMIT + 1, at("l")),
        blob(130, at("q"), pointer=POINTER, stored=False),
    )
    wanted = ["large-file-in-git", "binary-file-in-git", "object-missing", "should-be-pointer", "pointer-not-canonical"]
    assert found == wanted


def test_findings_about_tips_take_their_place() -> None:
    tips = [Finding("names-collide", "x", severity="warning"), Finding("model-card-invalid", "x")]
    found = judge(scan_of(blob(5, at(lfs=True))), Surroundings(), tips)
    assert [one.reference for one in found] == ["model-card-invalid", "should-be-pointer", "names-collide"]


def test_an_error_comes_before_a_warning_of_the_same_name_and_a_strange_one_last() -> None:
    warning, strange = Finding("object-corrupt", "x", severity="warning"), Finding("zzz", "x")
    assert in_order([warning, strange, Finding("object-corrupt", "x")])[1:] == (strange, warning)


def test_what_was_not_seen_is_a_warning() -> None:
    scope = Scope({}, shallow=True, broken=("refs/heads/b",))
    found = judge(scan_of(absent=2, scope=scope), Surroundings())
    assert [one.reference for one in found] == ["history-incomplete", "history-incomplete", "ref-broken"]
    assert is_clean(found)
    assert found[2].remedy[0].startswith("git update-ref -d refs/heads/b")


def test_a_question_of_size_is_answered_by_size_alone() -> None:
    scan = scan_of(blob(2000, at("a", lfs=True), binary=True), blob(1000, at("b")))
    assert [one.reference for one in judge_sizes(scan, 1000, ".")] == ["file-above-size"]
    assert judge_sizes(scan, 2000, ".") == ()
    assert not is_clean(judge_sizes(scan, 1000, "."))


def test_findings_are_counted_by_severity() -> None:
    found = [
        Finding("a", "x"),
        Finding("b", "x", severity="note"),
        Finding("c", "x"),
        Finding("d", "x", severity="warning"),
    ]
    assert summary(found) == "2 errors, 1 warning, 1 note"
    assert summary([]) == "nothing to say"
