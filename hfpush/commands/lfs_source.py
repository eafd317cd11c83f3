"""An LFS server as a source of objects: addresses are asked for in batches, and used while they are good, each for as
many ranges as there are to be had."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from hfpush.disk.content import Content
from hfpush.errors import HfpushError, LeaseExpired, NotFound, Refused
from hfpush.findings import Finding
from hfpush.lfs.batch import HEADERS, MEDIA_TYPE, Offer, Rejected, batch_request, parse_offers
from hfpush.lfs.pointer import Pointer
from hfpush.net.call import Call
from hfpush.net.download import Download, Wanted, open_download
from hfpush.net.http import Http
from hfpush.net.logins import Logins
from hfpush.net.redact import place, redact
from hfpush.receive.addresses import Addresses, Found

_MARGIN_SECONDS = 5.0  # an address with less to live is asked for anew
_ABSENT = (404, 410)


class LfsSource:
    """The LFS server at `lfs_url`. `ref` is the full name of the ref that is checked out. Safe to use from several
    threads; `clock` is unix time. `otherwise` gives another connection, with another credential, once the first was
    not enough; None if there is none."""

    def __init__(
        self,
        http: Http,
        lfs_url: str,
        ref: str,
        *,
        otherwise: Callable[[], Http | None] = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._logins = Logins(http, otherwise)
        self._url = lfs_url
        self._ref = ref
        self._clock = clock
        self._offers: dict[str, Offer] = {}  # not used yet
        self._addresses: Addresses[Offer] = Addresses()

    @property
    def name(self) -> str:
        """The server's address, for people."""
        return place(self._url)

    def give(self, oid: str, offer: Offer) -> None:
        """Use this address for an object first: somebody else has asked for it."""
        self._offers[oid] = offer

    def ask(self, objects: Sequence[Pointer]) -> dict[str, HfpushError]:
        """Ask where each of these is to be read, in one request; why not, for those that the server does not give.

        Raises what the request as a whole amounts to: Unavailable, Refused, NotFound, Damaged.
        """
        request = batch_request("download", objects, self._ref)
        call = Call("POST", f"{self._url}/objects/batch", headers={**HEADERS, "Accept": MEDIA_TYPE}, json=request)
        answer, _ = self._logins.json(call)
        answers = parse_offers(answer, objects, now=self._clock())
        self._offers.update((oid, answer) for oid, answer in answers.items() if isinstance(answer, Offer))
        return {oid: self._refusal(oid, answer) for oid, answer in answers.items() if isinstance(answer, Rejected)}

    def open(self, path: str, content: Content, start: int, stop: int | None = None) -> Download:
        """As receive.source.Source says; asks anew, once for all threads, for an address that is used up."""
        wanted = Wanted(content.size, start, stop)

        def ask() -> Found[Offer]:
            offer = self._offers.pop(content.id, None)
            if offer is None or self._is_late(offer):
                refusal = self.ask([Pointer(content.id, content.size)]).get(content.id)
                if refusal is not None:
                    raise refusal
                offer = self._offers.pop(content.id)
            return Found(self._download(offer, wanted), offer)

        def use(offer: Offer) -> Download:
            if self._is_late(offer):
                raise LeaseExpired(Finding("lease-refused", "The time of a download address is over."))
            return self._download(offer, wanted)

        return self._addresses.open(content.id, ask, use)

    def _is_late(self, offer: Offer) -> bool:
        return offer.expires_at is not None and offer.expires_at - self._clock() < _MARGIN_SECONDS

    def _download(self, offer: Offer, wanted: Wanted) -> Download:
        url, headers = offer.action.href, offer.action.headers
        if urlsplit(self._url).scheme == "https" and urlsplit(url).scheme != "https":
            raise Refused.of(
                "storage-insecure",
                "The endpoint speaks TLS but wants the files read without it.",
                seen=(f"a download address on {urlsplit(url).hostname} is plain http",),
                to_try=("use another remote",),
            )
        given = any(name.lower() == "authorization" for name in headers)
        signed = given or not self._logins.http.endpoint.owns(url)
        return open_download(self._logins.http, url, wanted, headers=headers, signed=signed)

    def _refusal(self, oid: str, answer: Rejected) -> HfpushError:
        seen = (f"object {oid}: {answer.code} {redact(answer.message)[:200]}".rstrip(), f"asked: {self.name}")
        if answer.code in _ABSENT:
            return NotFound.of(
                "object-missing",
                "The bytes of an LFS file are not on this machine, and the remote has not got them either.",
                seen=seen,
                to_try=("have them published by whoever committed the file",),
            )
        return Refused.of(
            "object-refused", "The remote does not give the bytes of an LFS file.", seen=seen, to_try=("hf auth login",)
        )
