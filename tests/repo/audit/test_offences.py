from __future__ import annotations

import pytest
from support.scans import FIRST, LIMIT, POINTER, SECOND, at, blob, scan_of

from hfpush.repo.audit.found import FoundBlob
from hfpush.repo.audit.offences import GIT_READS_IT, NO_COMMIT, is_refused, offences, unmendable


@pytest.mark.parametrize(
    ("found", "refused"),
    [
        (blob(LIMIT), False),
        (blob(LIMIT + 1), True),
        (blob(LIMIT + 1, binary=None), True),
        (blob(5, binary=True), True),
        (blob(5, binary=None), False),
        (blob(130, pointer=POINTER), False),
        (blob(130, pointer=POINTER, binary=True), False),
    ],
)
def test_the_hub_refuses_what_is_large_or_binary(found: FoundBlob, refused: bool) -> None:
    assert is_refused(found) is refused


def test_every_commit_and_path_of_an_offender_is_an_offence() -> None:
    large = blob(LIMIT + 1, at("a", FIRST), at("a", SECOND), at("b", SECOND))
    assert [(one.commit, one.path) for one in offences(scan_of(large))] == [(FIRST, "a"), (SECOND, "a"), (SECOND, "b")]


def test_raw_content_is_an_offence_where_the_pattern_is() -> None:
    raw = blob(5, at("a", FIRST, lfs=False), at("a", SECOND, lfs=True))
    assert [(one.commit, one.size) for one in offences(scan_of(raw))] == [(SECOND, 5)]


@pytest.mark.parametrize(
    "found",
    [
        blob(0, at(lfs=True)),
        blob(130, at(lfs=True), pointer=POINTER),
        blob(130, at(lfs=True), broken_pointer=True),
        blob(5, at("sub/.gitattributes", lfs=True)),
    ],
    ids=["empty", "pointer", "broken pointer", "read by git"],
)
def test_what_belongs_into_git_under_a_pattern_is_no_offence(found: FoundBlob) -> None:
    assert offences(scan_of(found)) == unmendable(scan_of(found)) == ()


@pytest.mark.parametrize("name", [".gitattributes", "a/.gitignore", ".gitmodules", ".lfsconfig", ".mailmap"])
def test_what_git_reads_cannot_be_mended(name: str) -> None:
    scan = scan_of(blob(LIMIT + 1, at(name)))
    assert offences(scan) == ()
    assert [(one.offence.path, one.reason) for one in unmendable(scan)] == [(name, GIT_READS_IT)]


def test_a_blob_that_only_a_tag_holds_cannot_be_mended() -> None:
    scan = scan_of(blob(LIMIT + 1, at("", "")))
    assert offences(scan) == ()
    assert [one.reason for one in unmendable(scan)] == [NO_COMMIT]
