"""The requests of an upload, one method each: batch, part, completion, verify. Each is one try; it decides nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from urllib.parse import urlsplit

from hfpush.endpoints import Endpoint
from hfpush.errors import HfpushError, LeaseExpired, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.lfs.batch import HEADERS, Answered, Present, Rejected, batch_request, parse_downloads, parse_uploads
from hfpush.lfs.lease import Action, Lease
from hfpush.lfs.pointer import Pointer
from hfpush.net.body import SliceBody
from hfpush.net.half import nowhere
from hfpush.net.http import Call, Http
from hfpush.net.logins import Logins
from hfpush.net.redact import place
from hfpush.net.server_clock import ahead
from hfpush.transfer.source import Source

_COMPLETE_SECONDS = 600.0  # the server may read the whole object once more before it answers
_NOT_CARRIED = (404, 405, 501)  # what a server says to requests that it was not made for
_OURS = {"content-length", "transfer-encoding", "connection", "host"}  # headers that follow from how we send


class LfsRepo(Protocol):
    """What uploads need to know of a repository: a RepoAddress, or an LfsAddress where only its LFS server is known."""

    @property
    def endpoint(self) -> Endpoint:
        """Where it is."""

    @property
    def web_url(self) -> str:
        """Its name among all repositories everywhere, without a secret."""

    @property
    def lfs_url(self) -> str:
        """Its LFS API."""


class LfsApi:
    """The LFS server of one repository, for uploads to `branch`. `clock` is unix time. `otherwise` gives another
    connection, with another credential, once the first was not enough; None if there is none."""

    def __init__(
        self,
        http: Http,
        repo: LfsRepo,
        branch: str,
        *,
        otherwise: Callable[[], Http | None] = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._logins = Logins(http, otherwise)
        self._repo = repo
        self._ref = f"refs/heads/{branch}"
        self._clock = clock

    @property
    def scope(self) -> str:
        """What a journal of this server and repository belongs to; no secret in it."""
        return self._repo.web_url

    def ask_upload(self, objects: Sequence[Pointer]) -> dict[str, Answered]:
        """What to do for each object, by oid. At most `lfs.batch.MAX_OBJECTS` of them."""
        answer, headers = self._logins.json(self._batch(batch_request("upload", objects, self._ref)))
        now = self._clock()
        return parse_uploads(answer, objects, now=now, ahead=ahead(headers, now))

    def ask_download(self, objects: Sequence[Pointer]) -> dict[str, Present | Rejected]:
        """Which objects the server would give back, by oid."""
        answer, _ = self._logins.json(self._batch(batch_request("download", objects, self._ref)))
        return parse_downloads(answer, objects)

    def _batch(self, request: object) -> Call:
        return Call("POST", f"{self._repo.lfs_url}/objects/batch", headers=HEADERS, json=request)

    def send_part(self, lease: Lease, number: int, source: Source, on_bytes: Callable[[int], None]) -> str:
        """Send one part (or the whole object, for a lease without parts); its ETag, empty if the answer has none.

        `on_bytes` is told how many bytes were handed to the network; a negative number when they have to go again.
        """
        start, stop = lease.range_of(number)
        url = self._storage(lease.part_urls[number - 1])
        headers = _with({"Content-Type": "application/octet-stream"}, lease.headers)
        moved = 0

        def count(sent: int) -> None:
            nonlocal moved
            moved += sent
            on_bytes(sent)

        with source.open(start) as stream:

            def body() -> SliceBody:
                count(-moved)  # a redirect has it sent from its first byte again
                stream.seek(start)
                return SliceBody(stream, stop - start, on_bytes=count)

            patience = self._logins.http.patience.answer_to(stop - start)
            reply = self._logins.http.exchange(
                Call("PUT", url, headers=headers, body=body, signed=True, answer_seconds=patience)
            )
        return reply.headers.get("ETag", "")

    def complete(self, lease: Lease, oid: str, etags: Sequence[str]) -> None:
        """Have the parts put together, in order."""
        assert lease.complete_url is not None
        parts = [{"partNumber": number, "etag": etag} for number, etag in enumerate(etags, start=1)]
        self._agreed_somewhere(
            Call(
                "POST",
                lease.complete_url,
                headers=HEADERS,
                json={"oid": oid, "parts": parts},
                signed=True,
                answer_seconds=_COMPLETE_SECONDS,
            )
        )

    def verify(self, action: Action, pointer: Pointer) -> None:
        """Let the server confirm oid and size."""
        headers = _with(HEADERS, action.headers)
        self._agreed_somewhere(
            Call("POST", action.href, headers=headers, json={"oid": pointer.oid, "size": pointer.size})
        )

    def _agreed_somewhere(self, call: Call) -> None:
        """Send a call to a completion or verify address; behind a mirror that left the Hub's own name in it, to the
        mirror's, and to the Hub itself where the mirror does not carry that.

        huggingface_hub asks the mirror alone (lfs.py): many carry the API, and rewrite no answers.
        """
        mirrored = self._logins.http.mirrored
        here = mirrored.here(call.url)
        if here is None:
            self._agreed(replace(call, url=self._storage(call.url)))
            return
        try:
            self._agreed(replace(call, url=here))
        except HfpushError as failure:
            if failure.status not in _NOT_CARRIED and failure.finding.reference not in ("not-a-hub", "mirror-half"):
                raise
            refusal = failure
        else:
            return
        try:
            self._agreed(replace(call, url=self._storage(call.url)))
        except LeaseExpired:
            raise
        except Unavailable as failure:
            seen = (*refusal.finding.evidence, *failure.finding.evidence)
            raise Unavailable(nowhere(mirrored, call.url, seen), retry_after=failure.retry_after, tries=2) from refusal

    def _agreed(self, call: Call) -> None:
        """Send a call whose yes is any 2xx. A page for people is no yes: a network that wants a login answers so."""
        reply = self._logins.http.exchange(call)
        kind = reply.headers.get("Content-Type", "")
        if "html" in kind.lower():
            raise Unavailable(
                Finding(
                    "not-a-hub",
                    f"{self._repo.endpoint.url} does not answer like a Hub.",
                    (f"{call.method} {place(call.url)} answered {reply.status} with an HTML page",),
                    ("if your network shows a login page, log in there; then run the same command again",),
                )
            )

    def _storage(self, url: str) -> str:
        if self._repo.endpoint.url.startswith("https://") and urlsplit(url).scheme != "https":
            raise Refused.of(
                "storage-insecure",
                "The endpoint speaks TLS but wants the files sent without it.",
                seen=(f"an upload address on {urlsplit(url).hostname} is plain http",),
                to_try=("use another endpoint",),
            )
        return url


def _with(usual: Mapping[str, str], action: Mapping[str, str]) -> dict[str, str]:
    """The usual headers, an action's in place of them where it has the same name, however that is written.

    Those of the message itself stay out of it: some servers ask for chunks that their storage then refuses.
    """
    wanted = {name: value for name, value in action.items() if name.lower() not in _OURS}
    named = {name.lower() for name in wanted}
    return {name: value for name, value in usual.items() if name.lower() not in named} | wanted
