"""The Hub's REST calls that publish and fetch need, each bounded in time and tried again when that can help."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlencode, urljoin

from hfpush.endpoints import RepoAddress
from hfpush.errors import Damaged, HfpushError, NotFound, Refused
from hfpush.hub.resolved import Resolved, read_resolved
from hfpush.hub.tree import TreeFile, Unsafe, read_tree_entry
from hfpush.net.http import Call, Http
from hfpush.net.links import next_page
from hfpush.net.retry import OnWait, RetryPolicy, Sleep, call_with_retry

T = TypeVar("T")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_PAGES = 10_000
_ENTRY_BYTES, _MOST_LISTED_BYTES = 300, 1 << 30  # what a file takes in memory, and all of them: three million
_MAX_ASKED = 256  # files in one question, as huggingface_hub asks
_MOST_NAMED = 500  # paths in one question; the Hub takes 1000
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}  # as huggingface_hub sends it
_SAMPLE_BYTES = 512
UploadMode = Literal["lfs", "regular"]


@dataclass(frozen=True)
class RepoInfo:
    """What the Hub says of a repository at a revision: the commit's full id, and whether it is private."""

    commit: str
    private: bool


@dataclass(frozen=True)
class Candidate:
    """A file that might be uploaded: its path in the repository, its size in bytes, its first 512 bytes."""

    path: str
    size: int
    sample: bytes = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """As the Hub wants to be asked about it."""
        sample = base64.b64encode(self.sample[:_SAMPLE_BYTES]).decode("ascii")
        return {"path": self.path, "size": self.size, "sample": sample}


