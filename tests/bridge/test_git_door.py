from __future__ import annotations

import http.client
import os
import socket
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.doors import door_to, git_through

from hfpush.bridge.git_door import GitDoor
from hfpush.errors import NotFound, Refused, Unavailable
from hfpush.localhub import LocalHub, delay, drop_after, html, lost_answer, redirect_loop, stall, status, truncate
from hfpush.localhub.faults import Fault
from hfpush.net.patience import Patience

SECONDS = 30


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub") as running:
        repo = running.create("acme/model", empty=True)
        subprocess.run(["git", "-C", str(repo.path), "config", "core.logAllRefUpdates", "always"], check=True)
        yield running


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository whose pack is larger than what git sends in one piece."""
    place = tmp_path / "repo"
    place.mkdir()
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        (place / "words.txt").write_text("\n".join(b64encode(os.urandom(60)).decode() for _ in range(20_000)))
        subprocess.run(["git", *words], cwd=place, check=True, timeout=SECONDS)
    return place


def landed(hub: LocalHub) -> int:
    """How often the branch was moved."""
    found = list(Path(hub.config.root).rglob("logs/refs/heads/main"))
    return len(found[0].read_text().splitlines()) if found else 0


def ask(door: GitDoor, method: str, path: str, password: str | None, body: bytes | None = None) -> tuple[int, str]:
    host, _, rest = door.url.removeprefix("http://").partition("/")
    own = "/" + rest
    connection = http.client.HTTPConnection(host, timeout=SECONDS)
    try:
        given = {} if password is None else {"Authorization": f"Basic {b64encode(f'x:{password}'.encode()).decode()}"}
        connection.request(method, path.replace("DOOR", own), headers=given, body=body)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("WWW-Authenticate", "")
    finally:
        connection.close()


def test_git_pushes_and_clones_through_it(hub: LocalHub, repo: Path, tmp_path: Path) -> None:
    with door_to(hub) as door:
        pushed = git_through(door, "push", "--progress", door.url, "HEAD:refs/heads/main", cwd=repo)
        assert pushed.returncode == 0, pushed.stderr
        hub.seen.clear()
        cloned = git_through(door, "-c", "protocol.version=2", "clone", door.url, "clone", cwd=tmp_path)
        assert cloned.returncode == 0, cloned.stderr
        assert "Receiving objects" in cloned.stderr or "Cloning" in cloned.stderr
        assert door.failure() is None
    heads = [subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=at) for at in (repo, tmp_path / "clone")]
    assert heads[0] == heads[1]
    # the second version of the protocol asks for the refs in a request of its own
    assert [row.op for row in hub.seen.rows()] == ["git-refs", "git-fetch", "git-fetch"]


def test_who_lacks_the_path_or_the_secret_gets_nothing(hub: LocalHub) -> None:
    refs = "/info/refs?service=git-receive-pack"
    with door_to(hub) as door:
        assert ask(door, "GET", f"DOOR{refs}", None) == (401, 'Basic realm="hfpush"')
        assert ask(door, "GET", f"DOOR{refs}", "guess")[0] == 401
        assert ask(door, "GET", f"/acme/model{refs}", door.secret)[0] == 404
        assert ask(door, "POST", "DOOR/git-receive-pack", "guess", b"0000")[0] == 401
        assert ask(door, "GET", f"DOOR{refs}", door.secret)[0] == 200
        assert door.secret not in door.url
        assert hub.seen.count() == 1


def test_a_name_that_leads_to_the_loopback_is_not_answered(hub: LocalHub) -> None:
    with door_to(hub) as door:
        port = int(door.place.partition(":")[2])
        given = {
            "Authorization": f"Basic {b64encode(f'x:{door.secret}'.encode()).decode()}",
            "Host": f"evil.test:{port}",
        }
        path = door.url.removeprefix(f"http://{door.place}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        connection.request("GET", f"{path}/info/refs?service=git-receive-pack", headers=given)
        assert connection.getresponse().status == 404
        connection.close()
        assert hub.seen.count() == 0


@pytest.mark.slow
def test_a_crowd_that_has_no_secret_does_not_keep_git_out(hub: LocalHub, repo: Path) -> None:
    with door_to(hub) as door, ExitStack() as crowd:
        address = ("127.0.0.1", int(door.place.partition(":")[2]))
        for _ in range(100):
            crowd.enter_context(socket.create_connection(address, timeout=SECONDS)).sendall(b"GET / HT")
        pushed = git_through(door, "push", door.url, "HEAD:refs/heads/main", cwd=repo)
        assert pushed.returncode == 0, pushed.stderr


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "DOOR"),
        ("GET", "DOOR/info/refs"),
        ("GET", "DOOR/info/refs?service=git-upload-archive"),
        ("GET", "DOOR/../other/info/refs?service=git-upload-pack"),
        ("GET", "DOOR.git/info/lfs/objects/batch"),
        ("GET", "DOOR/git-upload-pack"),
        ("POST", "DOOR/info/refs?service=git-upload-pack"),
        ("POST", "DOOR/git-upload-archive"),
        ("POST", "DOOR/git-upload-pack?a=b"),
        ("POST", "DOOR.git/info/lfs/objects/batch"),
    ],
)
def test_nothing_but_gits_three_requests_is_passed_on(hub: LocalHub, method: str, path: str) -> None:
    with door_to(hub) as door:
        assert ask(door, method, path, door.secret)[0] == 404
        assert ask(door, "PUT", "DOOR/git-receive-pack", door.secret)[0] == 501
    assert hub.seen.count() == 0


def test_a_body_that_is_not_framed_clearly_is_refused(hub: LocalHub) -> None:
    with door_to(hub) as door:
        host = door.url.removeprefix("http://").partition("/")[0]
        connection = http.client.HTTPConnection(host, timeout=SECONDS)
        connection.putrequest("POST", "/" + door.url.split("/", 3)[3] + "/git-upload-pack")
        connection.putheader("Authorization", f"Basic {b64encode(f'x:{door.secret}'.encode()).decode()}")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.putheader("Content-Length", "4")
        connection.endheaders(b"0\r\n\r\n")
        assert connection.getresponse().status == 400
        connection.close()
    assert hub.seen.count() == 0


FAULTS = [
    pytest.param([drop_after(1000, on="git-push")], marks=pytest.mark.slow),
    [drop_after(700_000, on="git-push", times=2)],
    pytest.param([lost_answer(on="git-push")], marks=pytest.mark.slow),
    [lost_answer(on="git-push", times=2)],
    pytest.param([status(503, on="git-push")], marks=pytest.mark.slow),
    [status(429, on="git-push", retry_after=0)],
    [stall(20, bytes=100_000, on="git-push")],
    [status(503, on="git-refs", times=2)],
    pytest.param([lost_answer(on="git-refs")], marks=pytest.mark.slow),
    pytest.param([drop_after(700_000, on="git-push"), status(502, on="git-refs", times=2)], marks=pytest.mark.slow),
    pytest.param([delay(0.1, on="git-refs")], marks=pytest.mark.slow),
]


@pytest.mark.parametrize("faults", FAULTS, ids=lambda faults: " ".join(map(str, faults)))
def test_a_push_arrives_exactly_once_whatever_happens(hub: LocalHub, repo: Path, faults: list[Fault]) -> None:
    hub.faults.add(*faults)
    with door_to(hub, attempts=6, patience=Patience(idle=1.5, answer=1.5, whole=1.5)) as door:
        pushed = git_through(door, "push", door.url, "HEAD:refs/heads/main", cwd=repo)
        assert pushed.returncode == 0, (pushed.stderr, door.failure())
    assert landed(hub) == 1


@pytest.mark.parametrize(
    ("token", "id", "faults", "kind", "reference"),
    [
        (None, "acme/model", [], Refused, "token-missing"),
        ("hf_wrongwrong", "acme/model", [], Refused, "token-refused"),
        ("read", "acme/model", [], Refused, "no-permission"),
        ("write", "acme/none", [], NotFound, "repo-not-found"),
        ("write", "acme/model", [status(503, on="git-push", times=None)], Unavailable, "hub-unavailable"),
        ("write", "acme/model", [status(413, on="git-push")], Refused, "request-too-large"),
        ("write", "acme/model", [drop_after(1000, on="git-push", times=None)], Unavailable, "connection-cut"),
        ("write", "acme/model", [html(on="git-refs")], Refused, "not-a-hub"),
        ("write", "acme/model", [html(on="git-push")], Refused, "not-a-hub"),
        ("write", "acme/model", [redirect_loop(on="git-refs")], Refused, "redirect-refused"),
        ("write", "acme/model", [status(429, on="git-refs", retry_after=4000)], Unavailable, "rate-limited"),
    ],
)
def test_what_ends_a_request_is_remembered(
    hub: LocalHub, repo: Path, token: str | None, id: str, faults: list[Fault], kind: type, reference: str
) -> None:
    hub.faults.add(*faults)
    with door_to(hub, id, token=token, attempts=2) as door:
        pushed = git_through(door, "push", door.url, "HEAD:refs/heads/main", cwd=repo)
        met = door.failure()
        assert pushed.returncode != 0
        assert isinstance(met, kind)
        assert met.finding.reference == reference
        door.begin()
        assert door.failure() is None
    assert landed(hub) == 0


def test_an_answer_that_breaks_off_is_not_whole_for_git(hub: LocalHub, repo: Path, tmp_path: Path) -> None:
    with door_to(hub) as door:
        assert git_through(door, "push", door.url, "HEAD:refs/heads/main", cwd=repo).returncode == 0
        hub.faults.add(drop_after(100_000, on="git-fetch"))
        broken = git_through(door, "clone", door.url, "clone", cwd=tmp_path)
        assert broken.returncode != 0
        assert isinstance(door.failure(), Unavailable)
        hub.faults.add(status(503, on="git-fetch"), truncate(10, on="info"))
        assert git_through(door, "clone", door.url, "again", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    "name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "LD_PRELOAD", "GIT_SSL_CAINFO", "GIT_SSL_KEY"]
)
def test_gits_surroundings_do_not_matter(hub: LocalHub, repo: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with door_to(hub) as door:
        door_to_hub = hub.seen.count()
        monkeypatch.setenv(name, "http://127.0.0.1:9/nowhere.so")
        monkeypatch.setenv("NO_PROXY", hub.url.removeprefix("http://"))
        pushed = git_through(door, "ls-remote", door.url, cwd=repo)
        assert pushed.returncode == 0, (pushed.stderr, door.failure())
        assert hub.seen.count() > door_to_hub


def test_a_git_without_https_will_do(hub: LocalHub, repo: Path, tmp_path: Path) -> None:
    theirs = Path(subprocess.check_output(["git", "--exec-path"], text=True).strip())
    programs = tmp_path / "git-core"
    programs.mkdir()
    for program in theirs.iterdir():
        if program.name not in ("git-remote-https", "git-remote-ftp", "git-remote-ftps"):
            (programs / program.name).symlink_to(program.resolve())
    with door_to(hub) as door:
        words = ("push", door.url, "HEAD:refs/heads/main")
        pushed = git_through(door, *words, cwd=repo, env={"GIT_EXEC_PATH": str(programs)})
        assert pushed.returncode == 0, pushed.stderr
    assert landed(hub) == 1


def test_it_counts_as_alive_while_the_endpoint_is_asked(hub: LocalHub, repo: Path) -> None:
    with door_to(hub) as door:
        before = door.alive()
        assert door.alive() == before
        assert git_through(door, "ls-remote", door.url, cwd=repo).returncode == 0
        assert door.alive() > before
