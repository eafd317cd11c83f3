from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from support.git_server import SECONDS, Answering, GitServer, line, push_of, running

from hfpush.bridge.spool import Spool
from hfpush.bridge.upstream import Asked, Upstream
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import HfpushError, Refused, Unavailable
from hfpush.net.http import Http
from hfpush.net.retry import RetryPolicy

OLD, NEW, ELSE = "1" * 40, "2" * 40, "3" * 40
MAIN = "refs/heads/main"
GOOD = line(b"\1" + line(b"unpack ok\n") + line(f"ok {MAIN}\n".encode()) + b"0000") + b"0000"
BAD = line(b"\1" + line(b"unpack ok\n") + line(f"ng {MAIN} failed to update ref\n".encode()) + b"0000") + b"0000"
PROGRESS = line(b"\2Resolving deltas: 100%\n")


def take(answering: Answering, answer: bytes = GOOD) -> None:
    answering.git.refs[MAIN] = NEW
    answering.head()
    answering.send(answer)
    answering.done()


def land_and_cut(answering: Answering) -> None:
    answering.git.refs[MAIN] = NEW
    answering.head()
    answering.send(PROGRESS)


def cut(answering: Answering) -> None:
    answering.head()
    answering.send(PROGRESS[:7])


def end_too_early(answering: Answering) -> None:
    answering.head()
    answering.send(PROGRESS)
    answering.done()


def lose_to_another(answering: Answering) -> None:
    answering.git.refs[MAIN] = ELSE


def refuse_for_it_landed_late(answering: Answering) -> None:
    take(answering, BAD)  # the attempt before was still under way when the refs were looked at


def refuse(answering: Answering) -> None:
    answering.head()
    answering.send(BAD)
    answering.done()


def page(answering: Answering) -> None:
    answering.head("text/html")
    answering.send(b"<h1>Please log in</h1>")
    answering.done()


class Asking:
    """A push to a server, by an upstream that does not wait."""

    def __init__(self, git: GitServer, *, attempts: int = 3, token: str | None = "hf_madeupfortests") -> None:
        self.waits: list[float] = []
        self.written = b""
        address = RepoAddress.parse(Endpoint("test", git.url), "acme/model")
        self.http = Http(address.endpoint, token)
        self.upstream = Upstream(
            self.http,
            address,
            RetryPolicy(attempts=attempts),
            sleep=self.waits.append,
            on_wait=None,
            moved=lambda: None,
        )

    def push(self, body: bytes | None = None, write: Callable[[bytes], None] | None = None) -> bytes:
        with self.http, Spool() as spool:
            spool.fill([push_of(MAIN, OLD, NEW) if body is None else body])
            self.upstream.push(
                spool, Asked.of({"content-type": "application/x-git-receive-pack-request"}), write or self._write
            )
        return self.written

    def _write(self, data: bytes) -> None:
        self.written += data


@pytest.mark.parametrize(
    ("plan", "posts", "written"),
    [
        ([take], 1, GOOD),
        ([refuse], 1, BAD),
        ([cut, take], 2, GOOD),
        ([end_too_early, take], 2, PROGRESS + GOOD),
        ([land_and_cut], 1, PROGRESS + GOOD),
        ([cut, cut, take], 3, GOOD),
        ([cut, land_and_cut], 2, PROGRESS + GOOD),
        ([cut, refuse_for_it_landed_late], 2, GOOD),
        ([cut, refuse], 2, BAD),
    ],
)
def test_a_push_arrives_once_and_git_gets_one_report(
    plan: list[Callable[[Answering], None]], posts: int, written: bytes
) -> None:
    git = GitServer(*plan)
    git.refs[MAIN] = OLD
    with running(git):
        asking = Asking(git)
        assert asking.push() == written
    assert git.bodies == [push_of(MAIN, OLD, NEW)] * posts


@pytest.mark.parametrize(
    ("plan", "kind", "reference"),
    [
        ([cut, cut, cut], Unavailable, "connection-cut"),
        ([lose_to_another], Refused, "remote-moved"),
        ([page], Refused, "not-a-hub"),
    ],
)
def test_a_push_that_cannot_be_settled_is_told(
    plan: list[Callable[[Answering], None]], kind: type[HfpushError], reference: str
) -> None:
    git = GitServer(*plan)
    git.refs[MAIN] = OLD
    with running(git), pytest.raises(kind) as caught:
        Asking(git).push()
    assert caught.value.finding.reference == reference
    assert git.plan == []


@pytest.mark.parametrize("body", [line(b"push-cert\0report-status") + b"0000", b"", push_of("main", OLD, NEW)])
def test_a_push_that_is_not_understood_is_sent_once(body: bytes) -> None:
    git = GitServer(cut, take)
    with running(git), pytest.raises(Unavailable):
        Asking(git).push(body)
    assert git.bodies == [body]


def test_gits_probe_is_sent_on_and_may_be_repeated() -> None:
    def nothing(answering: Answering) -> None:
        answering.head()
        answering.done()

    git = GitServer(cut, nothing)
    with running(git):
        assert Asking(git).push(b"0000") == b""
    assert git.bodies == [b"0000", b"0000"]


def test_progress_is_handed_on_while_the_server_works() -> None:
    shown = threading.Event()

    def work(answering: Answering) -> None:
        answering.head()
        answering.send(PROGRESS)
        assert shown.wait(SECONDS)
        take_rest(answering)

    def take_rest(answering: Answering) -> None:
        answering.send(GOOD)
        answering.done()

    def write(data: bytes) -> None:
        written.append(data)
        shown.set()

    written: list[bytes] = []
    git = GitServer(work)
    with running(git):
        Asking(git).push(write=write)
    assert b"".join(written) == PROGRESS + GOOD


def test_the_token_goes_along_as_a_password_and_little_else_of_git() -> None:
    git = GitServer(take)
    with running(git):
        asking = Asking(git)
        asking.upstream.refs(
            "git-receive-pack",
            Asked.of(
                {
                    "git-protocol": "version=2",
                    "user-agent": "git/2.39.5",
                    "authorization": "Basic door",
                    "cookie": "a=b",
                    "x-mine": "1",
                }
            ),
        )
        asking.http.close()
    asked, headers = git.seen[0]
    assert asked == "GET /acme/model/info/refs?service=git-receive-pack"
    assert headers["authorization"] == "Basic aGZwdXNoOmhmX21hZGV1cGZvcnRlc3Rz"
    assert (headers["git-protocol"], headers["user-agent"]) == ("version=2", "git/2.39.5 hfpush")
    assert not {"cookie", "x-mine"} & headers.keys()


def test_a_packed_body_stays_packed() -> None:
    assert Asked.of({"content-encoding": "gzip"}).gzipped
    assert Asked.of({"content-encoding": "gzip"}).headers == {"Content-Encoding": "gzip"}
    assert not Asked.of({}).gzipped
