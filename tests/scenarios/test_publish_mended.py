"""Large files in git itself, from the refusal before anything is sent to a Hub that has it all, in each way to mend."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import CommandLine, git, objects_at
from support.killable import Killable

from hfpush.localhub import LocalHub

LARGE = os.urandom(2**20) * 12
REFS = ("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub", url_ttl=60) as hub:
        yield hub


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Three commits; the second one brings a file of 12 MiB and a small picture into git itself."""
    path = tmp_path / "model"
    path.mkdir()
    git(path, "init", "-q")
    commit(path, "a text", {"README.md": b"# a model\n"})
    commit(path, "weights", {"weights.bin": LARGE, "picture of it.png": b"\x89PNG\r\n\x1a\n\0\0" + os.urandom(300)})
    commit(path, "more text", {"notes.txt": b"notes\n"})
    return path


def commit(path: Path, message: str, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (path / name).write_bytes(content)
    git(path, "add", "-A")
    git(path, "commit", "-q", "-m", message)


def stock_clone(hub: LocalHub, place: Path) -> Path:
    url = f"{hub.url}/local/model".replace("http://", f"http://user:{hub.token}@")
    git(place.parent, "-c", "filter.lfs.process=git-lfs filter-process", "clone", "-q", url, str(place))
    return place


def same_files(here: Path, there: Path) -> bool:
    skip = ["-x", ".git", "-x", ".gitattributes"]
    return subprocess.run(["diff", "-r", *skip, str(here), str(there)], check=False).returncode == 0


def test_a_history_that_the_hub_refuses_is_refused_before_anything_is_made_or_sent(
    hub: LocalHub, repo: Path, tmp_path: Path
) -> None:
    line = CommandLine(tmp_path, hub)
    said = line.publish(repo)
    assert (said.code, said.reference) == (1, "large-file-in-git")
    assert any("weights.bin" in seen for seen in said.document["error"]["evidence"])
    assert any(command.startswith("hfpush fix") for command in said.document["error"]["remedy"])
    assert "binary-file-in-git" in [one["reference"] for one in said.document["also"]]
    assert objects_at(hub) == set()
    assert not hub.seen.count("create")


@pytest.mark.needs("git-lfs")
def test_fix_then_publish_arrives_and_undo_gives_the_old_ids_back(hub: LocalHub, repo: Path, tmp_path: Path) -> None:
    line = CommandLine(tmp_path, hub)
    before = git(repo, *REFS)
    assert line.publish(repo).code == 1
    fixed = line.run("fix", str(repo), "--yes")
    assert fixed.code == 0, fixed
    assert line.run("audit", str(repo)).code == 0
    said = line.publish(repo)
    assert said.code == 0, said
    assert same_files(repo, stock_clone(hub, tmp_path / "clone"))
    undone = line.run("fix", str(repo), "--undo")
    assert undone.code == 0, undone
    assert git(repo, *REFS) == before
    assert git(repo, "status", "--porcelain") == ""


@pytest.mark.needs("git-lfs")
def test_publish_mends_on_the_way(hub: LocalHub, repo: Path, tmp_path: Path) -> None:
    line = CommandLine(tmp_path, hub)
    before = git(repo, *REFS)
    said = line.publish(repo, "--fix")
    assert said.code == 0, said
    mended = said.document["plan"]["mended"]
    assert (mended["how"], mended["files"], mended["commits"]) == ("fix", 2, 2)
    assert git(repo, *REFS) != before
    assert same_files(repo, stock_clone(hub, tmp_path / "clone"))
    again = line.publish(repo, "--fix")
    assert again.document["plan"]["nothing_to_do"] is True


@pytest.mark.slow
@pytest.mark.needs("git-lfs")
def test_a_mended_copy_leaves_the_repository_alone_and_grows_with_it(hub: LocalHub, repo: Path, tmp_path: Path) -> None:
    line = CommandLine(tmp_path, hub)

    def mine() -> tuple[str, str, bytes]:
        return git(repo, *REFS), git(repo, "status", "--porcelain"), (repo / ".git/index").read_bytes()

    before = mine()
    first = line.publish(repo, "--rewrite")
    assert first.code == 0, first
    assert mine() == before
    assert first.document["plan"]["mended"]["how"] == "rewrite"
    commit(repo, "a third text", {"third.txt": b"3\n"})
    assert line.publish(repo).reference == "large-file-in-git"
    before = mine()
    second = line.publish(repo, "--rewrite")
    assert second.code == 0, second
    assert second.document["plan"]["move"] == "forward"
    assert second.document["plan"]["missing"] == 0
    assert mine() == before
    clone = stock_clone(hub, tmp_path / "clone")
    assert same_files(repo, clone)
    assert git(clone, "log", "--format=%s") == git(repo, "log", "--format=%s")
    assert line.publish(repo, "--rewrite").document["plan"]["nothing_to_do"] is True


@pytest.mark.slow
def test_another_machine_makes_the_same_copy(hub: LocalHub, repo: Path, tmp_path: Path) -> None:
    line = CommandLine(tmp_path, hub)
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(repo), str(other))
    assert line.publish(repo, "--rewrite").code == 0
    commit(other, "from elsewhere", {"there.txt": b"there\n"})
    said = line.publish(other, "--rewrite")
    assert said.code == 0, said
    assert said.document["plan"]["move"] == "forward"


def test_a_dry_run_says_what_would_be_mended_and_changes_nothing(hub: LocalHub, repo: Path, tmp_path: Path) -> None:
    before = sorted(path.name for path in (repo / ".git").rglob("*"))
    said = CommandLine(tmp_path, hub).publish(repo, "--rewrite", "--dry-run")
    assert said.code == 0, said
    assert "history-to-be-mended" in [note["reference"] for note in said.document["plan"]["notes"]]
    assert sorted(path.name for path in (repo / ".git").rglob("*")) == before


def test_fix_and_rewrite_are_not_given_together(hub: LocalHub, repo: Path, tmp_path: Path) -> None:
    said = CommandLine(tmp_path, hub).publish(repo, "--rewrite", "--fix")
    assert (said.code, said.reference) == (2, "publish-twofold")


def test_the_hub_has_the_last_word_on_what_is_binary(hub: LocalHub, tmp_path: Path) -> None:
    hub.create("local/model")
    path = tmp_path / "latin"
    path.mkdir()
    git(path, "init", "-q")
    commit(path, "a text in another encoding", {"notes.txt": "h\u00e9t\u00e9\n".encode("latin-1")})
    line = CommandLine(tmp_path, hub)
    assert line.run("audit", str(path)).code == 1
    said = line.publish(path)
    assert said.code == 0, said
    assert hub.seen.count("preupload") == 1


@pytest.mark.slow
def test_while_a_fix_is_interrupted_nothing_else_is_done(hub: LocalHub, repo: Path, tmp_path: Path) -> None:
    with Killable() as killable:
        assert killable.run(repo, at="refs") < 0
    line = CommandLine(tmp_path, hub)
    said = line.publish(repo)
    assert (said.code, said.reference) == (1, "fix-interrupted")
    audited = line.run("audit", str(repo), "--json")
    assert audited.code == 1
    assert audited.document["findings"][0]["reference"] == "fix-interrupted"
    assert line.publish(repo, "--fix").code == 0
