"""What a publish is asked, means to do, and has done: three values, and who watches. They print nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from hfpush.commands.branch import Move
from hfpush.commands.sending import SendingObserver
from hfpush.endpoints import RepoAddress
from hfpush.findings import Finding
from hfpush.net.http import Patience
from hfpush.transfer.observe import UploadReport


@dataclass(frozen=True)
class PublishRequest:
    """Publish what is at `path` to `repo`, branch `revision`.

    `jobs` is the most requests under way at once, `attempts` how often a step is tried. `private` holds for a
    repository that has to be created. A dry run asks and plans, and changes nothing anywhere.
    """

    path: Path
    repo: RepoAddress
    state_dir: Path
    revision: str = "main"
    token: str | None = field(default=None, repr=False)
    private: bool = False
    jobs: int = 64
    attempts: int = 8
    patience: Patience = field(default_factory=Patience)
    ca_bundle: str | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class PublishPlan:
    """What there is to do, known before anything is sent. Sizes are bytes.

    `commit` is None in a dry run over a folder that is not committed yet; `missing` are the objects that the Hub does
    not have. `notes` are findings that do not stop the publish.
    """

    repo: str
    url: str
    branch: str
    commit: str | None
    move: Move
    creates_repo: bool
    commits_folder: bool
    commits: int
    objects: int
    objects_bytes: int
    missing: int
    missing_bytes: int
    notes: tuple[Finding, ...] = ()

    @property
    def nothing_to_do(self) -> bool:
        """Whether the Hub already has it all."""
        return self.move == "nothing" and self.missing == 0 and not self.creates_repo

    def as_json(self) -> dict[str, Any]:
        """The plan as plain values."""
        plain = {name: value for name, value in vars(self).items() if name != "notes"}
        return {**plain, "nothing_to_do": self.nothing_to_do, "notes": [note.as_json() for note in self.notes]}


@dataclass(frozen=True)
class PublishReport:
    """What was done. `upload` is None in a dry run; `verified` counts the objects that the Hub confirmed at the end."""

    plan: PublishPlan
    upload: UploadReport | None = None
    pushed: bool = False
    verified: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The report as plain values, for `--json`."""
        sent = self.upload
        return {
            "plan": self.plan.as_json(),
            "dry_run": sent is None,
            "objects": None
            if sent is None
            else {"sent": len(sent.sent), "resumed": len(sent.resumed), "present": len(sent.present)},
            "bytes_sent": sent.bytes_sent if sent else 0,
            "bytes_resumed": sent.bytes_resumed if sent else 0,
            "pushed": self.pushed,
            "verified": self.verified,
            "seconds": round(self.seconds, 3),
            "url": self.plan.url,
        }


class PublishObserver(SendingObserver, Protocol):
    """Who watches a publish."""

    def planned(self, plan: PublishPlan) -> None:
        """This is what will be done."""
