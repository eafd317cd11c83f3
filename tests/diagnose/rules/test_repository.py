from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Purpose, Question
from hfpush.diagnose.facts.machine import Machine, Program
from hfpush.diagnose.facts.repository import MOST_COMMITS, Corrupt, Repository
from hfpush.diagnose.rules.repository import causes

WELL = Repository(
    "repository",
    "/models/my model",
    "main",
    connected=True,
    lfs_files=2,
    lfs_filter="git-lfs",
    lfs_hook=True,
    hook_by="git-lfs",
    hooks_path="/models/my model/.git/hooks",
    unpushed=1,
    looked="all",
)
ALL_THERE = Machine((Program("git", "/usr/bin/git", "2.39.5"), Program("git-lfs", "/usr/bin/git-lfs", "3.3.0")))
GONE = Machine((Program("git", "/usr/bin/git", "2.39.5"), Program("git-lfs")))


def told(
    one: Repository = WELL, machine: Machine = ALL_THERE, purpose: Purpose = "all", account: Account | None = None
) -> dict[str, str]:
    """Severity by reference."""
    facts = Facts(Question(purpose), machine, repository=one, account=account or Account())
    return {cause.finding.reference: cause.finding.severity for cause in causes(facts)}


def remedy(one: Repository, machine: Machine = ALL_THERE) -> tuple[str, ...]:
    (cause,) = causes(Facts(machine=machine, repository=one))
    return cause.finding.remedy


def test_a_well_kept_repository_has_nothing() -> None:
    assert told() == {}
    assert told(Repository()) == {}


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        ({"lfs_hook": False, "hook_by": ""}, "error"),
        ({"lfs_hook": False, "hook_by": "other"}, "error"),
        ({"lfs_hook": False, "hook_idle": True}, "error"),
        ({"lfs_hook": False, "hook_by": "", "unpushed": 0}, "warning"),
        ({"lfs_hook": False, "hook_by": "", "unpushed": None}, "error"),
        ({"lfs_hook": False, "hook_by": "", "lfs_files": 0}, None),
        ({"lfs_hook": False, "hook_by": "", "managed": True}, None),
        ({"lfs_hook": False, "hook_by": "", "connected": False}, None),
        ({"lfs_hook": None, "hook_by": ""}, None),
    ],
)
def test_a_push_without_the_hook_that_sends_lfs_files_is_told(change: dict[str, object], severity: str | None) -> None:
    expected = {} if severity is None else {"lfs-hook-missing": severity}
    assert told(replace(WELL, **change)) == expected  # type: ignore[arg-type]
    assert told(replace(WELL, **change), purpose="fetch") == {}  # type: ignore[arg-type]


def test_what_helps_against_a_missing_hook_is_for_the_real_paths() -> None:
    gone = remedy(replace(WELL, lfs_hook=False, hook_by=""))[0]
    assert shlex.split(gone) == ["git", "-C", "/models/my model", "lfs", "install", "--local"]
    idle = remedy(replace(WELL, lfs_hook=False, hook_idle=True))[0]
    assert shlex.split(idle) == ["chmod", "+x", "/models/my model/.git/hooks/pre-push"]


@pytest.mark.parametrize(
    ("change", "machine", "expected"),
    [
        ({}, GONE, {"git-lfs-missing": "error"}),
        ({"lfs_filter": "hfpush", "hook_by": "hfpush"}, GONE, {}),
        ({"lfs_filter": "hfpush", "hook_by": "git-lfs"}, GONE, {"git-lfs-missing": "error"}),
        ({"lfs_files": 0, "hook_by": ""}, GONE, {}),
        ({}, Machine(), {}),
        ({"lfs_filter": ""}, ALL_THERE, {"lfs-filter-missing": "warning"}),
        ({"lfs_filter": "", "lfs_files": 0}, ALL_THERE, {}),
        ({"lfs_filter": "", "state": "bare"}, ALL_THERE, {}),
    ],
)
def test_programs_that_git_calls_and_has_not_are_told(
    change: dict[str, object], machine: Machine, expected: dict[str, str]
) -> None:
    assert told(replace(WELL, **change), machine) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("purpose", "severity"), [("all", "warning"), ("fetch", "error"), ("publish", None)])
