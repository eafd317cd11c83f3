"""The rules of a push, and the words in which they are told."""

import pytest

from hfpush.localhub.pointer import Pointer
from hfpush.localhub.rules import MAX_BINARY, MAX_GIT_FILE, Blob, Offence, is_binary, offence, refusal

POINTER = Pointer("a" * 64, 10**9)


@pytest.mark.parametrize(
    ("blob", "kind"),
    [
        (Blob("a.txt", 0), None),
        (Blob("a.txt", MAX_GIT_FILE, b"text"), None),
        (Blob("a.txt", MAX_GIT_FILE + 1, b"text"), "large"),
        (Blob("a.bin", MAX_GIT_FILE + 1, b"\0"), "large"),
        (Blob("a.bin", MAX_BINARY, b"\0"), None),
        (Blob("a.bin", MAX_BINARY + 1, b"\0"), "binary"),
        (Blob("a.txt", MAX_BINARY + 1, b"text"), None),
        (Blob("a.bin", 130, b"version", pointer=POINTER), None),
        (Blob("a.bin", 130, b"version", pointer=POINTER, pointer_stored=False), "pointer"),
    ],
)
def test_each_rule(blob, kind):
    found = offence(blob)
    assert (found and found.kind) == kind


def test_the_limit_is_a_parameter():
    assert offence(Blob("a", 101), max_git_file=100) == Offence("large", "a", "refs/heads/main")


@pytest.mark.parametrize(
    ("start", "binary"),
    [(b"", False), (b"text", False), (b"\xff\xfe", False), (b"a\0b", True), (b"a" * 8000 + b"\0", False)],
)
def test_binary_is_what_git_calls_binary(start, binary):
    assert is_binary(start) is binary


def test_the_block_for_large_files_is_the_hubs():
    text = refusal([Offence("large", "big/model.bin", "refs/heads/main"), Offence("large", "b", "refs/heads/x")])
    assert text.splitlines() == [
        "-" * 73,
        "Your push was rejected because it contains files larger than 10 MiB.",
        "Please use https://git-lfs.github.com/ to store large files.",
        "See also: https://hf.co/docs/hub/repositories-getting-started#terminal",
        "",
        "Offending files:",
        "  - big/model.bin (ref: refs/heads/main)",
        "  - b (ref: refs/heads/x)",
        "-" * 73,
    ]


def test_every_broken_rule_has_its_own_block():
    text = refusal([Offence("binary", "a.mp4", "refs/heads/main"), Offence("pointer", "b.bin", "refs/heads/main")])
    assert "Your push was rejected because it contains binary files." in text
    assert "LFS pointer pointed to a file that does not exist" in text
    assert text.count("-" * 73) == 4
    assert "larger than" not in text


def test_no_offence_no_text():
    assert refusal([]) is None


def test_control_characters_of_a_path_do_not_reach_a_terminal():
    assert "\x1b" not in refusal([Offence("large", "a\x1b[2Jb", "refs/heads/main")])


def test_a_smaller_limit_is_told_as_it_is():
    assert "larger than 0.5 MiB" in refusal([Offence("large", "a", "r")], max_git_file=512 * 1024)
