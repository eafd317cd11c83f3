"""How anything wrong is told: one value for an error, a failed check and a warning.

A finding says what is so, what was seen, and what to try. It prints nothing and decides
nothing; cli/render.py turns it into text, `--json` into a document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, in the user's words.

    `reference` is a stable kebab-case name: scripts and notes may hold it, and docs/failures.md has a
    section of that name. `message` is one sentence about the user's file or network. `evidence` is what
    was seen, a line each, already free of tokens and signed URLs. `remedy` is what to try, best first.
    """

    reference: str
    message: str
    evidence: tuple[str, ...] = ()
    remedy: tuple[str, ...] = ()
    severity: Severity = "error"

    def as_json(self) -> dict[str, object]:
        """The finding as plain values, for `--json`."""
        return {
            "reference": self.reference,
            "severity": self.severity,
            "message": self.message,
            "evidence": list(self.evidence),
            "remedy": list(self.remedy),
        }
