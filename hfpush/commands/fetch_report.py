"""What a fetch is asked for, and what it has to say in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hfpush import units
from hfpush.commands.outlet import Outlet
from hfpush.disk.trouble import disk_full
from hfpush.endpoints import RepoAddress
from hfpush.findings import Finding
from hfpush.net.network import Network
from hfpush.receive.events import How
from hfpush.receive.plan import PlannedFile, refusal
from hfpush.settings import DEFAULT_ATTEMPTS, DEFAULT_JOBS


@dataclass(frozen=True)
class FetchRequest:
    """Files of a repository at a revision (None: main), into the Hub cache or into a folder.

    `files` are names, folders or patterns; none means all. `cache_dir` None is huggingface_hub's own; `local_dir` puts
    plain files there in place of the cache. `offline`: only what is on the disk, without asking anybody.
    `jobs` is the most requests under way at once; as many are made as bring something. `attempts` is how often a
    request is tried that may succeed by itself. `include` and `exclude` are patterns that
    narrow `files` down. `limit` is the most bytes a second that may come. `others` are endpoints that may bring bytes
    too, and `reserves` those that stand by until one of them is dropped; `repo`'s own may be one of these. Which bytes
    are right, the first trusted one of all says that answers. With `dry_run` nothing is fetched, and the report's
    `plan` says what would be. `again` are paths of which the bytes that are there are known to be wrong: those are
    replaced.
    """

    repo: RepoAddress
    revision: str | None = None
    files: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    cache_dir: Path | None = None
    local_dir: Path | None = None
    token: str | None = field(default=None, repr=False)
    jobs: int = DEFAULT_JOBS
    offline: bool = False
    attempts: int = DEFAULT_ATTEMPTS
    network: Network = field(default_factory=Network)
    others: tuple[Outlet, ...] = ()
    reserves: tuple[Outlet, ...] = ()
    limit: float | None = None
    dry_run: bool = False
    again: tuple[str, ...] = ()


@dataclass(frozen=True)
class Share:
    """What one source brought, in bytes, and why it was dropped, if it was."""

    source: str
    bytes: int
    dropped: Finding | None = None

    def as_json(self) -> dict[str, object]:
        """The share as plain values."""
        return {
            "source": self.source,
            "bytes": self.bytes,
            "dropped": None if self.dropped is None else self.dropped.as_json(),
        }


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
    notes and warnings; an error is raised. `shares` are the sources that brought something, or were dropped. `named` is
    what was asked for, word by word.

    Of a dry run `files` is empty, `plan` has every file, `bytes_kept` is what is here and `to_come` what is not;
    `room` bytes of disk would be needed at most, and `free` there are.
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
    to_come: int = 0
    room: int = 0
    free: int | None = None
    named: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Where the one file lies that was asked for by its name; the folder, where it was anything else."""
        one = len(self.files) == 1 and self.named == (self.files[0].path,)
        return self.folder / self.files[0].path if one else self.folder

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where each of `files` lies."""
        return tuple(self.folder / file.path for file in self.files)

    @property
    def refused(self) -> tuple[PlannedFile, ...]:
        """The files of the plan that cannot, or must not, be written where they would go."""
        return tuple(file for file in self.plan if file.action == "refuse")

    @property
    def problems(self) -> tuple[Finding, ...]:
        """Why what is planned cannot all be done: files that are refused, or no room. Empty when it can."""
        found = [refusal(self.refused).finding] if self.refused else []
        if self.free is not None and self.room > self.free:
            found.append(disk_full((no_room(self.room, self.free, self.folder),)).finding)
        return tuple(found)

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
            "shares": [share.as_json() for share in self.shares],
            **self._planned(),
            "findings": [finding.as_json() for finding in self.findings],
        }

    def _planned(self) -> dict[str, object]:
        if not self.plan:
            return {}
        return {
            "plan": [vars(file) for file in self.plan],
            "to_come": self.to_come,
            "room": self.room,
            "free": self.free,
        }


def no_room(room: int, free: int, folder: Path) -> str:
    """What is seen where a fetch cannot fit."""
    return f"{units.size(room)} are needed in {folder}, and {units.size(free)} are free"
