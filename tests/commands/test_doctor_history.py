from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from support.ailing import Room
from support.ailments.repositories import commit, git, new_repo, write

from hfpush.commands.doctor_history import Looked, is_crowded, look_at_history
from hfpush.endpoints import Endpoint
from hfpush.repo.repository import Repository

HUB = Endpoint("hf", "https://hf.test")
REMOTES = (("origin", "https://hf.test/acme/model"),)
BINARY = bytes(range(256)) * 9


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def looked_at(repo: Path, **more: Any) -> Looked:
    until = time.monotonic() + more.pop("seconds", 30.0)
    return look_at_history(
        Repository.around(repo), HUB, REMOTES, repo_type="model", place=str(repo), until=until, **more
    )


def many_commits(repo: Path, count: int) -> None:
    """So many commits that change nothing, all at once."""
    commits = [
        f"commit refs/heads/main\ncommitter Ada Example <ada@example.com> {10**9 + at} +0000\ndata 1\nx\n"
        + ("from refs/heads/main^0\n" if at == 0 else "")
        for at in range(count)
    ]
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repo, input="".join(commits).encode(), check=True)


def references(looked: Looked) -> list[str]:
    return [one.reference for one in looked.findings]


def test_a_short_history_is_looked_at_whole(room: Room) -> None:
    repo = new_repo(room, {"weights.dat": BINARY})
    (repo / "weights.dat").unlink()
    commit(repo)
    found = looked_at(repo)
    assert (found.looked, found.unpushed, references(found)) == ("all", 2, ["binary-file-in-git"])


def test_of_a_long_one_in_haste_only_the_newest_commit_s_files_are_looked_at(room: Room) -> None:
    repo = new_repo(room, {"gone.dat": BINARY, "here.dat": BINARY[::-1]})
    (repo / "gone.dat").unlink()
    commit(repo)
    many_commits(repo, 101)
    found = looked_at(repo, hasty=True)
    assert (found.looked, found.unpushed) == ("tip", 103)
    assert "103 commits" in found.why
    (finding,) = found.findings
    assert finding.reference == "binary-file-in-git"
    assert "here.dat" in str(finding.evidence)
    assert "gone.dat" not in str(finding.evidence)
    assert looked_at(repo).looked == "all"


def test_of_many_files_in_haste_only_the_sizes_are_looked_at(room: Room) -> None:
    repo = new_repo(room, {f"texts/{number}.txt": f"{number}\n" for number in range(1001)})
    write(repo, {"weights.dat": BINARY, "large.txt": b"0123456789abcde\n" * (11 * 2**16)})
    commit(repo)
    assert is_crowded(Repository.around(repo))
    found = looked_at(repo, hasty=True, crowded=True)
    assert (found.looked, references(found)) == ("sizes", ["large-file-in-git"])
    assert sorted(references(looked_at(repo))) == ["binary-file-in-git", "large-file-in-git"]


def test_without_time_nothing_is_looked_at_and_that_is_said(room: Room) -> None:
    found = looked_at(new_repo(room), seconds=0.0)
    assert (found.looked, found.findings) == ("nothing", ())
    assert found.why


def test_what_the_hub_has_is_not_looked_at(room: Room) -> None:
    repo = new_repo(room, {"weights.dat": BINARY})
    git(repo, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert looked_at(repo) == Looked("all", unpushed=0)


def test_a_history_that_git_cannot_read_is_a_finding(room: Room) -> None:
    repo = new_repo(room)
    tree = git(repo, "rev-parse", "HEAD^{tree}")
    (repo / ".git/objects" / tree[:2] / tree[2:]).unlink()
    assert references(looked_at(repo)) == ["repo-damaged"]
