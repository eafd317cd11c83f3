"""Track: `.gitattributes` is written for what a repository holds, and what is staged made fit to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from hfpush.errors import LocalTrouble, Misuse
from hfpush.findings import Finding
from hfpush.repo.attributes import template
from hfpush.repo.repository import Repository
from hfpush.repo.track.cover import Line
from hfpush.repo.track.plan import plan_track
from hfpush.repo.track.stage import stage
from hfpush.repo.track.starts import hub_attributes
from hfpush.repo.track.write import write_attributes

Start = Literal["hfpush", "model", "dataset", "none"]


@dataclass(frozen=True)
class TrackReport:
    """What was done, or in a dry run would be.

    `lines` were added for a file's sake. `files` are the attribute files that were written, and `start` is the template
    that the one at the top was made of, None where there was one. `restaged` are staged files whose content became a
    pointer, and `staged` the attribute files that were staged because staged pointers need their lines. Findings that
    are errors tell of files that no line helps.
    """

    root: Path
    lines: tuple[Line, ...]
    files: tuple[str, ...]
    start: Start | None
    restaged: tuple[str, ...]
    findings: tuple[Finding, ...]
    dry_run: bool
    staged: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether everything that must go to LFS does now."""
        return all(finding.severity != "error" for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        """The report as plain values, for `--json`."""
        return {
            "root": str(self.root),
            "dry_run": self.dry_run,
            "start": self.start,
            "files": list(self.files),
            "lines": [{"file": line.file, "line": line.text, "reason": line.reason} for line in self.lines],
            "restaged": list(self.restaged),
            "staged": list(self.staged),
            "findings": [finding.as_json() for finding in self.findings],
        }


def track(
    path: Path | str,
    *,
    start: Start = "hfpush",
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> TrackReport:
    """Adds to the `.gitattributes` of the repository around `path` what its large and binary files need, and puts
    pointers in the place of their staged content. Nothing happens when it is done twice.

    `start` is what a repository without any `.gitattributes` begins with; `progress` is told of bytes stored.

    Raises Misuse for a bare repository or a path in none; LocalTrouble where an attribute file is a symbolic link, or
    something cannot be read or written; Busy when another git has the index.
    """
    repository = _with_work_tree(Repository.around(path))
    assert repository.root is not None
    plan = plan_track(repository, _content(start))
    links = [finding for finding in plan.findings if finding.reference == "attributes-link"]
    if links:
        raise LocalTrouble(links[0])
    restaged = tuple(sorted(plan.restage))
    if not dry_run:
        for name, content in plan.writes.items():
            write_attributes(repository.root / name, content)
        if plan.restage or plan.staged_writes:
            restaged = stage(repository, plan.restage, plan.staged_writes, progress)
    return TrackReport(
        root=repository.root,
        lines=plan.lines,
        files=tuple(sorted(plan.writes)),
        start=start if plan.started else None,
        restaged=restaged,
        findings=plan.findings,
        dry_run=dry_run,
        staged=tuple(sorted(plan.staged_writes)) if restaged or not plan.restage else (),
    )


def _with_work_tree(repository: Repository) -> Repository:
    if repository.root is None:
        raise Misuse.of(
            "repo-bare",
            "A bare repository has no files to look at.",
            seen=(str(repository.git_dir),),
            to_try=("give a clone of it that has a work tree", "hfpush audit looks at histories, also of bare ones"),
        )
    return repository


def _content(start: Start) -> bytes:
    if start not in get_args(Start):
        raise Misuse.of(
            "template-unknown",
            f"There is no template {start!r}.",
            to_try=(f"give one of: {', '.join(get_args(Start))}",),
        )
    return template() if start == "hfpush" else b"" if start == "none" else hub_attributes(start)
