"""What a fetch is asked for, and what it has to say in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hfpush.endpoints import RepoAddress
from hfpush.fetch.events import How
from hfpush.findings import Finding
from hfpush.net.network import Network
from hfpush.settings import DEFAULT_ATTEMPTS


@dataclass(frozen=True)
class FetchRequest:
    """Files of a repository at a revision (None: main), into the Hub cache or into a folder.

    `files` are names, folders or patterns; none means all. `cache_dir` None is huggingface_hub's own; `local_dir` puts
    plain files there in place of the cache. `offline`: only what is on the disk, without asking anybody.
    `attempts` is how often a request is tried that may succeed by itself.
    """

    repo: RepoAddress
    revision: str | None = None
    files: tuple[str, ...] = ()
    cache_dir: Path | None = None
    local_dir: Path | None = None
    token: str | None = field(default=None, repr=False)
    jobs: int = 4
    offline: bool = False
    attempts: int = DEFAULT_ATTEMPTS
    network: Network = field(default_factory=Network)


@dataclass(frozen=True)
class FetchedFile:
    """One file in its place."""

    path: str
    size: int
    how: How


@dataclass(frozen=True)
class FetchReport:
    """Every file that was asked for is in `folder`, and is what the repository lists at `commit`.

    `bytes_wire` is what came over the network for file contents, `bytes_kept` what did not have to. `findings` are
    notes and warnings; an error is raised.
    """

    repo: str
    url: str
    revision: str
    commit: str
    folder: Path
    files: tuple[FetchedFile, ...]
    bytes_wire: int = 0
    bytes_kept: int = 0
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The report as plain values, for `--json`."""
        return {
            "repo": self.repo,
            "url": self.url,
            "revision": self.revision,
            "commit": self.commit,
            "folder": str(self.folder),
            "files": [{"path": file.path, "size": file.size, "how": file.how} for file in self.files],
            "bytes_wire": self.bytes_wire,
            "bytes_kept": self.bytes_kept,
            "seconds": round(self.seconds, 3),
            "findings": [finding.as_json() for finding in self.findings],
        }
