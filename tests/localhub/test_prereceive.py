"""A push is refused for what any of its new commits holds, with the Hub's words."""

import hashlib
import subprocess

import pytest

from hfpush.localhub.gittree import resolve_revision
from hfpush.localhub.names import RepoKey
from hfpush.localhub.pointer import Pointer

MAX = 2 * 1024 * 1024


@pytest.fixture
def hub(start):
    with start(max_git_file=MAX) as hub:
        hub.create("acme/model")
        yield hub


@pytest.fixture
def git(hub, tmp_path):
    work = tmp_path / "work"

    def git(*arguments):
        return subprocess.run(
            ["git", "-c", "filter.lfs.required=false", *arguments],
            cwd=work if work.exists() else tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    assert git("clone", "-q", hub.git_url("acme/model", token=hub.token), str(work)).returncode == 0
    git.work = work
    return git


def commit(git, message="m", **files):
    for path, content in files.items():
        (git.work / path).parent.mkdir(parents=True, exist_ok=True)
        (git.work / path).write_bytes(content)
    assert git("add", "-A").returncode == 0
    assert git("commit", "-q", "-m", message).returncode == 0


def main_of(hub):
    return resolve_revision(hub.repos.get(RepoKey("models", "acme/model")).path, "main")


def test_what_is_small_or_text_goes_in(hub, git):
    commit(git, **{"a.txt": b"x" * MAX, "small.dat": b"\0" * 1000, "empty": b"", "odd ü name": b"x"})
    done = git("push", "origin", "HEAD:main")
    assert done.returncode == 0, done.stderr
    assert main_of(hub) == git("rev-parse", "HEAD").stdout.strip()


def test_a_large_file_in_any_commit_is_refused(hub, git):
    before = main_of(hub)
    commit(git, **{"d/large ü.txt": b"x" * (MAX + 1)})
    assert git("rm", "-q", "d/large ü.txt").returncode == 0
    assert git("commit", "-q", "-m", "removed again").returncode == 0
    done = git("push", "origin", "HEAD:main")
    assert done.returncode != 0
    assert "Your push was rejected because it contains files larger than 2 MiB." in done.stderr
    assert "Offending files:" in done.stderr
    assert "  - d/large ü.txt (ref: refs/heads/main)" in done.stderr
    assert "-" * 73 in done.stderr
    assert "! [remote rejected] HEAD -> main (pre-receive hook declined)" in done.stderr
    assert main_of(hub) == before


def test_a_binary_file_is_refused(hub, git):
    commit(git, **{"film.mp4": b"\0" * 1_100_000, "ok.txt": b"ok"})
    done = git("push", "origin", "HEAD:refs/heads/other")
    assert "Your push was rejected because it contains binary files." in done.stderr
    assert "  - film.mp4 (ref: refs/heads/other)" in done.stderr
    assert "ok.txt" not in done.stderr


def test_a_pointer_without_object_is_refused_until_the_object_is_there(hub, git, lfs):
    lfs_content = b"some content"
    pointer = Pointer(hashlib.sha256(lfs_content).hexdigest(), len(lfs_content))
    commit(git, **{"notes.dat": bytes(pointer)})
    done = git("push", "--no-verify", "origin", "HEAD:main")
    assert "LFS pointer pointed to a file that does not exist" in done.stderr
    assert "  - notes.dat (ref: refs/heads/main)" in done.stderr
    lfs.upload(lfs_content)
    assert git("push", "--no-verify", "origin", "HEAD:main").returncode == 0


def test_only_what_is_new_is_looked_at(hub, git):
    commit(git, **{"notes.txt": b"1"})
    assert git("push", "origin", "HEAD:main").returncode == 0
    assert git("push", "origin", "HEAD:refs/heads/copy", "HEAD:refs/tags/v1").returncode == 0
    assert git("push", "origin", ":refs/heads/copy").returncode == 0


def test_main_cannot_be_deleted(hub, git):
    done = git("push", "origin", ":main")
    assert done.returncode != 0
    assert main_of(hub)
