from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.slowly import mostly_slow

from hfpush.errors import Busy, LocalTrouble
from hfpush.repo.repository import Repository
from hfpush.repo.track.held import Staged, look
from hfpush.repo.track.stage import stage

NewRepo = Callable[..., "Place"]  # noqa: F821
LINES = b"*.bin filter=lfs diff=lfs merge=lfs -text\n"


def pointer(content: bytes) -> str:
    oid = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}"


def stored(place: Path, content: bytes) -> Path:
    oid = hashlib.sha256(content).hexdigest()
    return place / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid


def aged(place: Place, *names: str) -> None:  # noqa: F821
    """Make files older than the index that will be: git looks twice at younger ones."""
    for name in names:
        os.utime(place.path / name, ns=(10**18, 10**18))


def staged(place: Place, *paths: str) -> tuple[Repository, dict[str, Staged]]:  # noqa: F821
    repository = Repository.around(place.path)
    held = look(repository)
    return repository, {path: held.staged[path] for path in paths}


INDEXES = [
    (f"{version}-{name}", version, options)
    for version in (2, 3, 4)
    for name, options in (("sha1", ()), ("sha256", ("--object-format=sha256",)))
]


@pytest.mark.parametrize(("case", "version", "options"), mostly_slow(INDEXES, quick={"2-sha1", "4-sha256"}))
def test_content_becomes_a_pointer_and_status_stays_clean_without_any_filter(
    new_repo: NewRepo, case: str, version: int, options: tuple[str, ...]
) -> None:
    place = new_repo("repo", *options)
    contents = {"a.bin": b"\0a" * 500, "d/b c.bin": b"\0b", "caf\udce9\n.bin": b"\0a" * 500}
    for name, content in contents.items():
        place.write(name, content)
    (place.path / "a.bin").chmod(0o755)
    aged(place, *contents)
    place.write("t", b"text")
    place.git("add", ".")
    place.git("update-index", "--index-version", str(version))
    place.write(".gitattributes", LINES)
    repository, wanted = staged(place, *contents)
    assert stage(repository, wanted, {".gitattributes": LINES}) == tuple(sorted(contents))
    for name, content in contents.items():
        assert place.git("cat-file", "blob", f":{name}") == pointer(content)
        assert stored(place.path, content).read_bytes() == content
        assert (place.path / name).read_bytes() == content
    assert place.git("ls-files", "--stage", "a.bin").startswith("100755")
    place.git("commit", "-q", "-m", "all of it")
    assert place.git("status", "--porcelain") == ""
    assert place.git("cat-file", "blob", "HEAD:.gitattributes") == LINES.decode().rstrip()
    place.git("fsck", "--strict")
    assert not (place.path / ".git/index.lock").exists()


def test_what_was_edited_or_deleted_since_stays_so(new_repo: NewRepo) -> None:
    place = new_repo()
    for name in ("same.bin", "edited.bin", "deleted.bin"):
        place.write(name, b"\0" + name.encode())
    place.write(".gitattributes", LINES)
    place.git("add", ".")
    place.write("edited.bin", b"\0" + b"EDITED.bin")  # as long as before
    (place.path / "deleted.bin").unlink()
    repository, wanted = staged(place, "same.bin", "edited.bin", "deleted.bin")
    stage(repository, wanted, {})
    assert place.git("cat-file", "blob", ":edited.bin") == pointer(b"\0edited.bin")
    assert place.git("cat-file", "blob", ":deleted.bin") == pointer(b"\0deleted.bin")
    place.git("commit", "-q", "-m", "all of it")
    assert place.git("status", "--porcelain").splitlines() == [" D deleted.bin", " M edited.bin"]
    assert (place.path / "edited.bin").read_bytes() == b"\0EDITED.bin"


