from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfpush.errors import HfpushError, Misuse
from hfpush.repo.content import locate
from hfpush.repo.folder import Adopted, adopt, plan
from hfpush.repo.hash_cache import HashCache
from hfpush.repo.history import outgoing
from hfpush.repo.listing import LEFTOVER
from hfpush.repo.repository import Repository, kind_of
from hfpush.repo.rules import path_problem

NewRepo = Callable[..., "Place"]  # noqa: F821
WEIGHTS = b"\0weights" * 1000


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().rstrip("\n")


def write(folder: Path, name: str, content: bytes) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "model"
    write(place, "README.md", b"# card\n")
    write(place, "sub/config.json", b"{}\r\n")
    write(place, "model.safetensors", WEIGHTS)
    write(place, "empty.bin", b"")
    write(place, "run.sh", b"#!/bin/sh\n")
    (place / "run.sh").chmod(0o755)
    return place


def adopted(folder: Path, **more: object) -> Adopted:
    return adopt(folder, "main", HashCache(None), **more)  # type: ignore[arg-type]


def test_a_folder_becomes_a_repository_with_its_files(folder: Path) -> None:
    done = adopted(folder)
    assert (done.files, done.lfs_files, done.changed) == (6, 1, True)
    repository = Repository.open(folder)
    assert (repository.head, repository.branch, repository.managed) == (done.commit, "main", True)
    assert kind_of(folder) == "folder"
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "ls-tree", "HEAD", "run.sh").startswith("100755")
    assert git(folder, "cat-file", "-s", "HEAD:empty.bin") == "0"
    assert git(folder, "cat-file", "blob", "HEAD:sub/config.json") == "{}\r"
    oid = hashlib.sha256(WEIGHTS).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(WEIGHTS)}"
    assert git(folder, "cat-file", "blob", "HEAD:model.safetensors") == pointer
    assert not (folder / ".git/lfs").exists()
    assert not list(folder.glob(f"{LEFTOVER}*"))
    git(folder, "fsck", "--strict")


def test_what_was_adopted_is_found_and_located(folder: Path) -> None:
    done = adopted(folder)
    repository = Repository.open(folder)
    carried = outgoing(repository, done.commit, [])
    assert all(blob.pointer for blob in carried.scan.blobs)
    contents = locate(repository, carried.objects, HashCache(None))
    assert [located.path for located in contents.found.values()] == [folder / "model.safetensors"]


def test_nothing_new_is_no_commit_and_a_change_is_one(folder: Path) -> None:
    first = adopted(folder)
    second = adopted(folder)
    assert (second.commit, second.changed) == (first.commit, False)
    write(folder, "README.md", b"# another\n")
    (folder / "sub/config.json").unlink()
    third = adopted(folder, message="grüße")
    assert (third.changed, third.files) == (True, 5)
    assert git(folder, "log", "-1", "--format=%P %s") == f"{first.commit} grüße"
    assert git(folder, "status", "--porcelain") == ""


def test_the_commit_goes_onto_what_the_other_side_has(folder: Path) -> None:
    published = adopted(folder).commit
    write(folder, "a", b"1")
    adopted(folder)  # this one never arrives
    write(folder, "a", b"2")
    third = adopted(folder, onto=published)
    assert git(folder, "log", "--format=%H").splitlines() == [third.commit, published]
    assert adopted(folder, onto=published) == Adopted(third.commit, third.files, third.lfs_files, False, ())
    alone = adopted(folder, onto=None)
    assert git(folder, "rev-list", "--count", "HEAD") == "1"
    assert adopted(folder, onto=None).commit == alone.commit
    back = adopted(folder, onto=third.commit)
    assert (back.commit, back.changed, Repository.open(folder).head) == (third.commit, False, third.commit)
    with pytest.raises(Misuse):
        adopted(folder, onto="12" * 20)


def test_a_plan_tells_the_same_and_writes_nothing(folder: Path) -> None:
    write(folder, "odd name", b"\0")
    before = sorted((path, path.lstat().st_mtime_ns) for path in [folder, *folder.rglob("*")])
    planned = plan(folder)
    assert sorted((path, path.lstat().st_mtime_ns) for path in [folder, *folder.rglob("*")]) == before
    assert planned.new_attributes
    assert [line.file for line in planned.attribute_lines] == [".gitattributes"]
    done = adopted(folder)
    assert (len(planned.files), sum(file.lfs for file in planned.files)) == (done.files, done.lfs_files)
    assert [file.path for file in planned.files] == sorted(git(folder, "ls-files", "-z").rstrip("\0").split("\0"))
    again = plan(folder)
    assert not again.new_attributes
    assert again.attribute_lines == ()


