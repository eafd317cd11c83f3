"""Real git and git-lfs against the local Hub: clone, push and pull, credentials, multipart with hf's own agent, faults.

Credentials reach git as people give them: in the URL, or from a helper that is asked after a 401.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hfpush.localhub import LocalHub, User, drop_after, expired_lease, lost_answer, race, short_lease, status

pytestmark = [pytest.mark.needs("git", "git-lfs")]

REPOS = [("acme/model", "models"), ("acme/data", "datasets")]


class Work:
    """A folder in which git runs; what it says is kept in `said`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = ""

    def try_git(self, *arguments: str, **env: str) -> int:
        """Exit status of a git command."""
        env = os.environ | env
        command = ["git", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=90, check=False
        )
        self.said = done.stdout + done.stderr
        return done.returncode

    def git(self, *arguments: str, **env: str) -> str:
        """Output of a git command that has to succeed."""
        assert self.try_git(*arguments, **env) == 0, self.said
        return self.said

    def clone(self, url: str, name: str = "work") -> Work:
        """A clone beside this folder's other contents."""
        self.git("clone", "-q", url, name)
        return Work(self.folder / name)

    def commit(self, **files: bytes) -> None:
        """One commit with these files; `a_bin` stands for a.bin."""
        for name, content in files.items():
            (self.folder / name.replace("_", ".")).write_bytes(content)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "more")

    def read(self, name: str) -> bytes:
        """A file of the work tree."""
        return (self.folder / name).read_bytes()


@pytest.fixture
def here(tmp_path: Path) -> Work:
    """Where clones go; git-lfs is installed for this home, and asks nobody for credentials but whom a test sets up."""
    folder = tmp_path / "here"
    folder.mkdir()
    work = Work(folder)
    work.git("lfs", "install", "--skip-repo")
    work.git("config", "--global", "lfs.locksverify", "false")
    return work


@pytest.fixture
def hub(tmp_path):
    with LocalHub(root=tmp_path / "hub", part_size=100_000, multipart_threshold=250_000) as running:
        for id, kind in REPOS:
            running.create(id, kind)
        yield running


def oid_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("suffix", ["", pytest.param(".git", marks=pytest.mark.slow)])
@pytest.mark.parametrize(("id", "kind"), [pytest.param(*REPOS[0], marks=pytest.mark.slow), REPOS[1]])
def test_what_one_pushes_another_clones_and_pulls(hub, here, id, kind, suffix):
    first, second = os.urandom(30_000), os.urandom(40_000)
    ada = here.clone(hub.git_url(id, kind, token=hub.token) + suffix, "ada")
    ada.commit(a_bin=first, README_md=b"# hello\n")
    ada.git("push")
    assert hub.seen.count("put") == 1
    bob = here.clone(hub.git_url(id, kind) + suffix, "bob")
    assert bob.read("a.bin") == first
    assert b"version https://git-lfs" in subprocess.check_output(
        ["git", "show", "HEAD:a.bin"], cwd=bob.folder, timeout=30
    )
    ada.commit(a_bin=second)
    ada.git("push")
    bob.git("pull", "-q")
    assert bob.read("a.bin") == second
    assert hub.objects.path(oid_of(second)).read_bytes() == second


def test_an_object_that_the_hub_has_is_not_sent_again(hub, here):
    content = os.urandom(30_000)
    work = here.clone(hub.git_url("acme/model", token=hub.token))
    work.commit(a_bin=content)
    work.git("push")
    work.commit(b_bin=content)
    work.git("push")
    assert hub.seen.bytes_in("put") == len(content)


@pytest.mark.slow
def test_a_credential_helper_is_asked_after_a_401(hub, here):
    helper = f"!f() {{ echo username=anybody; echo password={hub.token}; }}; f"
    here.git("config", "--global", "credential.helper", helper)
    hub.create("acme/secret", private=True)
    work = here.clone(hub.git_url("acme/secret"))
    work.commit(a_bin=os.urandom(1000))
    work.git("push")
    assert {row.status for row in hub.seen.rows("git-refs")} == {200, 401}
    assert {row.user for row in hub.seen.rows("git-push")} == {"local"}


def test_who_may_not_write_is_told_so(tmp_path, here):
    users = (User("ada", "hf_ada"), User("bob", "hf_bob"))
    with LocalHub(root=tmp_path / "hub", users=users) as hub:
        hub.create("ada/model")
        work = here.clone(hub.git_url("ada/model", token="hf_bob"))
        work.commit(a_bin=b"x" * 1000)
        assert work.try_git("push") != 0
        assert "403" in work.said or "permission" in work.said
        assert hub.seen.bytes_in("put") == 0
        assert work.try_git("push", hub.git_url("ada/model", token="hf_wrong")) != 0
        assert "Authentication failed" in work.said


@pytest.mark.needs("hf")
def test_hfs_own_agent_sends_a_large_file_in_parts(hub, here):
    large, small = os.urandom(1_234_567), os.urandom(1000)
    work = here.clone(hub.git_url("acme/model", token=hub.token))
    subprocess.run(["hf", "lfs-enable-largefiles", "."], cwd=work.folder, capture_output=True, timeout=60, check=True)
    work.commit(a_bin=large, b_bin=small)
    work.git("push")
    parts = [row.part for row in hub.seen.rows("put") if row.oid == oid_of(large)]
    assert parts == list(range(1, 14))
    assert hub.seen.count("complete") == 2
    assert {row.status for row in hub.seen.rows("verify")} == {200}
    assert here.clone(hub.git_url("acme/model"), "copy").read("a.bin") == large


