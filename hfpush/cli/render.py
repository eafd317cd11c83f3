"""The only place that prints. Data goes to stdout, talk to stderr; foreign names are made safe first."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from hfpush.findings import Finding
from hfpush.net.redact import redact

_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold blue"}


def console(stream: TextIO) -> Console:
    """A console on `stream`, with colour only on a terminal that wants it; lines are never cut or wrapped."""
    return Console(file=stream, highlight=False, soft_wrap=True, markup=False, emoji=False)


def say(line: str = "") -> None:
    """One line of talk, on stderr."""
    console(sys.stderr).print(Text(redact(line)))


def tell(line: str = "") -> None:
    """One line of result, on stdout."""
    _to_stdout(redact(line) + "\n")


def reveal(line: str) -> None:
    """One line of result that may name a token: a local Hub's own, which opens nothing else."""
    _to_stdout(line + "\n")


def document(value: Any) -> None:
    """One JSON document, on stdout."""
    _to_stdout(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def finding(found: Finding) -> None:
    """A finding, on stderr: what is so, what was seen, what to try."""
    out = console(sys.stderr)
    head = Text(f"{found.severity}: ", style=_STYLES[found.severity])
    head.append(found.reference, style="bold")
    out.print(head)
    out.print(Text(f"  {redact(found.message)}"))
    for label, lines in (("seen", found.evidence), ("try", found.remedy)):
        for line in lines:
            out.print(Text(_indented(label, redact(line))))


def findings(found: Iterable[Finding]) -> None:
    """Several findings, in their order."""
    for one in found:
        finding(one)


def _indented(label: str, text: str) -> str:
    first, *rest = text.splitlines() or [""]
    return "\n".join([f"  {label:<6} {first}", *(f"         {line}" for line in rest)])


def _to_stdout(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read us has enough (`| head`); nothing more can be said there, also not at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
