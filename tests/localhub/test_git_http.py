import gzip
import os
import subprocess

import pytest
from aiohttp.test_utils import make_mocked_request

from hfpush.localhub import drop_after, race, status
from hfpush.localhub.auth import Identity, User
from hfpush.localhub.git_http import cgi_environment
from hfpush.localhub.gittree import resolve_revision

pytestmark = pytest.mark.needs("git")


@pytest.fixture
def git(tmp_path):
    """git in a folder; gives back exit status and all output."""

    def run(*arguments, cwd=tmp_path):
        done = subprocess.run(
            ["git", "-c", "credential.helper=", *arguments],
            cwd=cwd, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def clone(hub, git, tmp_path):
    """A clone of acme/model with one more commit than the Hub."""
    code, said = git("clone", "-q", hub.git_url("acme/model", token=hub.token), "work")
    assert code == 0, said
    return commit(git, tmp_path / "work", "hello.txt", b"hello\n")


def commit(git, work, name, content):
    (work / name).write_bytes(content)
    git("add", ".", cwd=work)
    assert git("commit", "-q", "-m", f"add {name}", cwd=work)[0] == 0
    return work


def test_a_push_moves_the_branch(hub, git, clone):
    assert git("push", cwd=clone)[0] == 0
    repo = next(hub.repos.list())
    assert resolve_revision(repo.path, "main") == git("rev-parse", "HEAD", cwd=clone)[1].strip()
    push = hub.seen.rows("git-push")[-1]
    assert (push.status, push.user) == (200, "local")
    assert push.bytes_in > 100
    assert push.bytes_out > 10


@pytest.mark.parametrize("suffix", ["", ".git"])
@pytest.mark.parametrize(("id", "kind"), [("acme/model", "models"), ("acme/data", "datasets"), ("gpt2", "models")])
def test_every_spelling_of_a_repository_clones(hub, git, tmp_path, id, kind, suffix):
    if id != "acme/model":
        hub.create(id, kind)
    code, said = git("clone", "-q", hub.git_url(id, kind) + suffix, "copy")
    assert code == 0, said
    assert (tmp_path / "copy" / ".gitattributes").exists()


def test_protocol_version_2_is_spoken(hub, send):
    url = f"{hub.url}/acme/model/info/refs?service=git-upload-pack"
    answer = send("GET", url, headers={"Git-Protocol": "version=2"})
    assert b"version 2" in answer.body
    assert answer.headers["content-type"] == "application/x-git-upload-pack-advertisement"
    assert "no-cache" in answer.headers["cache-control"]


def test_a_gzipped_body_is_understood(hub, send):
    headers = {
        "Git-Protocol": "version=2",
        "Content-Type": "application/x-git-upload-pack-request",
        "Content-Encoding": "gzip",
    }
    body = gzip.compress(b"0014command=ls-refs\n0000")
    answer = send("POST", f"{hub.url}/acme/model/git-upload-pack", body, headers=headers)
    assert answer.status == 200
    assert b"refs/heads/main" in answer.body


def test_a_push_larger_than_gits_buffer_comes_chunked_after_a_probe(hub, git, clone):
    commit(git, clone, "large.txt", os.urandom(1_000_000).hex().encode())
    assert git("-c", "http.postBuffer=65536", "push", cwd=clone)[0] == 0
    assert next(row.bytes_in for row in hub.seen.rows("git-push")) == 4
    assert git("clone", "-q", hub.git_url("acme/model"), "copy")[0] == 0


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/acme/model/info/refs?service=git-receive-pack", 401),
        ("/acme/secret/info/refs?service=git-upload-pack", 401),
        ("/acme/nothing/info/refs?service=git-upload-pack", 401),
        ("/acme/model/info/refs", 403),
        ("/acme/model/info/refs?service=rm", 403),
    ],
)
def test_whoever_may_not_come_in_is_asked_who_they_are(hub, send, path, status):
    hub.create("acme/secret", private=True)
    answer = send("GET", hub.url + path)
    assert answer.status == status
    assert answer.headers.get("www-authenticate", "").startswith("Basic ") is (status == 401)


def test_known_callers_are_told_what_is_wrong(hub, send):
    receive = "info/refs?service=git-receive-pack"
    assert send("GET", f"{hub.url}/acme/model/{receive}", basic=hub.read_token).status == 403
    assert send("GET", f"{hub.url}/acme/nothing/{receive}", basic=hub.token).status == 404
    assert send("GET", f"{hub.url}/acme/model/git-receive-pack", basic=hub.token).status == 405
    assert send("GET", f"{hub.url}/acme/model/{receive}", basic=hub.token).status == 200
    assert send("GET", f"{hub.url}/acme/model/{receive}", token=hub.token).status == 200


def test_a_push_that_breaks_off_leaves_the_branch_and_can_be_repeated(hub, git, clone):
    commit(git, clone, "large.txt", os.urandom(300_000).hex().encode())
    before = resolve_revision(next(hub.repos.list()).path, "main")
    hub.faults.add(drop_after(bytes=200_000, on="git-push"))
    assert git("push", cwd=clone)[0] != 0
    assert resolve_revision(next(hub.repos.list()).path, "main") == before
    assert git("push", cwd=clone)[0] == 0


def test_a_fetch_that_breaks_off_can_be_repeated(hub, git, clone):
    commit(git, clone, "large.txt", os.urandom(300_000).hex().encode())
    git("push", cwd=clone)
    hub.faults.add(drop_after(bytes=0, on="git-fetch"), drop_after(bytes=100_000, on="git-fetch"))
    url = hub.git_url("acme/model")
    assert [git("clone", "-q", url, "copy")[0] == 0 for _ in range(3)] == [False, False, True]
    assert [row.bytes_out for row in hub.seen.rows("git-fetch") if row.fault] == [0, 100_000]


def test_somebody_elses_commit_comes_first(hub, git, clone):
    hub.faults.add(race())
    code, said = git("push", cwd=clone)
    assert code != 0
    assert "reject" in said or "fail" in said
    assert git("pull", "-q", "--rebase", cwd=clone)[0] == 0
    assert git("push", cwd=clone)[0] == 0


def test_a_push_can_be_refused_for_a_while(hub, git, clone):
    hub.faults.add(status(503, on="git-push"))
    assert git("push", cwd=clone)[0] != 0
    assert git("push", cwd=clone)[0] == 0


def test_git_is_told_who_pushes_and_nothing_of_our_own_surroundings(hub, monkeypatch):
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    request = make_mocked_request("POST", "/acme/model/git-receive-pack", headers={"Content-Length": "4"})
    repo = next(hub.repos.list())
    env = cgi_environment(request, repo, "git-receive-pack", Identity(User("ada", "hf_x")))
    assert "GIT_DIR" not in env
    assert "hf_x" not in str(env)
    assert env["REMOTE_USER"] == "ada"
    assert "CONTENT_LENGTH" not in env
    assert env["PATH_INFO"] == "/model.git/git-receive-pack"
