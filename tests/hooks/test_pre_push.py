"""hooks/pre-push in real pushes, by each shell: judged before anything is sent, and then out of the way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.command_line import CommandLine, make_repo, objects_at
from support.hooked import Place, in_every_shell

from hfpush.localhub import LocalHub

pytestmark = pytest.mark.needs("git")
BIG = b"x\n" * 1000


@pytest.fixture
def pushing(place: Place, shell: str) -> Place:
    """A repository with a commit, a bare `origin` beside it, and the hook."""
    place.done("init", "-q", "--bare", "../origin.git")
    place.done("remote", "add", "origin", "../origin.git")
    place.done("config", "hfpush.limit", "1000")
    commit(place, "small.txt", b"small\n")
    place.hook("pre-push", shell)
    return place


def commit(place: Place, name: str, content: bytes) -> str:
    place.write(name, content)
    place.done("add", "-A")
    place.done("commit", "-qm", name)
    return place.done("rev-parse", "HEAD")


@in_every_shell
def test_small_pushes_tags_and_deletions_pass(pushing: Place) -> None:
    pushing.done("push", "-q", "origin", "HEAD:refs/heads/main")
    pushing.done("push", "-q", "origin", "HEAD:refs/heads/main")
    pushing.done("tag", "-a", "-m", "t", "v1")
    pushing.done("push", "-q", "origin", "v1", "HEAD:refs/heads/other")
    pushing.done("push", "-q", "origin", ":refs/heads/other", ":refs/tags/v1")


@in_every_shell
def test_a_large_file_is_stopped_also_when_a_later_commit_deletes_it(pushing: Place) -> None:
    commit(pushing, "big file.txt", BIG)
    pushing.done("rm", "-q", "big file.txt")
    pushing.done("commit", "-qm", "gone")
    for where in ("origin", str(pushing.path.parent / "origin.git")):
        ended = pushing.git("push", where, "HEAD:refs/heads/main")
        assert ended.returncode == 1
        assert b"big file.txt: 0.0 MiB" in ended.stderr
        assert b"\n  hfpush fix\n" in ended.stderr
    assert pushing.git("push", "origin", "HEAD:refs/heads/main", env={"HFPUSH_SKIP": "1"}).returncode == 0


def test_what_the_other_side_has_passes(pushing: Place) -> None:
    commit(pushing, "big.txt", BIG)
    assert pushing.git("push", "origin", "HEAD:refs/heads/main", env={"HFPUSH_SKIP": "1"}).returncode == 0
    commit(pushing, "small2.txt", b"2\n")
    pushing.done("push", "-q", "origin", "HEAD:refs/heads/main")
    pushing.done("push", "-q", "origin", "HEAD:refs/heads/other")


def test_the_other_side_may_have_commits_that_are_not_here(pushing: Place, tmp_path: Path) -> None:
    pushing.done("push", "-q", "origin", "HEAD:refs/heads/main")
    pushing.done("clone", "-q", "../origin.git", "-b", "main", str(tmp_path / "other"))
    other = Place(tmp_path / "other")
    commit(other, "theirs.txt", b"theirs\n")
    other.done("push", "-q", "origin", "HEAD:refs/heads/main")
    commit(pushing, "ours.txt", b"ours\n")
    pushing.done("push", "-q", "--force", "origin", "HEAD:refs/heads/main")
    commit(pushing, "big.txt", BIG)
    assert pushing.git("push", "-q", "--force", "origin", "HEAD:refs/heads/main").returncode == 1


def test_a_mirror_would_take_our_backups_along_and_is_stopped(pushing: Place) -> None:
    pushing.done("update-ref", "refs/hfpush/backup/1/heads/main", "HEAD")
    ended = pushing.git("push", "--mirror", "origin")
    assert ended.returncode == 1
    assert b"\n  git push --prune origin 'refs/heads/*:refs/heads/*' 'refs/tags/*:refs/tags/*'\n" in ended.stderr
    assert pushing.done("ls-remote", "origin") == ""
    pushing.done("push", "-q", "--prune", "origin", "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
    assert pushing.git("push", "--mirror", "origin", env={"HFPUSH_SKIP": "1"}).returncode == 0
    pushing.done("push", "-q", "origin", ":refs/hfpush/backup/1/heads/main")


def test_no_secret_of_a_url_is_repeated(pushing: Place) -> None:
    pushing.done("update-ref", "refs/hfpush/backup/1", "HEAD")
    hook = pushing.path / ".git/hooks/pre-push"
    url = "https://ada:hf_secret@example.com/x"
    head = pushing.done("rev-parse", "HEAD")
    ended = subprocess.run(
        [str(hook), url, url],
        input=f"refs/hfpush/backup/1 {head} refs/hfpush/backup/1 {'0' * 40}\n".encode(),
        cwd=pushing.path,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert b"hf_secret" not in ended.stderr + ended.stdout


def test_it_stops_the_push_when_git_cannot_tell_what_is_in_it(pushing: Place) -> None:
    blob = pushing.done("rev-parse", "HEAD^{tree}")
    (pushing.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    hook = pushing.path / ".git/hooks/pre-push"
    line = f"refs/heads/main {pushing.done('rev-parse', 'HEAD')} refs/heads/main {'0' * 40}\n".encode()
    words = hook.read_text().replace("--missing=print ", "")
    hook.write_text(words)
    ended = subprocess.run(
        [str(hook), "origin", "x"], input=line, cwd=pushing.path, capture_output=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert b"was stopped" in ended.stderr


@in_every_shell
@pytest.mark.parametrize("count", [0, 1, 3000])
def test_what_comes_below_gets_the_refs_as_git_wrote_them(pushing: Place, count: int) -> None:
    hook = pushing.path / ".git/hooks/pre-push"
    text = hook.read_text()
    hook.write_text(text[: text.index("# >>> hfpush git-lfs")] + 'cat >"$(git rev-parse --git-dir)/seen"\n')
    head = pushing.done("rev-parse", "HEAD")
    lines = "".join(f"refs/heads/$x`{n}` {head} refs/heads/b\\{n} {'0' * 40}\n" for n in range(count)).encode()
    ended = subprocess.run(
        [str(hook), "origin", "x"], input=lines, cwd=pushing.path, capture_output=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert (pushing.path / ".git/seen").read_bytes() == lines


@pytest.mark.parametrize(
    ("url", "environment", "called"),
    [
        ("https://example.com/x", {}, True),
        ("http://127.0.0.1:1/x", {}, True),
        ("git@example.com:x", {}, False),
        ("../origin.git", {}, False),
        ("https://example.com/x", {"GIT_LFS_SKIP_PUSH": "1"}, False),
        ("https://example.com/x", {"HFPUSH_SKIP": "1"}, False),
    ],
)
def test_hfpush_is_asked_about_a_push_over_http(
    pushing: Place, program: Path, url: str, environment: dict[str, str], called: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    hook = pushing.path / ".git/hooks/pre-push"
    text = hook.read_text()
    hook.write_text(text[: text.index("# >>> hfpush git-lfs")] + "echo below\n")
    line = f"refs/heads/main {pushing.done('rev-parse', 'HEAD')} refs/heads/main {'0' * 40}\n"

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(hook), "origin", url], input=line, cwd=pushing.path, capture_output=True, text=True, check=False
        )

    assert (run().returncode, run().stdout) == (0, "below\n")
    notes = program / "notes"
    assert (notes.read_text() if notes.exists() else "") == (f"hook run pre-push origin {url}\n{line}" * 2) * called
    (program / "verdict").write_text("1")
    assert (run().returncode, run().stdout) == ((1, "") if called else (0, "below\n"))


@pytest.mark.needs("git-lfs")
def test_a_push_to_the_hub_is_sent_by_hfpush_and_git_lfs_finds_it_there(tmp_path: Path) -> None:
    place = Place(make_repo(tmp_path / "repo", {"a.bin": b"a" * 50_000}))
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("local/model", empty=True)
        line = CommandLine(tmp_path, hub)
        program = tmp_path / "hfpush"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m hfpush "$@"\n')
        program.chmod(0o755)
        place.done("config", "hfpush.program", str(program))
        place.hook("pre-push", "/bin/sh")
        url = hub.git_url("local/model", token=hub.token)
        ended = place.git("push", url, "HEAD:refs/heads/main", env=line.environment)
        assert ended.returncode == 0, ended.stderr
        assert b"hfpush sent 1 large file" in ended.stderr
        assert len(objects_at(hub)) == 1
        place.write("logo.png", b"\x89PNG\0")
        place.done("add", "logo.png")
        place.done("commit", "-qm", "logo")
        ended = place.git("push", url, "HEAD:refs/heads/main", env=line.environment)
        assert ended.returncode == 1
        assert b"binary-file-in-git" in ended.stderr
        assert hub.token.encode() not in ended.stderr.replace(url.encode(), b"")
