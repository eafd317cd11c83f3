"""What is printed, and how it looks. Data goes to stdout, talk to stderr; foreign names are made safe first.

How a stream that is closed, full or read by nobody is met is streams.py's business; bars are progress.py's.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from hfpush.cli import streams
from hfpush.findings import Finding
from hfpush.net.redact import redact

STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold blue"}


def styled(lines: Iterable[Text], stream: TextIO) -> str:
    """The lines as `stream` should get them: colour only for a terminal that wants it, and no line cut or wrapped."""
    paper = io.StringIO()
    out = Console(
        file=paper,
        force_terminal=Console(file=stream).is_terminal,
        highlight=False,
        soft_wrap=True,
        markup=False,
        emoji=False,
    )
    for line in lines:
        out.print(line)
    return paper.getvalue()


def say(line: str = "") -> None:
    """One line of talk, on stderr."""
    streams.write_talk(redact(line) + "\n")


def tell(line: str = "") -> None:
    """One line of result, on stdout."""
    streams.write_result(redact(line) + "\n")


def reveal(line: str) -> None:
    """One line of result that may name a token: a local Hub's own, which opens nothing else."""
    streams.write_result(line + "\n")


def place(path: Path) -> None:
    """A place on this disk, on stdout and byte by byte as it is, for `cd "$(…)"`: it is not redacted."""
    streams.write_result(os.fsencode(path) + b"\n")


def document(value: Any) -> None:
    """One JSON document, on stdout; in ASCII, so that no terminal and no encoding stands in its way."""
    streams.write_result(json.dumps(value, indent=2) + "\n")


def finding(found: Finding) -> None:
    """A finding, on stderr: what is so, what was seen, what to try."""
    streams.write_talk(styled(_finding(found), sys.stderr))


def result(found: Finding) -> None:
    """A finding that was asked for, and so is the result itself: on stdout."""
    streams.write_result(styled(_finding(found), sys.stdout))


def styled_result(lines: Iterable[Text]) -> None:
    """Lines of result that have colours where the terminal wants them."""
    safe = [_safe(line) for line in lines]
    streams.write_result(styled(safe, sys.stdout))


def _safe(line: Text) -> Text:
    """A line whose text may be shown; what had to be changed in it loses its colours."""
    shown = redact(line.plain)
    return line if shown == line.plain else Text(shown)


def _finding(found: Finding) -> list[Text]:
    return [headed(found), *map(Text, finding_lines(found))]


def headed(found: Finding) -> Text:
    """The first line of a finding: how bad it is, and its reference."""
    head = Text(f"{found.severity}: ", style=STYLES[found.severity])
    head.append(found.reference, style="bold")
    return head


def findings(found: Iterable[Finding]) -> None:
    """Several findings, in their order."""
    for one in found:
        finding(one)


def finding_lines(found: Finding) -> list[str]:
    """A finding's message, evidence and remedies as lines of text, safe to show. Pure."""
    lines = _indented("  ", "  ", found.message)
    for label, texts in (("seen", found.evidence), ("try", found.remedy)):
        for text in texts:
            lines += _indented(f"  {label:<6} ", " " * 9, text)
    return lines


def _indented(first: str, others: str, text: str) -> list[str]:
    lines = redact(text).splitlines() or [""]
    return [(others if number else first) + line for number, line in enumerate(lines)]
