"""What a reference means: its section of docs/failures.md, which comes with the installation."""

from __future__ import annotations

import difflib
import re

from hfpush.disk.shipped import shipped
from hfpush.errors import Misuse

_SECTION = re.compile(r"^### (?P<name>\S+)\n(?P<text>.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


def explained(reference: str) -> str:
    """The section as plain text. Raises Misuse (`reference-unknown`) with those that are spelt alike."""
    page = shipped("diagnose/failures.md", "docs/failures.md", "list of failures")
    sections = {found["name"]: found["text"] for found in _SECTION.finditer(page.decode())}
    wanted = reference.strip().lower()
    if wanted not in sections:
        alike = difflib.get_close_matches(wanted, sections, 3, 0.5)
        raise Misuse.of(
            "reference-unknown",
            f"There is no finding called {reference!r}.",
            to_try=tuple(f"hfpush doctor --explain {name}" for name in alike),
        )
    return f"{wanted}\n\n{_LINK.sub(lambda link: link[1], sections[wanted]).strip()}"
