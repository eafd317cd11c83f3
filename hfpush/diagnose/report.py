"""Facts, and what follows from them, as a JSON document. report_reading.py makes facts of one again.

It has `report` (the number of its form), `hfpush` (the version that wrote it), `well`, `findings`, `facts`, `seconds`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

from hfpush.diagnose.facts.all import Facts
from hfpush.findings import Finding
from hfpush.net.redact import redact

FORM = 1


@dataclass(frozen=True)
class Report:
    """Facts, what follows from them, and how long it took to find out. `lost` counts what could not be read of a
    report of another version."""

    facts: Facts
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    hfpush: str = ""
    lost: int = 0

    @property
    def well(self) -> bool:
        """Whether nothing that was asked about is broken."""
        return all(one.severity != "error" for one in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The document. Each text in it is as the screen may show it, whichever probe or rule it comes from."""
        return {
            "report": FORM,
            "hfpush": self.hfpush or metadata.version("hfpush"),
            "well": self.well,
            "findings": [_safe(one.as_json()) for one in self.findings],
            "facts": _safe(asdict(self.facts)),
            "seconds": round(self.seconds, 3),
        }


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _safe(one) for key, one in value.items()}
    return type(value)(map(_safe, value)) if isinstance(value, list | tuple) else value
