"""What stands in the way of a mending. Most of it is seen end to end in tests/commands/test_fix.py."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from support.mendable import Repo, offending

from hfpush.repo.mend.preflight import at_risk, edited, follows, no_room, obstacles, refusals, room
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.values import Offence, RewritePlan
from hfpush.repo.scope import Scope


def plan_for(*paths: str, lfs_bytes: int = 10, refs: tuple[str, ...] = ("refs/heads/main",)) -> RewritePlan:
    offences = tuple(Offence("c" * 40, path, "b" * 40, 10) for path in paths)
    return RewritePlan(Scope({}), offences, (), 1, dict.fromkeys(refs, "c" * 40), {"b" * 40: 10}, lfs_bytes)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return offending(tmp_path / "repo")


def references(repo: Repo, plan: RewritePlan) -> list[str]:
    return [one.reference for one in refusals(Repository.around(repo.path), plan)]


def test_paths_at_risk_are_the_offending_ones_and_the_attribute_files_on_the_way() -> None:
    assert at_risk(plan_for("a/b/w.bin", "x")) == {
        *("a/b/w.bin", "x", ".gitattributes", "a/.gitattributes", "a/b/.gitattributes")
    }


def test_a_clean_repository_has_nothing_in_the_way(repo: Repo) -> None:
    assert references(repo, plan_for("x.dat")) == []


def test_a_commit_without_a_place_for_attributes_is_in_the_way(repo: Repo) -> None:
    assert references(repo, replace(plan_for("x.dat"), no_place=("c" * 40,))) == ["attributes-not-a-file"]


@pytest.mark.parametrize(
    ("refs", "detached", "expected"),
    [
        (["refs/heads/main"], False, True),
        (["refs/heads/side", "HEAD"], False, False),
        (["refs/heads/main"], True, False),
        (["HEAD"], True, True),
    ],
)
def test_files_follow_only_what_is_checked_out(repo: Repo, refs: list[str], detached: bool, expected: bool) -> None:
    if detached:
        repo.git("switch", "-q", "--detach")
    assert follows(Repository.open(repo.path), refs) is expected


def test_staged_changes_matter_only_where_files_follow(repo: Repo) -> None:
    repo.write("notes.txt", b"staged\n")
    repo.git("add", "notes.txt")
    repository = Repository.open(repo.path)
    assert [one.reference for one in obstacles(repository, ["refs/heads/main"])] == ["fix-staged"]
    assert obstacles(repository, ["refs/heads/side"]) == ()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("x.dat", b"edited", ["fix-edited"]),
        (".gitattributes", b"new and not committed\n", ["fix-edited"]),
        ("weights/.gitattributes", b"new and not committed\n", []),
        ("notes.txt", b"edited\n", []),
        ("new.bin", b"new", []),
    ],
)
def test_only_files_that_would_change_are_in_the_way(
    repo: Repo, name: str, content: bytes, expected: list[str]
) -> None:
    repo.write(name, content)
    assert [one.reference for one in edited(Repository.open(repo.path), at_risk(plan_for("x.dat")))] == expected


def test_the_remedies_are_quoted_for_the_shell(tmp_path: Path) -> None:
    repo = offending(tmp_path / "my repo's")
    repo.write("x.dat", b"edited")
    (finding,) = refusals(Repository.open(repo.path), plan_for("x.dat"))
    assert f"git -C '{tmp_path}/my repo'\"'\"'s' add -- x.dat" in finding.remedy[0]


def test_a_disk_that_is_too_small_is_told_before(repo: Repo) -> None:
    assert references(repo, plan_for("x.dat", lfs_bytes=2**60)) == ["fix-needs-room"]
    assert list(room(Repository.open(repo.path), plan_for("x.dat"))) == []


def test_how_much_room_is_lacking_is_said() -> None:
    finding = no_room(Path("/disk"), 3_000_000, 1_000_000)
    assert finding.evidence == ("/disk: 3.0 MB needed, 1.0 MB free",)
    assert "2.0 MB" in finding.remedy[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_repository_that_cannot_be_written_is_told(repo: Repo) -> None:
    folder = repo.path / ".git/refs"
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert references(repo, plan_for("x.dat")) == ["fix-unwritable"]
    folder.chmod(0o755)


def test_everything_in_the_way_is_told_at_once(repo: Repo) -> None:
    repo.write("x.dat", b"edited")
    repo.git("replace", "HEAD", "HEAD~1")
    (repo.path / ".git/MERGE_HEAD").write_text(repo.git("rev-parse", "side") + "\n")
    assert references(repo, plan_for("x.dat", lfs_bytes=2**60)) == [
        *("fix-replaced", "fix-operation", "fix-edited", "fix-needs-room")
    ]
