"""What `hfpush doctor` has to say, as lines: what is wrong first, then how each step of the way went. Pure.

It fits a screen of 80 columns and 24 lines where it can: a layer in which all is well is one line, the routes are one
line where all programs agree, and notes are one line each.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.text import Text

from hfpush.cli.render import STYLES, headed
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.steps import Step
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.report import Report
from hfpush.diagnose.tree import took, tree
from hfpush.findings import Finding
from hfpush.units import count

_SIGNS = {"ok": ("ok", "green"), "warn": ("odd", "yellow"), "fail": ("FAIL", "bold red"), "skip": ("-", "dim")}
_MOST_SHOWN, _MOST_LINES = 3, 2
"""Of the steps of a layer, and of the lines of a step, where not everything is asked for."""


def report_lines(report: Report, *, whole: bool = False, width: int = 80) -> list[Text]:
    """The report. `whole` shows every step, and notes with all that belongs to them."""
    width = max(width, 40)
    lines = [_headline(report)]
    for found in report.findings:
        if found.severity == "note" and not whole:
            lines += _note(found, width)
        else:
            lines += _finding(found, width)
    lines.append(Text(""))
    lines += _routes(report.facts, width, whole=whole)
    steps = tree(report.facts)
    told = any(one.severity != "note" for one in report.findings)
    if told and not whole:  # what is well need not take the place of what is not
        for sign, status in (("ok", "ok"), ("not asked", "skip")):
            layers = [one for one in dict.fromkeys(step.layer for step in steps) if _state(steps, one) == status]
            steps = tuple(step for step in steps if step.layer not in layers)
            if layers:
                lines += [Text(line) for line in _wrapped(", ".join(layers), f"{sign:<18}", " " * 18, width)]
    lines += _layers(steps, width, whole=whole)
    return lines


def _state(steps: Iterable[Step], layer: str) -> str:
    return _worst(step for step in steps if step.layer == layer)


def _headline(report: Report) -> Text:
    facts = report.facts
    where = facts.question.endpoint + (f", {facts.question.repo_id}" if facts.question.repo_id else "")
    errors = sum(one.severity == "error" for one in report.findings)
    warnings = sum(one.severity == "warning" for one in report.findings)
    told = [count(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number]
    seconds = f"{report.seconds:.1f} s"
    if not told:
        well = "nothing wrong was found in what can be read offline" if facts.question.offline else "all is well"
        return Text.assemble((f"{well}: ", "bold green"), f"{where} ({seconds})")
    return Text.assemble((f"{' and '.join(told)}: ", "bold red" if errors else "bold yellow"), f"{where} ({seconds})")


def _finding(found: Finding, width: int) -> Iterator[Text]:
    yield headed(found)
    yield from (Text(line) for line in _wrapped(found.message, "  ", "  ", width))
    for text in found.evidence:
        yield from (Text(line, style="dim") for line in _wrapped(text, "  seen   ", " " * 9, width))
    for text in found.remedy:
        yield Text.assemble(("  try    ", "bold"), text)  # not wrapped: it is to be pasted


def _note(found: Finding, width: int) -> Iterator[Text]:
    first, *others = _wrapped(f"{found.reference}: {found.message}", "note: ", "  ", width)
    yield Text.assemble(("note: ", STYLES["note"]), first.removeprefix("note: "))
    yield from map(Text, others)


def _routes(facts: Facts, width: int, *, whole: bool) -> Iterator[Text]:
    ways = facts.ways
    if not ways:
        return
    by_host = {
        target: [way for way in ways if way.target == target] for target in dict.fromkeys(w.target for w in ways)
    }
    for target, own in by_host.items():
        groups = _alike(own)
        if len(groups) == 1 and not whole:
            said = textwrap.shorten(f"to {target} {own[0].host}: all {_way(own[0])}", width - 18, placeholder=" …")
            yield Text(f"{'routes':<18}{said}")
            continue
        yield Text(f"routes       to {target}, {own[0].host}:", style="bold")
        for clients, way in groups:
            said = f"  {', '.join(clients):<24} {_way(way)}"
            yield from (Text(line) for line in _wrapped(said.strip(), "  ", " " * 27, width))


def _alike(ways: Sequence[Way]) -> list[tuple[list[str], Way]]:
    """The programs that go the same way, for each way."""
    found: dict[tuple[object, ...], tuple[list[str], Way]] = {}
    for way in ways:
        key = (way.via, way.error, way.names, way.verifies)
        found.setdefault(key, ([], way))[0].append(way.client)
    return list(found.values())


def _way(way: Way) -> str:
    if way.error:
        return f"stops: {way.error}"
    how = f"through {way.via}" if way.via else "straight"
    more = [
        way.why,
        "names resolved here" if way.via and way.names == "here" else "",
        "" if way.verifies else "UNVERIFIED",
    ]
    return f"{how} ({'; '.join(filter(None, more))})"


def _layers(steps: Sequence[Step], width: int, *, whole: bool) -> Iterator[Text]:
    for layer, group in groupby(steps, key=lambda step: step.layer):
        own = list(group)
        odd = [step for step in own if step.status in ("warn", "fail")]
        shown = own if whole else odd
        sign, style = _SIGNS[_worst(own)]
        slowest = max(own, key=lambda step: step.seconds)
        if not shown:
            subjects = ", ".join(dict.fromkeys(_in_short(step) for step in own))
            line = f"{layer:<12} {sign:<5}{textwrap.shorten(subjects, width - 28, placeholder=' …')}"
            yield _with_time(line, took(slowest), style, sign, width)
            continue
        yield Text.assemble(f"{layer:<12} ", (sign, style))
        for step in shown if whole else shown[:_MOST_SHOWN]:
            yield from _step(step, width, whole=whole)
        if not whole and len(shown) > _MOST_SHOWN:
            yield Text(f"       and {len(shown) - _MOST_SHOWN} more; all of them: --verbose")


def _step(step: Step, width: int, *, whole: bool) -> Iterator[Text]:
    mark, colour = _SIGNS[step.status]
    said = f"{step.subject}: {step.said}" if step.said else step.subject
    lines = _wrapped(said, f"  {mark:<5}", " " * 7, width - 10)
    for number, line in enumerate(lines if whole else lines[:_MOST_LINES]):
        cut = " …" if not whole and number == _MOST_LINES - 1 and len(lines) > _MOST_LINES else ""
        yield _with_time(line + cut, took(step) if number == 0 else "", colour, mark, width)


def _in_short(step: Step) -> str:
    return step.said if step.layer == "configuration" else step.subject


def _worst(steps: Iterable[Step]) -> str:
    found = {step.status for step in steps}
    return next((one for one in ("fail", "warn", "ok") if one in found), "skip")


def _with_time(line: str, time: str, style: str, sign: str, width: int) -> Text:
    text = Text(f"{line:<{width - 9}} {time:>7}".rstrip() if time else line)
    at = line.find(sign)
    if at >= 0:
        text.stylize(style, at, at + len(sign))
    return text


def _wrapped(text: str, first: str, others: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    ) or [first]
