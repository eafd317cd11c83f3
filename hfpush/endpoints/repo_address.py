"""One repository on one endpoint, and the URLs under which its parts are reached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote

from hfpush.endpoints.endpoint import Endpoint
from hfpush.errors import Misuse

RepoType = Literal["model", "dataset", "space"]
_SEGMENT = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?", re.ASCII)


@dataclass(frozen=True)
class RepoAddress:
    """A repository id of a type on an endpoint. Build it with `RepoAddress.parse`, which checks the id."""

    endpoint: Endpoint
    type: RepoType
    id: str

    @classmethod
    def parse(cls, endpoint: Endpoint, repo_id: str, repo_type: str = "model") -> RepoAddress:
        """The address of `owner/name` (or a legacy one-segment id). Raises Misuse for an id the Hub would not take.

        The rules are those of huggingface_hub's `validate_repo_id`: 96 characters of letters, digits, `-`, `_`
        and `.` a segment, no `--`, no `..`, no `.git` at the end, no dash or dot at either end.
        """
        if repo_type not in get_args(RepoType):
            raise Misuse.of("repo-type-unknown", f"{repo_type!r} is not a repository type: model, dataset or space.")
        check_repo_id(repo_id)
        return cls(endpoint, repo_type, repo_id)  # type: ignore[arg-type]  # checked against get_args above

    @property
    def _prefix(self) -> str:
        return "" if self.type == "model" else f"{self.type}s/"

    @property
    def web_url(self) -> str:
        """Where a person looks, and git's remote URL."""
        return f"{self.endpoint.url}/{self._prefix}{self.id}"

    @property
    def lfs_url(self) -> str:
        """The LFS API, as git-lfs derives it from the remote URL."""
        return f"{self.web_url}.git/info/lfs"

    @property
    def api_url(self) -> str:
        """The REST API of this repository."""
        return f"{self.endpoint.url}/api/{self.type}s/{self.id}"

    def resolve_url(self, revision: str, path: str) -> str:
        """Where the content of `path` at `revision` is read."""
        return f"{self.web_url}/resolve/{quote(revision, safe='')}/{quote(path)}"

    def __str__(self) -> str:
        return f"{self._prefix}{self.id}"


def check_repo_id(repo_id: str) -> str:
    """The id, if the Hub would take it. Raises Misuse (`repo-id-invalid`)."""
    segments = repo_id.split("/")
    fine = (
        len(segments) <= 2
        and all(_SEGMENT.fullmatch(segment) for segment in segments)
        and "--" not in repo_id
        and ".." not in repo_id
        and not repo_id.endswith(".git")
    )
    if not fine:
        raise Misuse.of(
            "repo-id-invalid",
            f"{repo_id!r} is not a repository id.",
            to_try=("write it as owner/name, with letters, digits, '-', '_' and '.', for example ada/my-model",),
        )
    return repo_id
