from __future__ import annotations

import shlex

import pytest

from hfpush.repo.rules import LargeBlob, absent_finding, is_binary, large_file_finding, migrate_command


@pytest.mark.parametrize(
    ("head", "whole", "binary"),
    [
        (b"", True, False),
        (b"plain text\n", True, False),
        ("grüße".encode(), True, False),
        (b"a\0b", True, True),
        (b"caf\xe9", True, True),  # Latin-1
        ("é".encode()[:1], False, False),  # the head ends inside a character
        ("é".encode()[:1], True, True),  # the file does
        (b"\xff\xfea\0", True, True),  # UTF-16
    ],
)
def test_binary_is_a_nul_or_not_utf8(head: bytes, whole: bool, binary: bool) -> None:
    assert is_binary(head, whole=whole) is binary


def test_a_large_file_is_told_with_path_size_commit_and_the_command() -> None:
    finding = large_file_finding([LargeBlob("a b/w.json", 12_000_000, "0123456789abcdef" + "0" * 24)], "main")
    assert finding.reference == "large-file-in-git"
    assert finding.evidence == ("a b/w.json: 12.0 MB, since commit 0123456789",)
    assert shlex.split(finding.remedy[0])[4:] == ["--include=/a b/w.json", "--include-ref=refs/heads/main"]


def test_many_large_files_are_cut_in_the_telling_and_named_by_size_in_the_command() -> None:
    large = [LargeBlob(f"f{i}", 11_000_000, "a" * 40) for i in range(100)]
    finding = large_file_finding(large, "main")
    assert len(finding.evidence) == 21
    assert finding.evidence[-1] == "and 80 more"
    assert "--above=10MiB" in finding.remedy[0]


def test_what_a_pattern_could_misread_becomes_a_question_mark() -> None:
    command = shlex.split(migrate_command(['a,b*[1]"\n\udcff\\.bin'], "main"))
    assert command[4] == "--include=/a?b??1?????.bin"


def test_a_detached_head_gets_a_branch_first() -> None:
    assert migrate_command(["a"], None).startswith("git switch -c publish && git lfs migrate import")


def test_a_control_character_of_a_path_is_written_out() -> None:
    evidence = large_file_finding([LargeBlob("a\x1b[31m", 11_000_000, "a" * 40)], "main").evidence
    assert "\x1b" not in evidence[0]


def test_absent_blobs_are_a_warning() -> None:
    assert absent_finding(1).severity == "warning"
    assert "1 file of" in absent_finding(1).message
