"""Where bytes come from: something that has a content and can be asked for a range of it."""

from __future__ import annotations

from typing import Protocol

from hfpush.disk.content import Content
from hfpush.endpoints import RepoAddress
from hfpush.net.download import Download, Wanted, open_download
from hfpush.net.http import Http


class Source(Protocol):
    """A place that has files of a repository. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """For people: what it is called."""

    def open(self, path: str, content: Content, start: int, stop: int | None = None) -> Download:
        """Bytes [start, stop) of `path`; the answer may begin at zero instead.

        Raises RangeUnusable, AnswerUnfit, Unavailable (LeaseExpired too: ask again), Refused, NotFound.
        """


class HubSource:
    """A repository at one commit on its endpoint. Each `open` asks the endpoint anew, so a lease is always fresh."""

    def __init__(self, http: Http, repo: RepoAddress, commit: str) -> None:
        self._http = http
        self._repo = repo
        self._commit = commit

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return self._repo.endpoint.name

    def open(self, path: str, content: Content, start: int, stop: int | None = None) -> Download:
        """As Source says."""
        wanted = Wanted(content.size, start, stop, self._commit)
        return open_download(self._http, self._repo.resolve_url(self._commit, path), wanted)
