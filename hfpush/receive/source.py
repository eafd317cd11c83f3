"""Where bytes come from: something that has a content and can be asked for a range of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from hfpush.disk.content import Content
from hfpush.endpoints import RepoAddress
from hfpush.errors import LeaseExpired
from hfpush.findings import Finding
from hfpush.net.download import Download, Wanted, open_download
from hfpush.net.http import Http
from hfpush.net.redact import place
from hfpush.receive.addresses import Addresses, Found


class Source(Protocol):
    """A place that has files of a repository. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """For people: what it is called."""

    def open(self, path: str, content: Content, start: int, stop: int | None = None) -> Download:
        """Bytes [start, stop) of `path`; the answer may begin at zero instead.

        Raises RangeUnusable, AnswerUnfit, Unavailable (LeaseExpired too: ask again), Refused, NotFound.
        """


@dataclass(frozen=True)
class _Stored:
    """Where the endpoint has sent us for a file; `etag` is the strong one that came with it, or empty."""

    url: str = field(repr=False)
    etag: str = ""


class HubSource:
    """A repository at one commit on its endpoint.

    The endpoint is asked once for a file that lies at another origin, and that origin then for each further range,
    without a token, until it wants no more of it: then the endpoint is asked anew, which is once, however many
    threads want to know.
    """

    def __init__(self, http: Http, repo: RepoAddress, commit: str) -> None:
        self._http = http
        self._repo = repo
        self._commit = commit
        self._addresses: Addresses[_Stored] = Addresses()
        self._unsteady: set[str] = set()  # paths of which the storage has shown two ETags

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return self._repo.endpoint.name

    def open(self, path: str, content: Content, start: int, stop: int | None = None) -> Download:
        """As Source says."""
        wanted = Wanted(content.size, start, stop, self._commit, content.id)

        def ask() -> Found[_Stored]:
            asked = self._repo.resolve_url(self._commit, path)
            download = open_download(self._http, asked, wanted)
            elsewhere = download.url != asked and not self._http.mirrored.owns(download.url)
            etag = "" if path in self._unsteady else download.etag
            return Found(download, _Stored(download.url, etag) if elsewhere else None)

        return self._addresses.open(path, ask, lambda stored: self._further(path, wanted, stored))

    def _further(self, path: str, wanted: Wanted, stored: _Stored) -> Download:
        """A further range, of the object that was seen first if the storage can say so."""
        if not (stored.etag and wanted.is_range):
            return open_download(self._http, stored.url, wanted, signed=True)
        download = open_download(self._http, stored.url, wanted, headers={"If-Range": stored.etag}, signed=True)
        if not download.whole:
            return download
        if download.etag == stored.etag:  # it does not know ranges, or not If-Range
            download.close()
            return open_download(self._http, stored.url, wanted, signed=True)
        download.close()
        self._unsteady.add(path)  # perhaps each of its machines has an ETag of its own; the digest will tell
        raise LeaseExpired(
            Finding(
                "lease-refused",
                "The storage has another object at an address that we were given.",
                (f"GET {place(stored.url)}: its ETag is no longer the one that came first",),
            )
        )
