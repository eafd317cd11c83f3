"""What a publish is asked, means to do, and has done: three values, and who watches. They print nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from hfpush.commands.branch import Move
from hfpush.commands.sending import SendingObserver
from hfpush.endpoints import RepoAddress
from hfpush.findings import Finding
from hfpush.net.network import Network
from hfpush.settings import DEFAULT_ATTEMPTS
from hfpush.transfer.observe import UploadReport

Mend = Literal["fix", "rewrite"]


@dataclass(frozen=True)
class PublishRequest:
    """Publish what is at `path` to `repo`, branch `revision`.

    `jobs` is the most requests under way at once, `attempts` how often a step is tried. `private` holds for a
    repository that has to be created. A dry run asks and plans, and changes nothing anywhere.

    `mend` says what to do with files that the Hub refuses in git itself: None stops, `fix` mends the repository's own
    branches first, `rewrite` publishes a mended copy of the history and leaves the repository as it is.
    `allow_lfsconfig` says that a .lfsconfig may go along although it leads to another host.
    """

    path: Path
    repo: RepoAddress
    state_dir: Path
    revision: str = "main"
    token: str | None = field(default=None, repr=False)
    private: bool = False
    jobs: int = 64
    attempts: int = DEFAULT_ATTEMPTS
    network: Network = field(default_factory=Network)
    dry_run: bool = False
    mend: Mend | None = None
    allow_lfsconfig: bool = False


@dataclass(frozen=True)
class Mended:
    """What was mended before the publish: how many paths went to LFS, and how many commits got new ids for it.

    `backup` is the beginning of the names of the refs that keep the old history, where branches were moved.
    """

    how: Mend
    files: int
    commits: int
    backup: str | None = None


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
    mended: Mended | None = None

    @property
    def nothing_to_do(self) -> bool:
        """Whether the Hub already has it all."""
        return self.move == "nothing" and self.missing == 0 and not self.creates_repo

    def as_json(self) -> dict[str, Any]:
        """The plan as plain values."""
        plain = {name: value for name, value in vars(self).items() if name not in ("notes", "mended")}
        return {
            **plain,
            "nothing_to_do": self.nothing_to_do,
            "mended": None if self.mended is None else dict(vars(self.mended)),
            "notes": [note.as_json() for note in self.notes],
        }


@dataclass(frozen=True)
class PublishReport:
    """What was done. `upload` is None in a dry run; `verified` counts the objects that the Hub confirmed at the end.
    `findings` are notes on how it went; those on what was published are the plan's."""

    plan: PublishPlan
    upload: UploadReport | None = None
    pushed: bool = False
    verified: int = 0
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()

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
            "findings": [finding.as_json() for finding in self.findings],
        }


class PublishObserver(SendingObserver, Protocol):
    """Who watches a publish."""

    def planned(self, plan: PublishPlan) -> None:
        """This is what will be done."""
