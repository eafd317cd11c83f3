"""git's three requests, asked of the endpoint: with our TLS, proxies, token, time limits and retries.

A push that was cut off is not simply repeated: first the endpoint is asked for its refs, for it may have taken the push
and only its answer got lost. What that means is decided in receive_pack.py.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from hfpush.bridge.packets import FLUSH
from hfpush.bridge.receive_pack import Answer, PushRequest, outcome, parse_advertised, parse_push, report
from hfpush.bridge.spool import Spool
from hfpush.endpoints import RepoAddress
from hfpush.errors import Damaged, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.net.call import Call
from hfpush.net.http import Http
from hfpush.net.redact import place, redact
from hfpush.net.retry import OnWait, RetryPolicy, Sleep, call_with_retry
from hfpush.net.streaming import Stream, open_stream

T = TypeVar("T")
Service = Literal["git-upload-pack", "git-receive-pack"]
OnSent = Callable[[int, int], None]
Write = Callable[[bytes], None]
"""Hands bytes of an answer to git. What it raises ends the request."""

_PASSED_ON = ("Accept", "Cache-Control", "Content-Encoding", "Content-Type", "Git-Protocol")
_GIT = re.compile(r"git/[0-9A-Za-z.+-]{1,60}")
_COMMANDS_BYTES = 1 << 20
_MOST_REFS_BYTES = 1 << 26
_MOST_PLAIN_BYTES = 1 << 24
_AGAIN = "run the same command again; it goes on where it was"


@dataclass(frozen=True)
class Asked:
    """What of the head of git's request matters to the endpoint."""

    headers: Mapping[str, str]

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Asked:
        """What is passed on of the header lines that git sent, given by name in lower case; the rest is dropped."""
        passed = {name: value for name in _PASSED_ON if (value := headers.get(name.lower())) is not None}
        program = _GIT.match(headers.get("user-agent", ""))
        return cls(passed | ({"User-Agent": f"{program[0]} hfpush"} if program else {}))

    @property
    def gzipped(self) -> bool:
        """Whether the body is packed."""
        return self.headers.get("Content-Encoding", "").strip().lower() in ("gzip", "x-gzip")


