"""One cheap request for each step that a publish or a fetch needs of an endpoint. Each is one try; nothing is changed
anywhere."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from hfpush.endpoints import RepoAddress
from hfpush.endpoints.choice import Operation
from hfpush.errors import HfpushError, NotFound, Refused
from hfpush.hub.api import HubApi
from hfpush.hub.resolved import Resolved
from hfpush.hub.tree_cache import is_commit
from hfpush.lfs.batch import Rejected
from hfpush.lfs.lease import Lease
from hfpush.lfs.pointer import Pointer
from hfpush.net.http import Call, Http
from hfpush.net.retry import RetryPolicy
from hfpush.transfer.lfs_api import LfsApi
from hfpush.transfer.refusals import rejected

_ASKED_ABOUT = b"hfpush asks whether objects can be sent this way; this one never is\n"
_LARGE = (".safetensors", ".bin", ".gguf", ".parquet", ".pt", ".pth", ".onnx", ".h5", ".msgpack", ".zip", ".tar", ".gz")


@dataclass(frozen=True)
class Asked:
    """The operation at hand. `repo_id` None asks an endpoint what it can be asked without a repository. `file` is the
    only one that is wanted, of which then is asked."""

    operation: Operation
    repo_id: str | None = None
    repo_type: str = "model"
    revision: str = "main"
    file: str | None = None


class NothingToAsk(Exception):
    """A step cannot be tried; the argument says why."""


class Probes:
    """The requests to one endpoint, in the order of the steps: later ones need what earlier ones have found out."""

    def __init__(self, http: Http, asked: Asked, *, with_token: bool) -> None:
        self._http = http
        self._asked = asked
        self._repo = None if asked.repo_id is None else RepoAddress.parse(http.endpoint, asked.repo_id, asked.repo_type)
        self._with_token = with_token
        self._lease: Lease | None = None
        self._exists = False
        self._files: list[str] = []
        self.url = http.endpoint.url
        """What the step at hand speaks to."""
        self.resolved: Resolved | None = None
        """What the API said of the revision, and of the file that was asked for."""

    def api(self) -> None:
        """The REST API, about the repository where there is one. Raises what the answer amounts to."""
        if self._repo is None:
            self.url = f"{self._http.endpoint.url}/api/whoami-v2"
            _answers(lambda: self._http.json(Call("GET", self.url)), strictly=self._with_token)
            return
        if self._asked.operation == "fetch" and self._asked.file is not None and self._knows(self._repo):
            return
        self.url = self._repo.api_url
        if self._asked.operation == "fetch":
            self.url += f"/revision/{quote(self._asked.revision, safe='')}"
        try:
            data = self._http.json(Call("GET", self.url))
        except NotFound as error:
            if self._asked.operation == "publish" and error.finding.reference == "repo-not-found":
                return  # it will be made
            raise
        if not isinstance(data, dict):
            raise Refused.of("not-a-hub", f"{self._http.endpoint.url} does not answer like a Hub.")
        self._exists, self._files = True, _files_of(data)
        if is_commit(str(data.get("sha"))):
            self.resolved = Resolved(str(data["sha"]))

    def git(self) -> None:
        """git's smart HTTP, for a push."""
        repo = self._existing()
        self.url = f"{repo.web_url}.git/info/refs?service=git-receive-pack"
        call = Call("GET", self.url, basic=True)
        _answers(lambda: self._http.exchange(call), strictly=self._with_token)

    def lfs(self) -> None:
        """The LFS batch API, for an upload; what it says of the storage is kept for the next step."""
        repo = self._existing()
        self.url = f"{repo.lfs_url}/objects/batch"
        pointer = Pointer(hashlib.sha256(_ASKED_ABOUT).hexdigest(), len(_ASKED_ABOUT))
        answer = LfsApi(self._http, repo, self._asked.revision).ask_upload([pointer])[pointer.oid]
        if isinstance(answer, Rejected):
            raise rejected("an object", answer)
        self._lease = answer if isinstance(answer, Lease) else None

    def storage(self) -> None:
        """The host that takes or gives the bytes of large files."""
        if self._asked.operation == "fetch":
            self._read_a_byte()
            return
        self._existing()
        if self._lease is None:
            raise NothingToAsk("the batch API named no storage")
        parts = urlsplit(self._lease.part_urls[0])
        self.url = f"{parts.scheme}://{parts.netloc}/"
        _answers(lambda: self._http.exchange(Call("GET", self.url, signed=True)))

    def completion(self) -> None:
        """Where uploads in parts are put together."""
        self._existing()
        self.url = f"{self._http.endpoint.url}/api/complete_multipart"
        _answers(lambda: self._http.exchange(Call("POST", self.url, json={}, signed=True)))

    def _knows(self, repo: RepoAddress) -> bool:
        """Whether the endpoint says all that is to be known of the one file that is wanted."""
        path, revision = self._asked.file or "", self._asked.revision
        self.url = repo.resolve_url(revision, path)
        try:
            found = HubApi(self._http, repo, policy=RetryPolicy(attempts=1), sleep=time.sleep).resolved(revision, path)
        except HfpushError as error:
            if error.status is None or error.status >= 500 or error.status == 429:
                raise
            return False  # the repository is asked, which has better words
        if found is None or found.file is None:
            return False
        self.resolved, self._exists, self._files = found, True, [path]
        return True

    def _read_a_byte(self) -> None:
        repo = self._existing()
        if not self._files:
            raise NothingToAsk("the repository has no file")
        file = next((name for name in self._files if name.endswith(_LARGE)), self._files[0])
        self.url = repo.resolve_url(self._asked.revision, file)
        self._http.send(Call("GET", self.url, headers={"Range": "bytes=0-0"}, stream=True)).close()

    def _existing(self) -> RepoAddress:
        if self._repo is None:
            raise NothingToAsk("no repository was named")
        if not self._exists:
            raise NothingToAsk("there is no such repository yet")
        return self._repo


def _answers(ask: Callable[[], object], *, strictly: bool = False) -> None:
    """That the server answers is what counts, where it was asked without credentials or body: its no is as good as a
    yes. `strictly`: it was asked with a token, and a no means that the operation will not work.

    A server's own failure, or a redirect that leads nowhere, is no answer.
    """
    try:
        ask()
    except HfpushError as error:
        status = error.status
        if strictly or status is None or status >= 500 or status == 429 or 300 <= status < 400:
            raise


def _files_of(data: dict[str, Any]) -> list[str]:
    siblings = data.get("siblings")
    if not isinstance(siblings, list):
        return []
    names = (item.get("rfilename") for item in siblings if isinstance(item, dict))
    return [name for name in names if isinstance(name, str) and name]
