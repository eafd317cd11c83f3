"""The error tree, drawn by what a caller may do about it.

    HfpushError                      carries a Finding; exit code 1 unless said otherwise
    ├── Misuse            exit 2     change the command or the settings
    ├── Unavailable                  may pass by itself: try again later (`retry_after` seconds, if known)
    │   └── LeaseExpired             ask for a new lease, then go on
    ├── Refused                      the other side says no, and will say it again
    ├── NotFound                     it is not there
    ├── Damaged                      bytes are not what their digest says
    ├── SourceChanged                the file is no longer the one that was hashed
    ├── Busy                         someone else holds it
    └── LocalTrouble                 this machine's disk or a program on it

Whatever else reaches the top is our bug (exit code 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hfpush.findings import Finding

E = TypeVar("E", bound="HfpushError")


class HfpushError(Exception):
    """Anything that goes wrong in a way we know. `finding` is what the user is told, and `also` what else was found
    on the way, the more important first.

    `status` is the HTTP status of the answer that said so, where there was one.
    """

    exit_code = 1
    status: int | None = None
    also: tuple[Finding, ...] = ()

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)  # the argument itself, so that a copy or a pickle can be made from it
        self.finding = finding

    def __str__(self) -> str:
        return f"{self.finding.reference}: {self.finding.message}"

    @classmethod
    def of(
        cls: type[E], reference: str, message: str, *, seen: tuple[str, ...] = (), to_try: tuple[str, ...] = ()
    ) -> E:
        """The error with a finding made on the spot; keeps raise statements short."""
        return cls(Finding(reference, message, evidence=seen, remedy=to_try))

    @classmethod
    def of_all(cls: type[E], findings: Sequence[Finding]) -> E:
        """The error of at least one finding; the first is the one to act on."""
        error = cls(findings[0])
        error.also = tuple(findings[1:])
        return error


class Misuse(HfpushError):
    """The command or the settings ask for something that cannot be."""

    exit_code = 2


class Unavailable(HfpushError):
    """It did not work now, and may work later. `retry_after` is the server's own wish in seconds, if it had one;
    `tries` is how often it makes sense to try in all, where that is less than for other failures."""

    def __init__(self, finding: Finding, *, retry_after: float | None = None, tries: int | None = None) -> None:
        super().__init__(finding)
        self.retry_after = retry_after
        self.tries = tries


class LeaseExpired(Unavailable):
    """The signed URL is no longer taken; a new lease for the same object may be."""


class Refused(HfpushError):
    """The other side understood and said no: credentials, permission, a rule, a wrong request."""


class NotFound(HfpushError):
    """The repository, revision, file or object does not exist, or is hidden from this token."""


class Damaged(HfpushError):
    """Bytes or an answer are not what they must be."""


class SourceChanged(HfpushError):
    """A local file is no longer the one that was hashed."""


class Busy(HfpushError):
    """Another process works on the same thing."""


class LocalTrouble(HfpushError):
    """This machine: a full disk, a missing right, a program that is not there."""
