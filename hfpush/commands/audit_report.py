"""What an audit is asked and what it found: two values, and who watches. They print nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from hfpush.endpoints import Endpoint, RepoType
from hfpush.endpoints.known import HF
from hfpush.repo.audit.found import Scan
from hfpush.repo.audit.judged import Verdict
from hfpush.repo.audit.words import blob_document
from hfpush.repo.repository import Repository


@dataclass(frozen=True)
class AuditRequest:
    """Look at what a push of `repository` would carry, or at another part of its history.

    `place` is the repository as the user calls it; it stands in the commands that are offered. At most one is given of
    `revisions` (in the words of git: `main~5..main`), `everything` (all refs), and `remote` (what that one does not
    have). With none of them it is what the remotes at `endpoint`, or at the Hub of Hugging Face, do not have. `above`
    asks for files over so many bytes, and for nothing else. `repo_type` None means that it is not known.
    """

    repository: Repository
    place: str = "."
    revisions: str | None = None
    everything: bool = False
    remote: str | None = None
    above: int | None = None
    endpoint: Endpoint = HF
    repo_type: RepoType | None = None


@dataclass(frozen=True)
class AuditReport:
    """What was looked at (`about` in words) and the verdict. `scan` is None where there is nothing to look at yet."""

    place: str
    about: str
    scan: Scan | None
    verdict: Verdict
    seconds: float = 0.0
    above: int | None = field(default=None)

    @property
    def clean(self) -> bool:
        """Whether nothing stands against it: no finding is an error."""
        return self.verdict.clean

    def as_json(self) -> dict[str, Any]:
        """The report as plain values, for `--json`. Paths that are not UTF-8 hold lone surrogates."""
        scan = self.scan
        return {
            "place": self.place,
            "about": self.about,
            "empty": scan is None,
            "clean": self.clean,
            "above": self.above,
            "commits": scan.commits if scan else 0,
            "files": scan.checked if scan else 0,
            "absent": scan.absent if scan else 0,
            "shallow": scan.scope.shallow if scan else False,
            "refs": sorted(scan.scope.tips) if scan else [],
            "blobs": [blob_document(blob, self.above) for blob in scan.blobs] if scan else [],
            "findings": [finding.as_json() for finding in self.verdict.findings],
            "offences": [
                *({**vars(one), "unmendable": None} for one in self.verdict.offences),
                *({**vars(one.offence), "unmendable": one.reason} for one in self.verdict.unmendable),
            ],
            "seconds": round(self.seconds, 3),
        }


class AuditObserver(Protocol):
    """Who watches an audit."""

    def stage(self, text: str) -> None:
        """A new stage of the work begins, in a few words."""

    def looked_at(self, what: str, count: int, of: int | None) -> None:
        """So many of `of` (None: not known) commits or objects were looked at in this stage."""
