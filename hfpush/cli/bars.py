"""The view of a meter on a terminal: a bar for all, one for each file that moves, and a countdown while it waits."""

from __future__ import annotations

from itertools import islice

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from hfpush import units
from hfpush.cli.meter import File, Meter
from hfpush.cli.shown_name import shown
from hfpush.net.redact import redact

_MOST_FILES = 6
_NARROW = 64
_NAME_ROOM = 32
_LARGE = 4_000_000
_LONG_SECONDS = 1.0
_ROOM_FOR_ECHO = 3  # the terminal writes ^C behind the last row; if that wrapped, a row would be left behind


def view(meter: Meter, now: float, width: int) -> RenderableType:
    """What is shown at a moment on a terminal of so many columns: no row fills it, so that each can be erased."""
    width = max(20, width - _ROOM_FOR_ECHO)
    rows: list[RenderableType] = []
    if meter.stage_text is not None:
        rows.append(_cut(meter.stage_line(now), width))
    elif meter.size:
        rows.append(_transfer(meter, now, width))
    for why, seconds in meter.waiting(now):
        # Its end first: a narrow terminal cuts the rest.
        rows.append(_cut(f"waiting {_left(seconds) or '1 s'}: {why}", width, style="yellow"))
    return Group(*rows)


def _transfer(meter: Meter, now: float, width: int) -> RenderableType:
    narrow = width < _NARROW
    name_room = max(8, width // 3)
    table = Table.grid(padding=(0, 1), expand=True)
    table.width = width
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=name_room)
    table.add_column(ratio=1, min_width=4)
    for _ in range(1 if narrow else 3):
        table.add_column(no_wrap=True, justify="right")
    done, size = meter.done, meter.size or 0
    speed = [] if narrow else [units.rate(meter.rate(now)), _left(meter.left(now))]
    table.add_row(Text(meter.verb), _bar(done, size), _amount(done, size), *speed)
    for file in islice((file for file in meter.files.values() if _is_worth_a_row(file, now)), _MOST_FILES):
        none = [] if narrow else ["", ""]
        name = Text(shown(file.name, min(name_room, _NAME_ROOM)))
        table.add_row(name, _bar(file.done, file.size), _amount(file.done, file.size), *none)
    words = "; ".join(line for line in (meter.files_line(), meter.sources_line(now)) if line)
    return Group(table, _cut(words, width, style="dim")) if words else table


def _is_worth_a_row(file: File, now: float) -> bool:
    """Not those that come and go quicker than one can read, nor small ones that only wait for others to be shown."""
    takes_time = file.done < file.size and now - file.began >= _LONG_SECONDS
    return file.moving and (file.size >= _LARGE or takes_time)


def _left(seconds: float | None) -> str:
    whole = round(seconds or 0)
    return "" if whole == 0 else f"{whole} s" if whole < 10 else units.duration(whole)


def _amount(done: int, size: int) -> Text:
    return Text(f"{units.size(min(done, size))} of {units.size(size)}")


def _bar(done: int, size: int) -> ProgressBar:
    return ProgressBar(total=max(size, 1), completed=min(done, size))


def _cut(line: str, width: int, style: str = "") -> Text:
    return Text(" ".join(redact(line).split())[:width], style=style, no_wrap=True)