class Upstream:
    """One repository at its endpoint. Safe to use from several threads.

    `sleep` waits between attempts and may raise to stop them; `moved` is called whenever bytes have moved,
    `on_sent` with how much of a request has gone and with its size, from the beginning at each attempt.
    """

    def __init__(
        self,
        http: Http,
        address: RepoAddress,
        policy: RetryPolicy,
        *,
        sleep: Sleep,
        on_wait: OnWait | None,
        moved: Callable[[], None],
        on_sent: OnSent | None = None,
    ) -> None:
        self._http = http
        self._url = address.web_url
        self._policy = policy
        self._sleep = sleep
        self._on_wait = on_wait
        self._moved = moved
        self._on_sent = on_sent

    def refs(self, service: Service, asked: Asked) -> bytes:
        """The endpoint's advertisement: its refs, or what it can do. Raises what `Http.send` raises."""
        return self._retried(lambda: self._refs(service, asked))

    def fetch(self, body: Spool, asked: Asked, write: Write) -> None:
        """The answer of git-upload-pack, as it comes. Asked again only as long as nothing of it went to git."""
        response = self._retried(lambda: self._send("git-upload-pack", body, asked))
        with response:
            for piece in response.pieces():
                self._moved()
                write(piece)

    def push(self, body: Spool, asked: Asked, write: Write) -> None:
        """The answer of git-receive-pack, its progress as it comes.

        A push that was cut off, or whose answer was, is sent again when no ref at the endpoint has moved; when all
        are where git wants them, git is told so. Raises Refused (`remote-moved`) when they are elsewhere.
        """
        request = parse_push(body.beginning(_COMMANDS_BYTES, gzipped=asked.gzipped))
        if request is not None:
            self._push(request, body, asked, write)
            return

        def once() -> bytes:
            with self._send("git-receive-pack", body, asked) as response:
                return self._whole(response, _MOST_PLAIN_BYTES)

        probe = body.size == len(FLUSH) and body.beginning(len(FLUSH)) == FLUSH
        write(self._retried(once) if probe else once())

    def _push(self, request: PushRequest, body: Spool, asked: Asked, write: Write) -> None:
        cut: Unavailable | None = None
        attempt = 0
        while True:
            attempt += 1
            try:
                write(self._settle(request, cut, lambda: self._attempt(request, body, asked, write)))
                return
            except Unavailable as failure:
                wait = self._policy.wait_before(attempt, failure, random.random())
                if wait is None:
                    raise
                cut = failure
                if self._on_wait is not None:
                    self._on_wait(wait, failure)
                self._sleep(wait)

    def _settle(self, request: PushRequest, cut: Unavailable | None, attempt: Callable[[], Answer]) -> bytes:
        """The end of the answer for git, after one more attempt if there is need of one. `cut` ended the last one."""
        if cut is not None:
            so_far = outcome(request, self._advertised())
            if so_far == "landed":
                return report(request)
            if so_far == "other":
                raise _moved_on(request, cut)
        answer = attempt()
        # The server may still have been at work on the attempt before, and refuse this one because that one was taken.
        late = cut is not None and request.reports and not answer.good
        if late and outcome(request, self._advertised()) == "landed":
            return report(request)
        return answer.end()

    def _attempt(self, request: PushRequest, body: Spool, asked: Asked, write: Write) -> Answer:
        answer = Answer(request)
        with self._send("git-receive-pack", body, asked) as response:
            for piece in response.pieces():
                self._moved()
                if now := answer.feed(piece):
                    write(now)
        if not answer.whole:
            seen = (f"POST {place(response.url)}: the answer ends without its report",)
            raise Unavailable(Finding("push-interrupted", "The answer to the push broke off.", seen, (_AGAIN,)))
        return answer

    def _advertised(self) -> Mapping[str, str]:
        return parse_advertised(self._refs("git-receive-pack", Asked({})))

    def _refs(self, service: Service, asked: Asked) -> bytes:
        call = Call("GET", f"{self._url}/info/refs?service={service}", headers=asked.headers, basic=True)
        with self._opened(call, f"application/x-{service}-advertisement") as response:
            return self._whole(response, _MOST_REFS_BYTES)

    def _whole(self, response: Stream, at_most: int) -> bytes:
        content = bytearray()
        end = time.monotonic() + self._http.patience.whole
        for piece in response.pieces():
            self._moved()
            content += piece
            if time.monotonic() > end:
                seen = (f"{place(response.url)}: {len(content)} bytes in {self._http.patience.whole:.0f} s",)
                raise Unavailable(Finding("stalled", "A server sends hardly anything.", seen, (_AGAIN,)))
            if len(content) > at_most:
                seen = (f"{place(response.url)}: the answer has more than {at_most} bytes",)
                raise Damaged.of("answer-too-large", "The endpoint does not answer git as a Hub does.", seen=seen)
        return bytes(content)

    def _send(self, service: Service, body: Spool, asked: Asked) -> Stream:
        """The head of the answer to a POST; the body is still to come."""
        call = Call(
            "POST",
            f"{self._url}/{service}",
            headers=asked.headers,
            body=lambda: body.body(self._counter(body.size)),
            basic=True,
            answer_seconds=max(self._http.patience.answer, self._http.patience.whole),  # a hook works in silence
        )
        return self._opened(call, f"application/x-{service}-result")

    def _counter(self, size: int) -> Callable[[int], None]:
        sent = 0

        def count(more: int) -> None:
            nonlocal sent
            sent += more
            self._moved()
            if self._on_sent is not None:
                self._on_sent(sent, size)

        return count

    def _opened(self, call: Call, kind: str) -> Stream:
        response = open_stream(self._http, call)
        self._moved()
        if response.content_type == kind:
            return response
        response.close()
        said = redact(response.content_type) or "no type"
        raise Refused.of(
            "not-a-hub",
            f"{self._http.endpoint.url} does not answer git as a Hub does.",
            seen=(f"{call.method} {place(response.url)} was answered with {said}",),
            to_try=(
                "check the endpoint's URL",
                "if a login page of your network stands in between, log in there first",
            ),
        )

    def _retried(self, step: Callable[[], T]) -> T:
        return call_with_retry(step, self._policy, sleep=self._sleep, on_wait=self._on_wait)


def _moved_on(request: PushRequest, cut: Unavailable) -> Refused:
    refs = ", ".join(command.ref for command in request.commands[:3])
    return Refused.of(
        "remote-moved",
        "The branch on the Hub has moved on while the push was cut off.",
        seen=(*cut.finding.evidence[:1], f"{refs}: neither as before nor as pushed"),
        to_try=("git pull --rebase from it, then run the same command again",),
    )