@pytest.mark.slow
def test_locks_are_verified_before_a_push(hub, here):
    work = here.clone(hub.git_url("acme/model", token=hub.token))
    work.git("config", "lfs.locksverify", "true")
    work.git("lfs", "lock", "a.bin")
    work.commit(a_bin=os.urandom(1000))
    work.git("push")
    assert hub.seen.count("locks") >= 2
    assert "a.bin" in work.git("lfs", "locks")
    work.git("lfs", "unlock", "a.bin")
    assert "a.bin" not in work.git("lfs", "locks")


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param((drop_after(bytes=10_000),), marks=pytest.mark.slow),
        (expired_lease(),),
        pytest.param((short_lease(seconds=1, times=1),), marks=pytest.mark.slow),
        pytest.param((lost_answer(on="put"),), marks=pytest.mark.slow),
        pytest.param((status(503, on="put"), status(400, on="put")), marks=pytest.mark.slow),
        (status(429, on="put", retry_after=1),),
        pytest.param((status(500, on="verify"),), marks=pytest.mark.slow),
    ],
    ids=lambda faults: "+".join(fault.name + fault.on for fault in faults),
)
def test_git_lfs_gets_over_it_by_itself(hub, here, faults):
    content = os.urandom(200_000)
    work = here.clone(hub.git_url("acme/model", token=hub.token))
    hub.faults.add(*faults)
    work.commit(a_bin=content)
    work.git("push")
    hub.faults.clear()
    assert here.clone(hub.git_url("acme/model"), "copy").read("a.bin") == content


@pytest.mark.slow
def test_an_expired_download_url_is_asked_for_again(hub, here):
    content = os.urandom(200_000)
    work = here.clone(hub.git_url("acme/model", token=hub.token))
    work.commit(a_bin=content)
    work.git("push")
    hub.faults.add(expired_lease())
    assert here.clone(hub.git_url("acme/model"), "copy").read("a.bin") == content
    assert [row.status for row in hub.seen.rows("get")] == [403, 200]


@pytest.mark.slow
def test_git_lfs_gives_up_at_once_when_batch_fails(hub, here):
    work = here.clone(hub.git_url("acme/model", token=hub.token))
    work.commit(a_bin=os.urandom(1000))
    hub.faults.add(status(503, on="batch"))
    assert work.try_git("push") != 0
    work.git("push")


def test_somebody_elses_commit_is_pulled_first(hub, here):
    work = here.clone(hub.git_url("acme/model", token=hub.token))
    work.commit(a_bin=os.urandom(1000))
    hub.faults.add(race())
    assert work.try_git("push") != 0
    work.git("pull", "-q", "--rebase")
    work.git("push")


def test_a_large_file_in_git_is_refused_in_the_hubs_words(tmp_path, here):
    with LocalHub(root=tmp_path / "hub", max_git_file=50_000) as hub:
        hub.create("acme/model")
        work = here.clone(hub.git_url("acme/model", token=hub.token))
        work.commit(notes_txt=b"text " * 20_000)
        assert work.try_git("push") != 0
    assert "pre-receive hook declined" in work.said
    assert "Offending files:" in work.said
    assert "notes.txt" in work.said


def test_a_pointer_without_its_object_is_refused(hub, here):
    work = here.clone(hub.git_url("acme/model", token=hub.token))
    work.commit(a_bin=os.urandom(1000))
    assert work.try_git("push", "--no-verify") != 0
    assert "LFS pointer pointed to a file that does not exist" in work.said
    work.git("lfs", "push", "--all", "origin")
    work.git("push")


@pytest.mark.parametrize("how", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_hub_that_was_ended_goes_on_where_it_was(tmp_path, here, how):
    content = os.urandom(300_000)
    process, url, token = serve(tmp_path / "hub")
    try:
        LocalHub(root=tmp_path / "hub").create("acme/model")
        work = here.clone(f"{url.replace('://', f'://user:{token}@')}/acme/model")
        work.commit(a_bin=content)
        work.git("push")
    finally:
        process.send_signal(how)
        process.communicate(timeout=20)
    process, url, again = serve(tmp_path / "hub")
    try:
        assert again == token
        assert here.clone(f"{url}/acme/model", "copy").read("a.bin") == content
    finally:
        process.terminate()
        process.communicate(timeout=20)


PROGRAM = """
import sys
from pathlib import Path
from hfpush.localhub import HubConfig
from hfpush.localhub.serve import serve
serve(HubConfig(root=Path(sys.argv[1])), (), announce=lambda line: print(line, flush=True))
"""


def serve(root: Path) -> tuple[subprocess.Popen[str], str, str]:
    """A Hub in a process of its own, its URL, and its token."""
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(root)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().split(",")[0].removeprefix("Local Hub at ")
    process.stdout.readline()
    token = process.stdout.readline().rpartition(" ")[2].strip()
    return process, url, token
