"""git's smart HTTP, through the real `git http-backend`: a CGI program, fed and read as a stream.

Bodies pass as they come: chunked, gzipped (git undoes that), of any size. `.git` in the URL is optional. Whoever may
not come in is asked for Basic credentials, as git expects.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process

from aiohttp import web

from hfpush.localhub.appkeys import AUTH, CONFIG, REPOS
from hfpush.localhub.auth import BASIC_CHALLENGE, Denial, Identity, refuse_read, refuse_write
from hfpush.localhub.gitcmd import environment
from hfpush.localhub.names import BadName, RepoKey
from hfpush.localhub.recording import answering
from hfpush.localhub.refusals import refusal
from hfpush.localhub.repos import Repo
from hfpush.localhub.rival import somebody_else_commits
from hfpush.localhub.route import Target
from hfpush.localhub.seen import row_of
from hfpush.localhub.shaping import Pace, Shape, body_shape, changed, received, take

_PIECE = 256 * 1024
_LONGEST_SECONDS = 6 * 3600.0
_GRACE_SECONDS = 2.0


async def handle(request: web.Request, target: Target) -> web.StreamResponse:
    """Answer one request of git."""
    service = request.query.get("service", "") if target.path == "info/refs" else target.path
    if service not in ("git-upload-pack", "git-receive-pack"):
        return refusal("git-refs", 403, "Only git's smart protocol is spoken here")
    if request.method != ("GET" if target.path == "info/refs" else "POST"):
        return refusal("git-refs", 405, "Method Not Allowed")
    try:
        repo = request.app[REPOS].find(RepoKey(target.type, target.id))
    except BadName:
        repo = None
    identity = request.app[AUTH].identify(request.headers)
    denial = (refuse_write if service == "git-receive-pack" else refuse_read)(identity, repo)
    if denial is not None or repo is None:
        return _refused(denial or Denial(404, "RepoNotFound", "Repository not found"))
    if row_of(request).op == "git-push" and take(request, "race"):
        await asyncio.to_thread(somebody_else_commits, repo, when=request.app[CONFIG].clock())
    return await _run(request, repo, target.path, identity)


def _refused(denial: Denial) -> web.Response:
    answer = refusal("git-refs", denial.status, denial.message, denial.code)
    if denial.status == 401:
        answer.headers["WWW-Authenticate"] = BASIC_CHALLENGE
    return answer


def cgi_environment(request: web.Request, repo: Repo, path: str, identity: Identity) -> dict[str, str]:
    """The environment of `git http-backend` for one request.

    It is not told how long the body is: it reads to the end, which we make. Told, it would turn round for ever where
    the body ends early because this process is no more.
    """
    headers = request.headers
    given = {
        "GIT_PROJECT_ROOT": str(repo.path.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repo.path.name}/{path}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.rel_url.raw_query_string,
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "HTTP_CONTENT_ENCODING": headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": headers.get("Git-Protocol", ""),
        "REMOTE_USER": identity.user.name if identity.user else "",
        "REMOTE_ADDR": request.remote or "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "GATEWAY_INTERFACE": "CGI/1.1",
    }
    return environment({name: value for name, value in given.items() if value})


async def _run(request: web.Request, repo: Repo, path: str, identity: Identity) -> web.StreamResponse:
    process = await asyncio.create_subprocess_exec(
        "git", "http-backend", stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=4 * _PIECE,
        env=cgi_environment(request, repo, path, identity), start_new_session=True,
    )  # fmt: skip
    feeding = asyncio.ensure_future(_feed(request, process))
    try:
        answer = await asyncio.wait_for(_relay(request, process), _LONGEST_SECONDS)
        await feeding
        return answer
    except ConnectionError:
        if feeding.done() and not feeding.cancelled() and (broken := feeding.exception()):
            raise broken from None
        raise
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        await _end(process)


async def _feed(request: web.Request, process: Process) -> None:
    """The request body into the program; a body that breaks off ends the program, for it must not be taken as whole.

    Raises ConnectionError then.
    """
    assert process.stdin is not None
    wanted = True
    try:
        async for data in received(request, _request_shape(request)):
            if wanted:
                try:
                    process.stdin.write(data)
                    await process.stdin.drain()
                except ConnectionError:
                    wanted = False  # it has answered already, and reads no more; the client shall see that answer
        process.stdin.close()
    except (ConnectionError, web.RequestPayloadError) as broken:
        _signal(process, signal.SIGTERM)
        raise ConnectionResetError("the request body broke off") from broken


def _request_shape(request: web.Request) -> Shape | None:
    """Faults on a fetch are about what is sent, on a push about what is received."""
    return body_shape(request, length=request.content_length) if row_of(request).op == "git-push" else None


def _signal(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


async def _end(process: Process) -> None:
    """Wait for the program; one that nobody listens to any more is ended, git's own way first."""
    if process.stdin is not None:
        process.stdin.close()
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is None:
            try:
                await asyncio.wait_for(asyncio.shield(process.wait()), _GRACE_SECONDS)
            except asyncio.TimeoutError:
                _signal(process, number)
    await process.wait()


async def _relay(request: web.Request, process: Process) -> web.StreamResponse:
    """The program's answer, from its CGI head on."""
    assert process.stdout is not None
    try:
        head = await process.stdout.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return refusal("git-refs", 500)
    answer = web.StreamResponse()
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(": ")
        if name == "Status":
            answer.set_status(int(value[:3]))
        elif name:
            answer.headers[name] = value
    row = row_of(request)
    shape = body_shape(request, length=None) if row.op == "git-fetch" else None
    pace = Pace(request, shape)
    answering(request, answer.status)
    await answer.prepare(request)
    await pace.reach(0)
    while data := await process.stdout.read((shape and shape.step(row.bytes_out)) or _PIECE):
        row.bytes_out += len(data)
        await answer.write(changed(shape, row.bytes_out - len(data), data))
        await pace.reach(row.bytes_out)
    pace.end(row.bytes_out)
    await answer.write_eof()
    return answer
