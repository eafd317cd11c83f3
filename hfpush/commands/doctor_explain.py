"""What a reference means: its section of docs/failures.md, which comes with the installation."""

from __future__ import annotations

import difflib
import re
from importlib import resources
from pathlib import Path

from hfpush.errors import LocalTrouble, Misuse

_SECTION = re.compile(r"^### (?P<name>\S+)\n(?P<text>.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


def explained(reference: str) -> str:
    """The section as plain text. Raises Misuse (`reference-unknown`) with those that are spelt alike."""
    sections = {found["name"]: found["text"] for found in _SECTION.finditer(_failures())}
    wanted = reference.strip().lower()
    if wanted not in sections:
        alike = difflib.get_close_matches(wanted, sections, 3, 0.5)
        raise Misuse.of(
            "reference-unknown",
            f"There is no finding called {reference!r}.",
            to_try=tuple(f"hfpush doctor --explain {name}" for name in alike),
        )
    return f"{wanted}\n\n{_LINK.sub(lambda link: link[1], sections[wanted]).strip()}"


def _failures() -> str:
    packaged = resources.files("hfpush.diagnose") / "failures.md"
    if packaged.is_file():
        return packaged.read_text("utf-8")
    checkout = Path(__file__).parents[2] / "docs/failures.md"
    if checkout.is_file():
        return checkout.read_text("utf-8")
    raise LocalTrouble.of(
        "installation-damaged",
        "hfpush's list of failures is missing from its installation.",
        seen=(str(checkout),),
        to_try=("install hfpush again",),
    )