def test_pointers_in_place_of_files_matter_to_who_wants_the_files(purpose: Purpose, severity: str | None) -> None:
    found = told(replace(WELL, texts=("a.bin",), text_count=1), purpose=purpose)
    assert found == ({} if severity is None else {"pointers-not-files": severity})


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"text_bytes": 5}, "git -C '/models/my model' lfs pull"),
        ({"text_bytes": 0}, "git -C '/models/my model' lfs checkout"),
    ],
)
def test_content_is_fetched_only_where_it_is_not_here(change: dict[str, int], line: str) -> None:
    assert remedy(replace(WELL, texts=("a.bin",), text_count=1, **change)) == (line,)  # type: ignore[arg-type]


@pytest.mark.parametrize(("in_tree", "end"), [(True, "add --renormalize ."), (False, "lfs fetch --all")])
def test_a_damaged_object_comes_from_the_work_tree_or_from_the_remote(in_tree: bool, end: str) -> None:
    lines = remedy(replace(WELL, corrupt=(Corrupt("/models/my model/.git/lfs/objects/aa", "a.bin", in_tree),)))
    assert lines[0] == "rm -f '/models/my model/.git/lfs/objects/aa'"
    assert lines[1].endswith(end)


def test_a_text_like_a_token_is_a_warning_that_is_not_certain() -> None:
    (cause,) = causes(Facts(repository=replace(WELL, tokens=("a.py, in the commit 12",))))
    assert (cause.finding.reference, cause.finding.severity, cause.certain) == ("secret-in-history", "warning", False)


@pytest.mark.parametrize(
    ("advertised", "expected"),
    [((), {"tracking-stale": "error"}), (("1" * 40,), {}), (("2" * 40,), {}), (None, {})],
)
def test_tracking_refs_are_stale_for_certain_only_where_the_hub_has_nothing(
    advertised: tuple[str, ...] | None, expected: dict[str, str]
) -> None:
    account = Account(advertised=advertised)
    assert told(replace(WELL, tracked=("1" * 40,)), account=account) == expected
    assert told(account=account) == {}


def test_a_submodule_that_was_not_pushed_is_pushed_along() -> None:
    one = replace(WELL, submodules=1, unpushed_submodules=("inner",))
    assert told(one) == {"submodule-unpushed": "warning"}
    assert remedy(one) == ("git -C '/models/my model' push --recurse-submodules=on-demand",)


@pytest.mark.parametrize(
    ("version", "largest", "severity"),
    [
        ("2.30.0", 0, None),
        ("2.29.2", 0, "warning"),
        ("2.33.0.windows.2", 10, "warning"),
        ("2.33.0.windows.2", 2**32, "error"),
        ("2.34.0.windows.1", 2**32, None),
        ("2.33.0", 2**32, None),
        ("", 0, None),
        ("unknown", 0, None),
    ],
)
def test_a_git_that_is_too_old_is_told(version: str, largest: int, severity: str | None) -> None:
    machine = Machine((Program("git", "/usr/bin/git", version), Program("git-lfs", "/l", "3.3.0")))
    found = told(replace(WELL, largest_lfs=largest), machine)
    assert found == ({} if severity is None else {"git-too-old": severity})


@pytest.mark.parametrize(
    ("looked", "unpushed", "words"),
    [
        ("tip", 700, "of 700 commits that is to be pushed is not known in all: only the newest commit was looked at"),
        ("sizes", 1, "of 1 commit that is to be pushed is not known in all: only the sizes of its files were"),
        ("nothing", MOST_COMMITS + 1, "of more than 20,000 commits"),
        ("nothing", None, "the history that is to be pushed"),
    ],
)
def test_what_was_not_looked_at_is_said(looked: str, unpushed: int | None, words: str) -> None:
    (cause,) = causes(Facts(repository=replace(WELL, looked=looked, unpushed=unpushed, why="it takes longer")))
    assert (cause.finding.reference, cause.finding.severity) == ("history-unread", "note")
    assert words in cause.finding.message
