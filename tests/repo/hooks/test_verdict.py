"""What is said of files that the Hub refuses: the largest first, and the command at the end."""

from __future__ import annotations

from hfpush.repo.hooks.verdict import File, backup_finding, commit_finding, refused

LARGE = File("a b.bin", "1", 12 * 2**20)
BINARY = File("logo.png", "2", 20, binary=True)


def test_too_large_and_binary_files_are_refused_and_no_other() -> None:
    exact = File("exact.txt", "3", 10 * 2**20)
    assert refused([BINARY, exact, LARGE]) == [LARGE, BINARY]
    assert refused([exact], limit=1000) == [exact]


def test_the_last_word_is_the_command() -> None:
    finding = commit_finding([LARGE, BINARY], 10 * 2**20, "my repo")
    assert finding.evidence == (
        "a b.bin: 12.6 MB, and git itself may hold 10.5 MB",
        "logo.png: binary, 20 B, and not in LFS",
    )
    assert finding.remedy[-1].endswith("\nhfpush track 'my repo'")
    assert commit_finding([BINARY], 10, ".").remedy[-1].endswith("\nhfpush track")


def test_what_is_committed_is_mended_by_a_fix() -> None:
    finding = commit_finding([BINARY], 10, ".", committed=True)
    assert finding.remedy[-1].endswith("\nhfpush fix")
    assert "committed" in finding.message


def test_what_git_itself_reads_is_to_be_made_smaller() -> None:
    finding = commit_finding([File("sub/.gitignore", "1", 12 * 2**20)], 10 * 2**20, ".")
    assert "smaller" in finding.remedy[-1]


def test_of_many_files_some_are_named() -> None:
    evidence = commit_finding([BINARY] * 30, 10, ".").evidence
    assert len(evidence) == 21
    assert evidence[-1] == "and 10 more"


def test_a_backup_in_a_push_ends_with_the_push_of_the_rest() -> None:
    assert backup_finding(["refs/hfpush/backup/1"]).remedy[-1].startswith("git push --prune ")