def test_a_repository_of_the_user_is_never_committed_to(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("a", b"1")
    head = place.commit()
    place.write("a", b"2")
    for call in (lambda: adopted(place.path), lambda: plan(place.path)):
        with pytest.raises(Misuse) as caught:
            call()
        assert caught.value.finding.reference == "repo-not-ours"
    assert place.git("rev-parse", "HEAD") == head


def test_what_cannot_be_published_stops_it_before_anything_is_written(folder: Path) -> None:
    (folder / "out").symlink_to("/etc/hostname")
    with pytest.raises(HfpushError) as caught:
        adopted(folder)
    assert caught.value.finding.reference == "link-leaves-folder"
    assert not (folder / ".git").exists()
    assert not (folder / ".gitattributes").exists()
    assert [finding.reference for finding in plan(folder).findings] == ["link-leaves-folder"]


def test_a_neutral_name_stands_in_only_where_the_user_has_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    adopted(folder)
    assert git(folder, "log", "-1", "--format=%an <%ae> %cn") == "hfpush <hfpush@localhost> hfpush"
    git(folder, "config", "--global", "user.name", "Ada")
    git(folder, "config", "--global", "user.email", "ada@example.com")
    write(folder, "more", b"1")
    adopted(folder)
    assert git(folder, "log", "-1", "--format=%an <%ae>") == "Ada <ada@example.com>"


def test_settings_and_hooks_of_the_user_do_not_interfere(folder: Path, tmp_path: Path) -> None:
    template = tmp_path / "template/hooks"
    template.mkdir(parents=True)
    for name in ("pre-commit", "post-commit", "reference-transaction", "post-index-change"):
        (template / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
        (template / name).chmod(0o755)
    for name, value in (
        ("init.templateDir", str(template.parent)),
        ("core.hooksPath", str(template)),
        ("commit.gpgSign", "true"),
        ("core.autocrlf", "true"),
        ("filter.lfs.clean", f"touch {tmp_path}/ran"),
        ("filter.lfs.required", "true"),
        ("init.defaultBranch", "trunk"),
        ("i18n.commitEncoding", "latin1"),
    ):
        git(folder.parent, "config", "--global", name, value)
    done = adopted(folder, message="é")
    assert git(folder, "rev-parse", "refs/heads/main") == done.commit
    assert git(folder, "status", "--porcelain") == ""
    assert not (tmp_path / "ran").exists()


def test_a_file_below_another_repository_stays_clean(folder: Path) -> None:
    git(folder.parent, "init", "-q", str(folder / "nested"))
    write(folder, "nested/f", b"1")
    done = adopted(folder)
    assert "nested/f" in git(folder, "ls-files")
    assert adopted(folder).commit == done.commit


@pytest.mark.needs("git-lfs")
def test_git_lfs_finds_nothing_to_do_and_can_take_over(folder: Path, tmp_path: Path) -> None:
    write(folder, "odd [name] #1!.dat", b"\0" * 5000)
    adopted(folder)
    git(folder, "lfs", "install", "--local")
    assert git(folder, "status", "--porcelain") == ""
    git(folder, "lfs", "fsck", "--pointers")
    assert len(git(folder, "lfs", "ls-files").splitlines()) == 2
    git(folder, "add", "--renormalize", ".")  # runs its filter over every file, which fills its store
    assert git(folder, "status", "--porcelain") == ""
    git(folder, "clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    git(folder, "lfs", "push", (tmp_path / "bare").as_uri(), "main")
    git(tmp_path, "clone", "-q", "-c", "filter.lfs.smudge=git-lfs smudge -- %f", str(tmp_path / "bare"), "copy")
    assert (tmp_path / "copy/model.safetensors").read_bytes() == WEIGHTS


KILLED = """
import os, signal, sys
left = int(sys.argv[2])
def count(event, arguments):
    global left
    if event in ("os.rename", "subprocess.Popen", "tempfile.mkdtemp", "tempfile.mkstemp"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
from hfpush.repo.folder import adopt
from hfpush.repo.hash_cache import HashCache
sys.addaudithook(count)
adopt(sys.argv[1], "main", HashCache(None))
"""


@pytest.mark.parametrize("step", [2, 6, 9, 11, 13, 14, 15, 16, 17, 18, 20, 22, 24, 26, 28, 29, 30, 31])
def test_killed_at_any_moment_a_rerun_goes_on(folder: Path, step: int) -> None:
    run = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(step)], timeout=60, env=os.environ)
    assert run.returncode in (0, -signal.SIGKILL)
    done = adopted(folder)
    assert (done.files, done.lfs_files) == (6, 1)
    assert git(folder, "rev-list", "--count", "HEAD") == "1"
    assert git(folder, "status", "--porcelain") == ""
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [".git", ".gitattributes", "README.md", "empty.bin", "model.safetensors", "run.sh", "sub"]
    )
    git(folder, "fsck", "--strict")


names = st.text(
    st.one_of(st.sampled_from(" !\"#$%&'()*+,-.:;<=>?@[]^_`{|}~"), st.characters(exclude_categories=["Cs", "Cc"])),
    min_size=1,
    max_size=20,
).filter(lambda name: "/" not in name and path_problem(name) is None)


@settings(max_examples=8)
@given(st.lists(names, min_size=1, max_size=12, unique_by=str.casefold))
def test_odd_names_survive_from_folder_to_content(tmp_path_factory: pytest.TempPathFactory, odd: list[str]) -> None:
    folder = tmp_path_factory.mktemp("odd")
    contents = {}
    for number, name in enumerate(odd):
        path = f"d{number % 3}/{name}.blob"
        contents[path] = b"\0%d" % number
        write(folder, path, contents[path])
    done = adopted(folder)
    repository = Repository.open(folder)
    carried = outgoing(repository, done.commit, [])
    assert {path for one in carried.objects for path in one.paths} == contents.keys()
    found = locate(repository, carried.objects, HashCache(None))
    assert found.missing == ()
    assert all(located.path.read_bytes() == contents[located.name] for located in found.found.values())
    assert git(folder, "status", "--porcelain") == ""
