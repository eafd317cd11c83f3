"""hooks/pre-commit in real commits, by each shell: what is staged decides, whatever else is so."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.hooked import Place, in_every_shell

pytestmark = pytest.mark.needs("git")
LIMIT = 1000
BIG = b"x\n" * LIMIT
SMALL = b"x\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 2000\n"
"""Sizes are small here, and so is the limit, which is a setting."""


def begin(place: Place, shell: str) -> None:
    """One commit with a small file and a big one, and the hook from then on."""
    place.write("small.txt", SMALL)
    place.write("old big.txt", BIG + b"old")
    place.done("add", ".")
    place.done("commit", "-qm", "before")
    place.done("config", "hfpush.limit", str(LIMIT))
    place.hook("pre-commit", shell)


def stage(place: Place, name: str | bytes, content: bytes) -> None:
    place.write(name, content)
    place.done("add", "-A")


def new_big(place: Place) -> list[str]:
    stage(place, "new.txt", BIG)
    return []


def new_big_below(place: Place) -> list[str]:
    stage(place, "a/b/c.txt", BIG)
    return []


def grown_and_commit_all(place: Place) -> list[str]:
    place.write("small.txt", BIG)
    return ["-a"]


def grown_and_commit_path(place: Place) -> list[str]:
    place.write("small.txt", BIG)
    return ["small.txt"]


def changed_big(place: Place) -> list[str]:
    stage(place, "old big.txt", BIG + b"new")
    return []


def moved_and_changed(place: Place) -> list[str]:
    place.done("mv", "old big.txt", "moved.txt")
    stage(place, "moved.txt", BIG + b"old and a line\n")
    return []


def raw_under_lfs(place: Place) -> list[str]:
    stage(place, ".gitattributes", b"*.txt filter=lfs diff=lfs merge=lfs -text\n")
    for setting in ("clean", "smudge", "process"):
        place.done("config", f"filter.lfs.{setting}", "")
    place.done("config", "filter.lfs.required", "false")
    stage(place, "raw.txt", BIG)
    return []


def shrunk_after_staging(place: Place) -> list[str]:
    stage(place, "new.txt", BIG)
    place.write("new.txt", SMALL)
    return []


def staged_without_a_file(place: Place) -> list[str]:
    stage(place, "new.txt", BIG)
    (place.path / "new.txt").unlink()
    return []


def amended(place: Place) -> list[str]:
    stage(place, "new.txt", BIG)
    return ["--amend"]


def binary(place: Place) -> list[str]:
    stage(place, "logo.png", b"\x89PNG\0")
    return []


def link_becomes_big(place: Place) -> list[str]:
    (place.path / "link").symlink_to("small.txt")
    place.done("add", ".")
    place.done("commit", "-qm", "a link")
    (place.path / "link").unlink()
    stage(place, "link", BIG)
    return []


def named(name: str | bytes) -> Callable[[Place], list[str]]:
    def odd_name(place: Place) -> list[str]:
        stage(place, name, BIG)
        return []

    return odd_name


ODD_NAMES = (
    "a b",
    'quo"te',
    "back\\slash",
    "new\nline",
    "t\tab",
    "ünï",
    b"latin\xf6",
    " first",
    "last ",
    "-x",
    "!n",
    "=e",
)
STOPPED = [
    *(new_big, new_big_below, grown_and_commit_all, grown_and_commit_path, changed_big, moved_and_changed),
    *(raw_under_lfs, shrunk_after_staging, staged_without_a_file, amended, binary, link_becomes_big),
]


@pytest.mark.parametrize("change", STOPPED, ids=lambda change: change.__name__)
def test_a_commit_that_brings_in_what_the_hub_refuses_is_stopped(
    place: Place, shell: str, change: Callable[[Place], list[str]]
) -> None:
    begin(place, shell)
    words = change(place)
    before = place.done("rev-parse", "HEAD")
    ended = place.git("commit", "-qm", "x", *words)
    assert ended.returncode == 1, ended.stderr
    assert place.done("rev-parse", "HEAD") == before
    assert ended.stderr.endswith(b"\n  hfpush track\n")
    assert b"HFPUSH_SKIP=1" in ended.stderr
    assert place.git("commit", "-qm", "x", *words, env={"HFPUSH_SKIP": "1"}).returncode == 0


@in_every_shell
@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_a_name_of_any_bytes_is_stopped_too(place: Place, shell: str, name: str | bytes) -> None:
    begin(place, shell)
    named(name)(place)
    ended = place.git("commit", "-qm", "x")
    assert ended.returncode == 1
    assert ended.stderr.count(b"MiB, and git itself may hold") == 1


def small(place: Place) -> list[str]:
    stage(place, "new.txt", SMALL)
    return []


def exactly_the_limit(place: Place) -> list[str]:
    stage(place, "new.txt", b"x" * LIMIT)
    return []


def pointer(place: Place) -> list[str]:
    stage(place, "model.bin", POINTER)
    return []


def deleted(place: Place) -> list[str]:
    place.done("rm", "-q", "old big.txt")
    return []


def moved(place: Place) -> list[str]:
    place.done("mv", "old big.txt", "moved.txt")
    return []


def new_mode(place: Place) -> list[str]:
    place.done("update-index", "--chmod=+x", "old big.txt")
    return []


def new_mode_of_a_binary(place: Place) -> list[str]:
    place.write("logo.png", b"\x89PNG\0")
    place.done("add", ".")
    assert place.git("commit", "-qm", "logo", env={"HFPUSH_SKIP": "1"}).returncode == 0
    place.done("update-index", "--chmod=+x", "logo.png")
    return []


def link(place: Place) -> list[str]:
    (place.path / "link").symlink_to("old big.txt")
    place.done("add", "link")
    return []


def part_of_a_big_file(place: Place) -> list[str]:
    stage(place, "new.txt", SMALL)
    place.write("new.txt", BIG)
    return []


def added_by_name_only(place: Place) -> list[str]:
    place.write("new.txt", BIG)
    place.done("add", "-N", "new.txt")
    return ["--allow-empty"]


def submodule(place: Place) -> list[str]:
    head = place.done("rev-parse", "HEAD")
    place.done("update-index", "--add", "--cacheinfo", f"160000,{head},module")
    return []


def empty(place: Place) -> list[str]:
    stage(place, "new.txt", b"")
    return []


def message_alone(place: Place) -> list[str]:
    return ["--amend"]


def many(place: Place) -> list[str]:
    for number in range(500):
        place.write(f"many/{number}.txt", b"%d\n" % number)
    place.done("add", ".")
    return []


def not_staged(place: Place) -> list[str]:
    small(place)
    place.write("not staged.txt", BIG)
    return []


PASSED = [
    *(
        small,
        exactly_the_limit,
        pointer,
        deleted,
        moved,
        new_mode,
        new_mode_of_a_binary,
        link,
        part_of_a_big_file,
        added_by_name_only,
    ),
    *(submodule, empty, message_alone, many, not_staged),
]


@pytest.mark.parametrize("change", PASSED, ids=lambda change: change.__name__)
def test_any_other_commit_passes_without_a_word_and_without_python(
    place: Place, program: Path, shell: str, change: Callable[[Place], list[str]]
) -> None:
    begin(place, shell)
    ended = place.git("commit", "-qm", "x", *change(place))
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert not (program / "notes").exists()


@in_every_shell
def test_the_first_commit_is_judged(place: Place, shell: str) -> None:
    place.hook("pre-commit", shell)
    place.done("config", "hfpush.limit", str(LIMIT))
    stage(place, "new.txt", BIG)
    assert place.git("commit", "-qm", "x").returncode == 1
    place.done("rm", "-q", "--cached", "new.txt")
    place.done("add", "-N", "new.txt")
    stage(place, "new.txt", SMALL)
    assert place.git("commit", "-qm", "x").returncode == 0


@in_every_shell
def test_the_limit_is_the_hubs_unless_it_is_set(place: Place, shell: str) -> None:
    place.hook("pre-commit", shell)
    stage(place, "exact.txt", b"x" * (10 * 2**20))
    assert place.git("commit", "-qm", "x").returncode == 0
    stage(place, "more.txt", b"x" * (10 * 2**20 + 1))
    ended = place.git("commit", "-qm", "x")
    assert ended.returncode == 1
    assert b"more.txt: 10.0 MiB" in ended.stderr


def test_a_linked_work_tree_and_a_subfolder_are_judged_the_same(place: Place, shell: str) -> None:
    begin(place, shell)
    place.done("worktree", "add", "-q", "../other")
    other = Place(place.path.parent / "other")
    stage(other, "sub/new.txt", BIG)
    assert Place(other.path / "sub").git("commit", "-qm", "x").returncode == 1


def conflict(place: Place) -> None:
    """A merge that stops: both sides changed small.txt, and the other one has a big file of its own."""
    main = place.done("branch", "--show-current")
    place.done("switch", "-q", "-c", "side")
    place.write("small.txt", b"side\n")
    stage(place, "theirs.txt", BIG)
    assert place.git("commit", "-qm", "side", env={"HFPUSH_SKIP": "1"}).returncode == 0
    place.done("switch", "-q", main)
    stage(place, "small.txt", b"main\n")
    place.done("commit", "-qm", "main")
    assert place.git("merge", "side").returncode == 1


def test_a_merge_passes_with_what_the_other_branch_has_already(place: Place, shell: str) -> None:
    begin(place, shell)
    conflict(place)
    stage(place, "small.txt", b"both\n")
    ended = place.git("commit", "-qm", "merge")
    assert (ended.returncode, ended.stderr) == (0, b"")


@in_every_shell
def test_a_merge_that_brings_in_something_of_its_own_is_stopped(place: Place, shell: str) -> None:
    begin(place, shell)
    conflict(place)
    stage(place, "small.txt", BIG)
    ended = place.git("commit", "-qm", "merge")
    assert ended.returncode == 1
    assert b"small.txt" in ended.stderr
    assert b"theirs.txt" not in ended.stderr


def test_a_repository_of_sha256_is_judged_the_same(tmp_path: Path, place: Place, shell: str) -> None:
    place.done("init", "-q", "--object-format=sha256", str(tmp_path / "other"))
    other = Place(tmp_path / "other")
    other.done("config", "hfpush.limit", str(LIMIT))
    other.hook("pre-commit", shell)
    stage(other, "new.txt", BIG)
    assert other.git("commit", "-qm", "x").returncode == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("diff.renames", "false"),
        ("diff.external", "false"),
        ("core.quotePath", "true"),
        ("color.ui", "always"),
        ("diff.noprefix", "true"),
        ("core.abbrev", "8"),
        ("diff.algorithm", "patience"),
        ("core.bigFileThreshold", "1"),
        ("diff.ignoreSubmodules", "none"),
    ],
)
def test_no_setting_of_the_user_changes_the_answer(place: Place, shell: str, name: str, value: str) -> None:
    begin(place, shell)
    place.done("config", name, value)
    place.done("mv", "old big.txt", "moved.txt")
    stage(place, "new.txt", SMALL)
    ended = place.git("commit", "-qm", "x")
    assert (ended.returncode, ended.stderr) == (0, b"")
    stage(place, "bïg.txt", BIG)
    ended = place.git("commit", "-qm", "x")
    assert ended.returncode == 1
    assert "bïg.txt: 0.0 MiB".encode() in ended.stderr


@in_every_shell
@pytest.mark.parametrize(("verdict", "ends"), [("0", 0), ("1", 1), ("3", 1)])
def test_hfpush_has_the_last_word_where_it_is_there(
    place: Place, program: Path, shell: str, verdict: str, ends: int
) -> None:
    begin(place, shell)
    new_big(place)
    (program / "verdict").write_text(verdict)
    ended = place.git("commit", "-qm", "x")
    assert ended.returncode == ends
    assert (program / "notes").read_text() == "pre-commit\n"
    assert ended.stderr.endswith(b"  hfpush track\n") == (verdict == "3")


@in_every_shell
def test_git_that_fails_lets_the_commit_go_with_a_word(place: Place, shell: str, tmp_path: Path) -> None:
    begin(place, shell)
    new_big(place)
    (tmp_path / "bin").mkdir()
    broken = tmp_path / "bin/git"
    broken.write_text('#!/bin/sh\ncase " $* " in *" diff-index "*) exit 128 ;; esac\nPATH=${PATH#*:} exec git "$@"\n')
    broken.chmod(0o755)
    hook = place.path / ".git/hooks/pre-commit"
    hook.write_text(hook.read_text().replace("\n", f"\nPATH='{tmp_path}/bin':$PATH\n", 1))
    ended = place.git("commit", "-qm", "x")
    assert ended.returncode == 0
    assert b"unchecked" in ended.stderr


@in_every_shell
@pytest.mark.parametrize("first_line", ["{0} -e", "{0} -eu", "{0} -u"])
def test_it_stands_in_a_hook_of_strict_options(place: Place, shell: str, first_line: str) -> None:
    begin(place, shell)
    hook = place.hook("pre-commit", first_line.format(shell))
    hook.write_text(hook.read_text() + 'echo mine >"$GIT_DIR/mine"\n')
    if "busybox" in shell:
        pytest.skip("a first line has room for one word behind the program")
    stage(place, "new.txt", SMALL)
    assert place.git("commit", "-qm", "x", env={"GIT_DIR": str(place.path / ".git")}).returncode == 0
    assert (place.path / ".git/mine").exists()
    os.unlink(place.path / ".git/mine")
    stage(place, "new.txt", BIG)
    assert place.git("commit", "-qm", "x").returncode == 1
    assert not (place.path / ".git/mine").exists()