class HubApi:
    """Calls about one repository. `sleep` and `on_wait` are the retry's (net/retry.py)."""

    def __init__(
        self,
        http: Http,
        repo: RepoAddress,
        *,
        policy: RetryPolicy | None = None,
        sleep: Sleep,
        on_wait: OnWait | None = None,
    ) -> None:
        self._http = http
        self.repo = repo
        self._policy = policy or RetryPolicy()
        self._sleep = sleep
        self._on_wait = on_wait

    def info(self, revision: str | None = None) -> RepoInfo:
        """The repository at `revision` (its main branch by default).

        Raises NotFound (`repo-not-found`, `revision-not-found`), Refused, Unavailable.
        """
        url = self.repo.api_url + (f"/revision/{quote(revision, safe='')}" if revision else "")
        data = self._json(Call("GET", url))
        commit = data.get("sha") if isinstance(data, dict) else None
        if not isinstance(commit, str) or _COMMIT.fullmatch(commit) is None:
            raise self._no_hub("the answer about the repository names no commit")
        return RepoInfo(commit, bool(data.get("private")))

    def exists(self) -> bool:
        """Whether the repository is there for this token, with commits or without any."""
        try:
            data = self._json(Call("GET", self.repo.api_url))
        except NotFound as error:
            if error.finding.reference == "repo-not-found":
                return False
            raise
        if not isinstance(data, dict) or not isinstance(data.get("id"), str):
            raise self._no_hub("the answer about the repository names none")
        return True

    def _no_hub(self, seen: str) -> Refused:
        message = f"{self.repo.endpoint.url} does not answer like a Hub."
        return Refused.of("not-a-hub", message, seen=(seen,), to_try=("check the endpoint's URL",))

    def create(self, *, private: bool = False) -> bool:
        """Create the repository; False when it was there already. Raises Refused without permission."""
        owner, _, name = self.repo.id.rpartition("/")
        body: dict[str, Any] = {"name": name, "organization": owner or None, "private": private}
        body["visibility"] = "private" if private else "public"
        if self.repo.type != "model":
            body["type"] = self.repo.type
        if self.repo.type == "space":
            body["sdk"] = "static"
        url = f"{self.repo.endpoint.url}/api/repos/create"
        try:
            self._json(Call("POST", url, json=body))
        except Refused as error:
            if error.status == 409:
                return False
            raise
        return True

    def files(self, revision: str) -> Iterator[TreeFile | Unsafe]:
        """Every file at `revision`, page by page; one that must not be written with why."""
        url = f"{self.repo.api_url}/tree/{quote(revision, safe='')}"
        call = Call("GET", url, params={"recursive": "true", "expand": "false"})
        seen: set[str] = set()
        weight = 0
        while len(seen) < _MAX_PAGES:
            entries, following = self._retried(partial(self._page, call))
            if not isinstance(entries, list):
                raise _unreadable("the list of files is not a list")
            listed = [file for file in map(read_tree_entry, entries) if file is not None]
            weight += sum(_ENTRY_BYTES + len(file.path) for file in listed)
            if weight > _MOST_LISTED_BYTES:
                break
            yield from listed
            if following is None:
                return
            following = self._http.mirrored.here(following) or following  # a mirror may leave the Hub's own name in it
            if following in seen:
                break
            seen.add(following)
            if not self.repo.endpoint.owns(following):
                raise Refused.of(
                    "page-elsewhere",
                    "The endpoint sends us to another host for the rest of the file list.",
                    to_try=("use an endpoint that rewrites its links, or the Hub itself",),
                )
            call = Call("GET", following)
        raise _unreadable("the list of files does not end")

    def named(self, revision: str, paths: Sequence[str]) -> tuple[list[TreeFile | Unsafe], tuple[str, ...]]:
        """Those of `paths` that are files at `revision`, and those that are folders; the others are not there.

        Raises what an endpoint without this call amounts to: Refused, NotFound, Unavailable, Damaged.
        """
        url = f"{self.repo.api_url}/paths-info/{quote(revision, safe='')}"
        found: list[TreeFile | Unsafe] = []
        folders: list[str] = []
        for start in range(0, len(paths), _MOST_NAMED):
            form = urlencode({"paths": paths[start : start + _MOST_NAMED], "expand": "False"}, doseq=True)
            entries = self._json(Call("POST", url, headers=_FORM, data=form.encode()))
            if not isinstance(entries, list):
                raise _unreadable("the answer about some files is not a list")
            for entry in entries:
                file = read_tree_entry(entry)
                if file is None:
                    folders.append(entry["path"])
                else:
                    found.append(file)
        asked = set(paths)
        return [file for file in found if file.path in asked], tuple(folders)

    def resolved(self, revision: str, path: str) -> Resolved | None:
        """What the endpoint itself says of one file, in one request without its content; None where it says nothing
        that can be used. Raises NotFound (`file-not-found`, ...), Refused, Unavailable."""
        call = Call("HEAD", self.repo.resolve_url(revision, path), stays=True)
        response = self._retried(partial(self._http.send, call))
        heads = [answer.headers for answer in (*response.history, response)]
        return read_resolved(path, heads, whole=response.status_code == 200)

    def check_access(self) -> None:
        """Raises Refused (`repo-gated`, ...) or NotFound when the contents may not be read, though the list may."""
        self._retried(partial(self._http.send, Call("GET", f"{self.repo.api_url}/auth-check")))

    def commit_titles(self, revision: str) -> list[str]:
        """The titles of the newest commits at `revision`, newest first; one page is enough for what we ask of it."""
        data = self._json(Call("GET", f"{self.repo.api_url}/commits/{quote(revision, safe='')}"))
        if not isinstance(data, list):
            raise Damaged.of("commits-unreadable", "The Hub's list of commits cannot be read.")
        return [str(item.get("title", "")) for item in data if isinstance(item, dict)]

    def upload_modes(self, revision: str, files: Iterable[Candidate]) -> dict[str, UploadMode]:
        """How the Hub wants each file uploaded, by path; a path that it says nothing of, or that is not UTF-8, is left
        out. This is its own word on what is binary: its push hook and its API share the rule."""
        url = f"{self.repo.api_url}/preupload/{quote(revision, safe='')}"
        modes: dict[str, UploadMode] = {}
        asked = [each.as_json() for each in files if not _SURROGATE.search(each.path)]
        for start in range(0, len(asked), _MAX_ASKED):
            data = self._json(Call("POST", url, json={"files": asked[start : start + _MAX_ASKED]}))
            answers = data.get("files") if isinstance(data, dict) else None
            if not isinstance(answers, list):
                raise Damaged.of("preupload-unreadable", "The Hub's answer about files to be uploaded cannot be read.")
            for answer in answers:
                if isinstance(answer, dict) and answer.get("uploadMode") in ("lfs", "regular"):
                    modes[str(answer.get("path"))] = answer["uploadMode"]
        return modes

    def _page(self, call: Call) -> tuple[Any, str | None]:
        """A page's JSON, and the address of the next."""
        response = self._http.send(call)
        link = next_page(response.headers.get("Link", ""))
        return self._http.as_json(response), None if link is None else urljoin(response.url, link)

    def _json(self, call: Call) -> Any:
        return self._retried(partial(self._http.json, call))

    def _retried(self, step: Callable[[], T]) -> T:
        return call_with_retry(step, self._policy, sleep=self._sleep, on_wait=self._on_wait)


def _unreadable(what: str) -> HfpushError:
    return Damaged.of("tree-unreadable", "The Hub's list of files cannot be read.", seen=(what,))
