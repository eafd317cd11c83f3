"""How often signed URLs were used, of those that serve only so often."""

from __future__ import annotations


class Wear:
    """How often each of the URLs was used that can be used only so often."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def use(self, uses: str) -> bool:
        """Whether the URL with that parameter can be used once more; it is used, then."""
        used = self._used.get(uses, 0)
        self._used[uses] = used + 1
        return used < int(uses.partition("-")[0])
