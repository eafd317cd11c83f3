from __future__ import annotations

import pytest
from support.scans import FIRST, LIMIT, SECOND, at, blob, scan_of

from hfpush.repo.audit import blob_rules
from hfpush.repo.audit.found import FoundBlob


def test_the_remedy_names_the_repository_as_the_user_did() -> None:
    found = blob_rules.large(scan_of(blob(LIMIT + 1)), "my model", ())
    assert found is not None
    assert found.remedy == ("hfpush fix 'my model'",)


def test_commits_that_a_remote_has_are_rewritten_only_when_told_to() -> None:
    found = blob_rules.large(scan_of(blob(LIMIT + 1, at("a", FIRST), at("a", SECOND))), ".", {SECOND})
    assert found is not None
    assert found.remedy[0] == "hfpush fix --rewrite-published"


def test_a_large_card_had_better_be_small() -> None:
    found = blob_rules.large(scan_of(blob(LIMIT + 1, at("README.md"))), ".", ())
    assert found is not None
    assert "no card" in found.remedy[-1]


def test_a_blob_that_a_tag_holds_goes_with_the_tag() -> None:
    found = blob_rules.large(scan_of(blob(LIMIT + 1, at("", ""), refs=("refs/tags/a b",))), ".", ())
    assert found is not None
    assert found.remedy == ("git tag -d 'a b'",)


def test_a_large_raw_file_under_a_pattern_is_told_once() -> None:
    scan = scan_of(blob(LIMIT + 1, at(lfs=True)))
    found = blob_rules.large(scan, ".", ())
    assert found is not None
    assert found.evidence[0].endswith("although a pattern sends it to LFS")
    assert blob_rules.raw(scan, ".", ()) is None


@pytest.mark.parametrize(("asked", "words"), [(False, "is likely to refuse"), (True, "the Hub wants in LFS")])
def test_who_said_that_it_is_binary(asked: bool, words: str) -> None:
    found = blob_rules.binary(scan_of(blob(5, binary=True)), ".", (), asked=asked)
    assert found is not None
    assert words in found.message
    assert found.severity == "error"


@pytest.mark.parametrize(
    ("found", "raw"),
    [
        (blob(5, at(lfs=True)), True),
        (blob(0, at(lfs=True)), False),
        (blob(5, at(lfs=False)), False),
        (blob(5, at("x/.gitignore", lfs=True)), False),
        (blob(5, at(lfs=True, removed=SECOND)), True),
    ],
)
def test_raw_content_under_a_pattern_is_a_warning(found: FoundBlob, raw: bool) -> None:
    finding = blob_rules.raw(scan_of(found), ".", ())
    assert (finding is not None) is raw
    assert finding is None or finding.severity == "warning"


def test_what_git_reads_is_told_apart() -> None:
    scan = scan_of(blob(LIMIT + 1, at(".gitattributes")), blob(5, at(".gitignore"), binary=True))
    large, binary = blob_rules.read_by_git(scan), blob_rules.read_by_git_and_binary(scan)
    assert large is not None
    assert binary is not None
    assert (large.reference, binary.reference) == ("attributes-too-large", "git-file-binary")
    assert blob_rules.large(scan, ".", ()) is blob_rules.binary(scan, ".", (), asked=False) is None


def test_a_thousand_files_have_twenty_lines() -> None:
    found = blob_rules.large(scan_of(*(blob(LIMIT + 1 + i, at(f"f{i}")) for i in range(1000))), ".", ())
    assert found is not None
    assert len(found.evidence) == 21
    assert found.message.startswith("There are 1,000 files")


@pytest.mark.parametrize(("size", "words"), [(1500, "nothing for the Hub"), (LIMIT + 1, "hfpush fix, for those")])
def test_files_over_a_size_of_the_users_own(size: int, words: str) -> None:
    found = blob_rules.above(scan_of(blob(size)), 1000, ".")
    assert found is not None
    assert found.remedy[0].startswith(words)
    assert blob_rules.above(scan_of(blob(1000)), 1000, ".") is None
