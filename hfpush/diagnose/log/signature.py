"""What a line looks like by which a trouble is known. Pure; the tables of them are words_*.py."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from hfpush.diagnose.facts.log import Plane


@dataclass(frozen=True)
class Signature:
    """`needle`, in small letters, is in every line that has it; it is looked for first, since that is quick. `pattern`
    decides, without regard to case, where the needle alone does not; its groups `host`, `address` and `detail` are
    what is taken from the line. An empty `reference`: the line is understood, and nothing is wrong.

    `plane` and `client`, where the words alone tell them. `certain`: the words have no second meaning. `weak`: other
    troubles end with such a line too, so it counts only where the log has nothing better.
    """

    reference: str
    needle: str
    pattern: str = ""
    plane: Plane = ""
    client: str = ""
    certain: bool = False
    weak: bool = False

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern or re.escape(self.needle), re.IGNORECASE)

    def found(self, text: str, small: str) -> re.Match[str] | None:
        """The place in `text` that has it; `small` is the same text in small letters."""
        return self._compiled.search(text) if self.needle in small else None
