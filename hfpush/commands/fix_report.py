"""What a fix is asked, means to do, and has done: values, and who watches. They print nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from hfpush.findings import Finding
from hfpush.repo.rewrite.values import RewritePlan, Verified

Action = Literal["planned", "nothing", "idle", "declined", "fixed", "continued", "undone", "forgotten"]


@dataclass(frozen=True)
class FixRequest:
    """Mend the history of the repository around `path`, where no remote has it yet.

    `remote` counts only what that remote has; `rewrite_published` mends what remotes have, too. `above` mends text
    files over so many bytes, as well as what the Hub refuses. `bundle` gets the old history as a git bundle. A dry run
    looks and plans, and writes nothing.
    """

    path: Path
    dry_run: bool = False
    rewrite_published: bool = False
    remote: str | None = None
    bundle: Path | None = None
    above: int | None = None


@dataclass(frozen=True)
class FixPlan:
    """What there is to do. `free` is the room on the disk, in bytes; `blockers` are what has to be cleared before, and
    `left` what no rewrite mends, each with its reason. `notes` do not stop a fix."""

    rewrite: RewritePlan
    free: int
    blockers: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The plan as plain values."""
        plan = self.rewrite
        return {
            "files": [
                {"path": one.path, "size": one.size, "commit": one.commit, "blob": one.blob} for one in plan.offences
            ],
            "blobs": len(plan.blobs),
            "lfs_bytes": plan.lfs_bytes,
            "commits": plan.commits,
            "signed_commits": plan.signed_commits,
            "signed_tags": plan.signed_tags,
            "published": plan.published,
            "refs": dict(plan.moves),
            "free_bytes": self.free,
            "blockers": [one.as_json() for one in self.blockers],
            "left": [one.as_json() for one in self.left],
            "notes": [one.as_json() for one in self.notes],
        }


@dataclass(frozen=True)
class FixReport:
    """What was done to the repository at `place`: `nothing` was to be mended, or `idle`, nothing was interrupted.

    `backup` is where the old history is kept: the beginning of its refs' names. `refs` counts those that moved (or,
    when `forgotten`, that went), `verified` what was compared before they did. `freed` is what git gc can free now,
    in bytes. `findings` are what is left to be said, errors first.
    """

    action: Action
    place: Path
    plan: FixPlan | None = None
    backup: str | None = None
    refs: int = 0
    verified: Verified | None = None
    freed: int = 0
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether nothing is left that the Hub would refuse, as far as was looked."""
        return not any(one.severity == "error" for one in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The report as plain values, for `--json`."""
        return {
            "action": self.action,
            "repository": str(self.place),
            "plan": None if self.plan is None else self.plan.as_json(),
            "backup": self.backup,
            "refs": self.refs,
            "verified": None if self.verified is None else dict(vars(self.verified)),
            "freed_bytes": self.freed,
            "findings": [one.as_json() for one in self.findings],
            "seconds": round(self.seconds, 3),
        }


class FixObserver(Protocol):
    """Who watches a fix, and is asked once."""

    def stage(self, text: str) -> None:
        """What is being done from now on."""

    def progress(self, what: str, done: int, of: int | None) -> None:
        """How far the stage is."""

    def planned(self, plan: FixPlan) -> None:
        """This is what would be done."""

    def agreed(self, plan: FixPlan) -> bool:
        """Whether to do it. Nothing has been written yet."""

    def reached(self, step: str) -> None:
        """A step is done and on the disk: `rewritten`, `verified`, then those of mending.Reached."""
