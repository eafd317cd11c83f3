"""`hfpush track`: .gitattributes for what is there."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, cast

import typer

from hfpush import units
from hfpush.cli import render
from hfpush.cli.guard import guarded
from hfpush.cli.options import DryRunOption, JsonOption, RepositoryArgument
from hfpush.commands.track import Start, TrackReport, track
from hfpush.repo.rules import shown

_SHOWN = 20


@guarded
def track_command(
    path: RepositoryArgument = Path("."),
    dry_run: DryRunOption = False,
    template: Annotated[
        str,
        typer.Option(
            "--template",
            metavar="NAME",
            help="What a repository without any .gitattributes starts with: hfpush's own list, what the Hub itself "
            "writes for a model or a dataset, or none.",
        ),
    ] = "hfpush",
    as_json: JsonOption = False,
) -> None:
    """Write .gitattributes for large and binary files.

    Adds the lines that they need at the end of your file, and says why; what stands in it stays. Content that is
    staged and goes to LFS by now becomes a pointer, with git-lfs or without it. Looks at the whole repository, but not
    at its history: hfpush audit does. Ends with 0 if all such files go to LFS then, with 1 if not.
    """
    report = track(path, start=cast(Start, template), dry_run=dry_run)
    if as_json:
        render.document(report.as_json())
    else:
        for line in report_lines(report):
            render.tell(line)
        render.findings(report.findings)
    if not report.clean:
        raise typer.Exit(1)


def report_lines(report: TrackReport) -> list[str]:
    """What is said of a report. Pure."""
    would = "would be " if report.dry_run else ""
    lines = []
    if report.start is not None and report.files:
        what = {"hfpush": "hfpush's list", "none": "nothing"}.get(report.start, f"the Hub's list for a {report.start}")
        lines.append(f".gitattributes {would}made, starting with {what}")
    for line in report.lines:
        lines += [f"{shown(line.file)}: {shown(line.text)}", f"  {line.reason}"]
    if report.restaged:
        count = units.count(len(report.restaged), "staged file")
        lines.append(f"{count} {would}turned into {'a pointer' if len(report.restaged) == 1 else 'pointers'}:")
        lines += [f"  {shown(path)}" for path in report.restaged[:_SHOWN]]
        if len(report.restaged) > _SHOWN:
            lines.append(f"  and {len(report.restaged) - _SHOWN:,} more")
    alone = report.staged if not report.restaged else ()
    for path in alone:
        lines.append(f"{shown(path)} {would}staged: LFS pointers that are staged need its lines")
    if not lines:
        lines.append(
            "nothing to do: .gitattributes sends to LFS what must go there" if report.clean else "nothing to do"
        )
    elif (left := sorted({*report.files} - {*report.staged})) and not report.restaged and not report.dry_run:
        lines.append("not staged yet; to do so: " + shlex.join(["git", "-C", str(report.root), "add", "--", *left]))
    return lines