def test_what_is_staged_otherwise_by_now_is_left_alone(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("a.bin", b"\0a")
    place.write("b.bin", b"\0b")
    place.git("add", ".")
    repository, wanted = staged(place, "a.bin", "b.bin")
    place.write("a.bin", b"\0another")
    place.git("add", "a.bin")
    assert stage(repository, wanted, {}) == ("b.bin",)
    assert place.git("cat-file", "blob", ":a.bin") == "\0another"
    place.git("rm", "-q", "-f", "--cached", "a.bin", "b.bin")
    assert stage(repository, wanted, {}) == ()


def test_files_that_a_sparse_work_tree_leaves_out_stay_left_out(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("d/a.bin", b"\0a")
    place.write("t", b"text")
    place.write(".gitattributes", LINES)
    place.git("add", ".")
    place.git("commit", "-q", "-m", "raw")
    place.git("sparse-checkout", "set", "--no-cone", "/t", "/.gitattributes")
    assert not (place.path / "d").exists()
    repository, wanted = staged(place, "d/a.bin")
    stage(repository, wanted, {})
    assert place.git("status", "--porcelain") == "M  d/a.bin"
    assert place.git("ls-files", "-t", "d") == "S d/a.bin"


def test_hundreds_of_long_names_take_several_command_lines(new_repo: NewRepo) -> None:
    place = new_repo()
    names = [f"{'n' * 200}{number:03}.bin" for number in range(600)]
    for name in names:
        place.write(name, b"\0" + name.encode())
    place.write(".gitattributes", LINES)
    aged(place, *names)
    place.git("add", ".")
    repository, wanted = staged(place, *names)
    assert len(stage(repository, wanted, {})) == 600
    place.git("commit", "-q", "-m", "all")
    assert place.git("status", "--porcelain") == ""
    assert place.git("cat-file", "blob", f"HEAD:{names[-1]}") == pointer(b"\0" + names[-1].encode())


def test_an_index_that_another_git_holds_is_told_and_left(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("a.bin", b"\0")
    place.git("add", ".")
    repository, wanted = staged(place, "a.bin")
    (place.path / ".git/index.lock").write_bytes(b"")
    before = (place.path / ".git/index").read_bytes()
    with pytest.raises(Busy):
        stage(repository, wanted, {})
    assert (place.path / ".git/index").read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_store_that_cannot_be_written_is_told_and_the_index_stays(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("a.bin", b"\0")
    place.git("add", ".")
    repository, wanted = staged(place, "a.bin")
    (place.path / ".git/lfs").mkdir(mode=0o500)
    with pytest.raises(LocalTrouble):
        stage(repository, wanted, {})
    assert place.git("cat-file", "blob", ":a.bin") == "\0"


def test_a_file_in_the_place_of_the_store_is_told_and_the_index_stays(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("a.bin", b"\0")
    place.git("add", ".")
    repository, wanted = staged(place, "a.bin")
    place.write(".git/lfs", b"a file")
    with pytest.raises(LocalTrouble):
        stage(repository, wanted, {})
    assert place.git("cat-file", "blob", ":a.bin") == "\0"


@pytest.mark.needs("git-lfs")
def test_git_lfs_takes_over(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.write("a.bin", b"\0a" * 5000)
    place.write(".gitattributes", LINES)
    place.git("add", ".")
    repository, wanted = staged(place, "a.bin")
    stage(repository, wanted, {})
    place.git("lfs", "install", "--local")
    place.git("commit", "-q", "-m", "all")
    assert place.git("status", "--porcelain") == ""
    place.git("lfs", "fsck")
    (place.path / "a.bin").unlink()
    place.git("checkout", "--", "a.bin")
    assert (place.path / "a.bin").read_bytes() == b"\0a" * 5000


def test_no_program_of_the_repository_runs(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.write("a.bin", b"\0a")
    place.write(".gitattributes", LINES)
    place.git("add", ".")
    for name in ("clean", "smudge", "process"):
        place.git("config", f"filter.lfs.{name}", f"touch {tmp_path}/ran")
    place.git("config", "core.fsmonitor", f"touch {tmp_path}/ran; false")
    hook = place.write(".git/hooks/post-index-change", f"#!/bin/sh\ntouch {tmp_path}/ran\n".encode())
    hook.chmod(0o755)
    repository, wanted = staged(place, "a.bin")
    stage(repository, wanted, {})
    assert not (tmp_path / "ran").exists()
