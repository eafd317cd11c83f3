"""What to do for each file: keep it, put it in place, check it, go on with it, or fetch it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from hfpush.disk.content import Content
from hfpush.errors import Damaged
from hfpush.hub.content import content_of
from hfpush.hub.presence import Presence
from hfpush.hub.tree import TreeFile

Action = Literal["keep", "place", "check", "resume", "fetch"]


@dataclass(frozen=True)
class Step:
    """One content, and every path that must show it. Equal files are fetched once.

    `have` is how many bytes a draft probably holds. `unproven` are the paths whose own bytes may be the right ones.
    """

    content: Content
    paths: tuple[str, ...]
    action: Action
    have: int = 0
    unproven: tuple[str, ...] = ()

    @property
    def to_come(self) -> int:
        """Bytes that must come over the wire, as far as one can say beforehand."""
        return 0 if self.action in ("keep", "place", "check") else self.content.size - self.have


@dataclass(frozen=True)
class Plan:
    """Steps in the order in which they are taken: what costs nothing first, then the largest."""

    steps: tuple[Step, ...]

    @property
    def to_come(self) -> int:
        """Bytes that must come over the wire."""
        return sum(step.to_come for step in self.steps)

    @property
    def room(self) -> int:
        """Bytes of disk that are needed at most. A file that fails its check is fetched, so it counts."""
        return sum(step.content.size - step.have for step in self.steps if step.action in ("resume", "fetch", "check"))


def make_plan(
    files: Iterable[TreeFile], *, presence: Callable[[str, Content], Presence], drafted: Callable[[str, Content], int]
) -> Plan:
    """The plan for `files`, given what a place says it has of each. Raises Damaged for an impossible list of files."""
    groups: dict[Content, list[str]] = {}
    seen: set[str] = set()
    for file in files:
        if file.path in seen:
            raise _impossible(f"{file.path!r} is listed twice")
        seen.add(file.path)
        groups.setdefault(content_of(file), []).append(file.path)
    for path in seen:
        parts = path.split("/")
        if any("/".join(parts[:count]) in seen for count in range(1, len(parts))):
            raise _impossible(f"{path!r} lies below another file")
    steps = [_step(content, tuple(paths), presence, drafted) for content, paths in groups.items()]
    return Plan(tuple(sorted(steps, key=lambda step: (step.to_come > 0, -step.content.size))))


def _step(
    content: Content,
    paths: tuple[str, ...],
    presence: Callable[[str, Content], Presence],
    drafted: Callable[[str, Content], int],
) -> Step:
    found = {path: presence(path, content) for path in paths}
    if all(what is Presence.PLACED for what in found.values()):
        return Step(content, paths, "keep")
    if any(what in (Presence.PLACED, Presence.STORED) for what in found.values()):
        return Step(content, paths, "place")
    unproven = tuple(path for path, what in found.items() if what is Presence.UNPROVEN)
    have = min(drafted(paths[0], content), content.size)
    if unproven:
        return Step(content, paths, "check", have, unproven)
    return Step(content, paths, "resume" if have else "fetch", have)


def _impossible(what: str) -> Damaged:
    return Damaged.of("tree-unreadable", "The Hub's list of files cannot be read.", seen=(what[:200],))
