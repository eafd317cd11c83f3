"""What a verify is asked for, and what it has to say in the end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hfpush.commands.verify_found import Sighting
from hfpush.endpoints import RepoAddress
from hfpush.findings import Finding


@dataclass(frozen=True)
class VerifyRequest:
    """What is to be looked at: a cache (`cache_dir`), or a folder that was fetched into (`local_dir`).

    `repo` None means every repository of the cache; a folder needs it only for a repair, or where no notes are in it.
    `revision` narrows a cache down to one snapshot; a folder is compared with all files of it. `jobs` files are read at
    once. `endpoint` is what the user called the endpoint, for the commands that are told.
    """

    repo: RepoAddress | None = None
    revision: str | None = None
    cache_dir: Path | None = None
    local_dir: Path | None = None
    jobs: int = 2
    endpoint: tuple[str, ...] = ()


@dataclass(frozen=True)
class VerifiedRepo:
    """A repository, or a folder: what is `wrong` in it (each path of each commit), and what else is to be told.

    `files` counts paths of snapshots, or files of the folder. `drafts` is what unfinished files take on the disk.
    """

    type: str
    id: str
    folder: Path
    commits: tuple[str, ...] = ()
    files: int = 0
    wrong: tuple[Sighting, ...] = ()
    repaired: tuple[Sighting, ...] = ()
    drafts: int = 0
    findings: tuple[Finding, ...] = ()

    def __str__(self) -> str:
        if not self.id:
            return str(self.folder)
        return self.id if self.type == "model" else f"{self.type}s/{self.id}"

    def as_json(self) -> dict[str, object]:
        """The repository as plain values."""
        return {
            "repo": self.id or None,
            "type": self.type,
            "folder": str(self.folder),
            "commits": list(self.commits),
            "files": self.files,
            "wrong": [_plain(one) for one in self.wrong],
            "repaired": [_plain(one) for one in self.repaired],
            "drafts": self.drafts,
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(frozen=True)
class VerifyReport:
    """What was read and what is wrong. `read` files of `bytes` bytes were read, each once; `bytes_wire` is what came
    for a repair."""

    place: Path
    repos: tuple[VerifiedRepo, ...] = ()
    read: int = 0
    bytes: int = 0
    bytes_wire: int = 0
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()

    @property
    def wrong(self) -> tuple[Sighting, ...]:
        """Everything that is not as it should be."""
        return tuple(one for repo in self.repos for one in repo.wrong)

    @property
    def repaired(self) -> tuple[Sighting, ...]:
        """Everything that was wrong, and is right now."""
        return tuple(one for repo in self.repos for one in repo.repaired)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong, or nothing any more."""
        return not self.wrong

    def as_json(self) -> dict[str, object]:
        """The report as plain values, for `--json`."""
        return {
            "place": str(self.place),
            "clean": self.clean,
            "read": self.read,
            "bytes": self.bytes,
            "bytes_wire": self.bytes_wire,
            "seconds": round(self.seconds, 3),
            "repos": [repo.as_json() for repo in self.repos],
            "findings": [finding.as_json() for finding in self.findings],
        }


def _plain(one: Sighting) -> dict[str, object]:
    return {"path": one.path, "commit": one.commit or None, "size": one.size, "state": one.state, "seen": one.seen}
