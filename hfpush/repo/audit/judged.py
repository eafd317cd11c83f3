"""What an audit comes to: a value, apart from how it is found. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from hfpush.findings import Finding
from hfpush.repo.audit.judge import is_clean
from hfpush.repo.rewrite.values import Offence, Unmended


@dataclass(frozen=True)
class Verdict:
    """The judgement of a scan: findings, the one to act on first; what a rewrite can mend; what it cannot."""

    findings: tuple[Finding, ...]
    offences: tuple[Offence, ...] = field(default=(), repr=False)
    unmendable: tuple[Unmended, ...] = field(default=(), repr=False)

    @property
    def clean(self) -> bool:
        """Whether the Hub would take it, as far as can be told: no finding is an error."""
        return is_clean(self.findings)
