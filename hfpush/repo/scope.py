"""Which part of a history a question is about. How a scope is chosen is audit/scoping.py's business. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """Everything that `tips` reach and `known` do not.

    `tips` are refs by full name (`HEAD` where it is detached), with the id of the object that each holds: a commit or
    an annotated tag, and for odd tags also a tree or a blob. `known` are ids of commits that are here and that the
    other side has. `shallow` says that the history is cut off here, so that what lies behind the cut is not seen.
    `broken` are refs that were left out because what they name is not here.
    """

    tips: Mapping[str, str]
    known: frozenset[str] = frozenset()
    shallow: bool = False
    broken: tuple[str, ...] = ()
