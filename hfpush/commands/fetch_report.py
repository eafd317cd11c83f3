"""What a fetch is asked for, and what it has to say in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hfpush.commands.outlet import Outlet
from hfpush.endpoints import RepoAddress
from hfpush.findings import Finding
from hfpush.net.network import Network
from hfpush.receive.events import How
from hfpush.receive.plan import Action
from hfpush.settings import DEFAULT_ATTEMPTS


@dataclass(frozen=True)
class FetchRequest:
    """Files of a repository at a revision (None: main), into the Hub cache or into a folder.

    `files` are names, folders or patterns; none means all. `cache_dir` None is huggingface_hub's own; `local_dir` puts
    plain files there in place of the cache. `offline`: only what is on the disk, without asking anybody.
    `attempts` is how often a request is tried that may succeed by itself. `include` and `exclude` are patterns that
    narrow `files` down. `limit` is the most bytes a second that may come. `others` are endpoints that may bring bytes
    too; which bytes are right, `repo`'s own endpoint says. With `dry_run` nothing is fetched, and the report's `plan`
    says what would be.
    """

    repo: RepoAddress
    revision: str | None = None
    files: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    cache_dir: Path | None = None
    local_dir: Path | None = None
    token: str | None = field(default=None, repr=False)
    jobs: int = 4
    offline: bool = False
    attempts: int = DEFAULT_ATTEMPTS
    network: Network = field(default_factory=Network)
    others: tuple[Outlet, ...] = ()
    limit: float | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class PlannedFile:
    """What a fetch would do with one file, of which `have` bytes are here; `why` for one that is refused."""

    path: str
    size: int
    action: Action
    have: int = 0
    why: str = ""


@dataclass(frozen=True)
class Share:
    """What one source brought, in bytes, and why it was dropped, if it was."""

    source: str
    bytes: int
    dropped: Finding | None = None


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
    shares: tuple[Share, ...] = ()
    plan: tuple[PlannedFile, ...] = ()

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
