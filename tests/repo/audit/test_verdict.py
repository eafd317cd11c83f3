from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from support.command_line import git, make_repo

from hfpush.repo.audit.hub_modes import with_hub_modes
from hfpush.repo.audit.judged import Verdict
from hfpush.repo.audit.scan import scan
from hfpush.repo.audit.scoping import everything, to_push
from hfpush.repo.audit.verdict import verdict_on
from hfpush.repo.repository import Repository

pytestmark = pytest.mark.needs("git")


def verdict(path: Path, **more: object) -> Verdict:
    repository = Repository.around(path)
    return verdict_on(repository, scan(repository, everything(repository)), **more)  # type: ignore[arg-type]


def references(path: Path, **more: object) -> list[str]:
    return [finding.reference for finding in verdict(path, **more).findings]


def test_a_good_repository_is_clean(tmp_path: Path) -> None:
    make_repo(tmp_path / "r", {"w.bin": b"12345"}, {"README.md": b"---\nlicense: mit\n---\n"})
    assert verdict(tmp_path / "r") == Verdict(())


def test_objects_that_are_missing_damaged_or_only_in_the_work_tree(tmp_path: Path) -> None:
    make_repo(tmp_path / "r", {"w.bin": b"12345"})
    oid = hashlib.sha256(b"12345").hexdigest()
    stored = tmp_path / "r/.git/lfs/objects" / oid[:2] / oid[2:4] / oid
    stored.write_bytes(b"1")
    assert references(tmp_path / "r") == ["object-corrupt"]
    stored.unlink()
    assert references(tmp_path / "r") == ["object-missing"]
    (tmp_path / "r/w.bin").write_bytes(b"54321")
    assert references(tmp_path / "r") == []


def test_objects_of_commits_that_a_hub_has_are_not_missed(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"w.bin": b"12345"})
    for file in (repo / ".git/lfs/objects").rglob("*"):
        if file.is_file():
            file.unlink()
    git(repo, "update-ref", "refs/remotes/hub/main", "HEAD")
    assert references(repo) == ["object-missing"]
    assert references(repo, hubs=["hub"]) == []


def test_offences_in_commits_that_a_remote_has_are_said_to_be_published(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {}, {"a.dat": b"\0"})
    assert verdict(repo).findings[0].remedy == ("hfpush fix",)
    git(repo, "update-ref", "refs/remotes/github/main", "HEAD")
    assert verdict(repo).findings[0].remedy[0] == "hfpush fix --rewrite-published"
    assert [one.path for one in verdict(repo).offences] == ["a.dat"]


def test_the_hubs_word_on_what_is_binary_is_taken(tmp_path: Path) -> None:
    repository = Repository.around(make_repo(tmp_path / "r", {}, {"a.png": b"\x89PNG\0"}))
    seen = scan(repository, to_push(repository, []))
    assert [one.reference for one in verdict_on(repository, seen).findings] == ["binary-file-in-git"]
    assert verdict_on(repository, with_hub_modes(seen, {"a.png": "regular"}), asked=True).clean


def test_each_tip_is_judged(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {}, {"README.md": b"---\n- a\n---\n", "aux.c": b"x"})
    git(repo, "branch", "dev")
    (repo / ".git/info").mkdir(exist_ok=True)
    (repo / ".git/info/attributes").write_bytes(b"*.bin -filter\n")
    found = {finding.reference: finding for finding in verdict(repo).findings}
    assert list(found) == ["model-card-invalid", "attributes-private", "name-not-portable"]
    assert found["name-not-portable"].evidence == ("aux.c: aux is a device on Windows, on main, dev",)


def test_the_note_on_large_objects_is_left_out_where_something_sends_them(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"w.bin": b"1"})
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 6000000000\n" % (b"1" * 64)
    id = git(repo, "hash-object", "-w", "--stdin", stdin=pointer)
    git(repo, "update-index", "--add", "--cacheinfo", f"100644,{id},big.bin")
    git(repo, "commit", "-q", "-m", "big")
    assert references(repo) == ["object-missing", "large-object-agent"]
    assert references(repo, agent=True) == ["object-missing"]
    git(repo, "config", "lfs.customtransfer.multipart.path", "hf")
    assert references(repo) == ["object-missing"]


def test_a_pattern_that_comes_later_or_goes_is_told_at_the_tip(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"w.bin": b"12345"}, {"a.csv": b"1,2"})
    (repo / ".gitattributes").write_bytes(b"*.csv filter=lfs -text\n")
    git(
        repo, "update-index", "--cacheinfo", f"100644,{git(repo, 'hash-object', '-w', '.gitattributes')},.gitattributes"
    )
    git(repo, "commit", "-q", "-m", "another pattern")
    found = {finding.reference: finding.evidence for finding in verdict(repo).findings}
    assert found == {"should-be-pointer": ("a.csv: 3 B, on main",), "pointer-uncovered": ("w.bin, on main",)}
    assert verdict(repo).offences == ()
