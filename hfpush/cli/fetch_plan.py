"""What a fetch would do, as a table: `hfpush fetch --dry-run`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from hfpush import units
from hfpush.cli.shown_name import shown
from hfpush.commands.fetch_report import FetchReport
from hfpush.receive.plan import Action, PlannedFile

_MOST_LINES = 40
_MOST_REFUSED = 10
_LARGEST_NAMED = 2
_SIZE_ROOM, _ACTION_ROOM, _COUNT_ROOM = 8, 7, 12


def plan_lines(report: FetchReport, width: int | None = None) -> list[str]:
    """The plan of a dry run: a line per file, or one per action where there are many; then what is here and what is to
    come, the disk it needs, and where it would go. Names are shortened to a terminal of `width` columns, if it is one.
    """
    files = report.plan
    size = sum(file.size for file in files)
    needed = f"needs {units.size(report.room)} of disk"
    free = "" if report.free is None else f", {units.size(report.free)} are free"
    return [
        f"{report.repo} at {report.commit[:10]} ({shown(report.revision)})",
        *(_grouped(files, width) if len(files) > _MOST_LINES else _each(files, width)),
        f"{units.count(len(files), 'file')}, {units.size(size)}: {units.size(report.bytes_kept)} here, "
        f"{units.size(report.to_come)} to come",
        f"{needed}{free}",
        f"into {report.folder}",
        "dry run: nothing was fetched, and nothing changed",
    ]


def _each(files: Sequence[PlannedFile], width: int | None) -> list[str]:
    return [_line(file, width) for file in files]


def _line(file: PlannedFile, width: int | None) -> str:
    start = f"  {file.action:<{_ACTION_ROOM}}  {units.size(file.size):>{_SIZE_ROOM}}  "
    more = f"  ({file.why})" if file.why else ""
    if file.action in ("resume", "replace") and file.have > 0:
        more = f"  ({units.size(file.have)} here)"
    room = None if width is None else max(16, width - len(start) - len(more) - 1)
    return f"{start}{shown(file.path, room)}{more}"


def _grouped(files: Sequence[PlannedFile], width: int | None) -> list[str]:
    lines = []
    for action in get_args(Action):
        some = [file for file in files if file.action == action]
        if not some:
            continue
        counted = units.count(len(some), "file")
        start = f"  {action:<{_ACTION_ROOM}}  {counted:>{_COUNT_ROOM}}  {units.size(sum(f.size for f in some)):>8}"
        if action == "refuse":
            lines += [start, *(_line(file, width) for file in some[:_MOST_REFUSED])]
            if len(some) > _MOST_REFUSED:
                lines.append(f"  and {len(some) - _MOST_REFUSED:,} more")
            continue
        largest = sorted(some, key=lambda file: -file.size)[:_LARGEST_NAMED]
        room = None if width is None else max(6, (width - len(start) - 10) // len(largest) - 2)
        lines.append(f"{start}  such as {', '.join(shown(file.path, room) for file in largest)}")
    return lines
