"""Everything that was found out, together."""

from __future__ import annotations

from dataclasses import dataclass, field

from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.git import GitAsked
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.lfs import Lfs
from hfpush.diagnose.facts.log import LogLine
from hfpush.diagnose.facts.machine import Machine
from hfpush.diagnose.facts.names import Lookup
from hfpush.diagnose.facts.repository import Disk, Repository
from hfpush.diagnose.facts.steps import Step
from hfpush.diagnose.facts.tls import Handshake, Judged
from hfpush.diagnose.facts.ways import Target, Way
from hfpush.findings import Finding


@dataclass(frozen=True)
class Facts:
    """What a verdict is made of. `noted` are findings that other parts of hfpush made of what they read: settings,
    the repository's files and history. `steps` is what is shown of how it was found out."""

    question: Question = field(default_factory=Question)
    machine: Machine = field(default_factory=Machine)
    ways: tuple[Way, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    dials: tuple[Dial, ...] = ()
    handshakes: tuple[Handshake, ...] = ()
    judged: tuple[Judged, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    git: GitAsked | None = None
    account: Account = field(default_factory=Account)
    lfs: Lfs = field(default_factory=Lfs)
    repository: Repository = field(default_factory=Repository)
    disks: tuple[Disk, ...] = ()
    log: tuple[LogLine, ...] = ()
    noted: tuple[Finding, ...] = ()
    steps: tuple[Step, ...] = ()

    def ways_to(self, target: Target) -> tuple[Way, ...]:
        """How each client would get there."""
        return tuple(way for way in self.ways if way.target == target)

    def dialled(self, line: str) -> tuple[Dial, ...]:
        """What came of connecting on a line, in the order of the tries."""
        return tuple(one for one in self.dials if one.line == line)

    def handshake(self, line: str) -> Handshake | None:
        """What came of TLS on a line."""
        return next((one for one in self.handshakes if one.line == line), None)

    def lookup(self, host: str) -> Lookup | None:
        """What is known of a name."""
        return next((one for one in self.lookups if one.host == host), None)

    def works(self, line: str) -> bool | None:
        """Whether connections stand on a line, TLS included where it was tried; None where nobody tried."""
        dials, shaken = self.dialled(line), self.handshake(line)
        if not dials:
            return None
        if not any(one.outcome == "ok" for one in dials):
            return False
        return shaken is None or shaken.failed < shaken.tries
