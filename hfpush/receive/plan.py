"""What to do for each file, from keeping it to refusing it, and what that needs of the line and of the disk. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hfpush.disk.content import Content
from hfpush.errors import Damaged, LocalTrouble
from hfpush.hub.content import content_of
from hfpush.hub.presence import Presence
from hfpush.hub.tree import TreeFile
from hfpush.units import count

Action = Literal["keep", "place", "check", "resume", "fetch", "replace", "refuse"]
"""`keep`: it is there. `place`: its bytes are there. `check`: a file that may be it is there. `resume`: a part of it is
here. `replace`: another file stands there and will go away. `refuse`: it cannot, or must not, be written there."""
BLOCKED = "something stands in its way: a folder, a file where a folder must be, or a link that leads out"


@dataclass(frozen=True)
class PlannedFile:
    """What a fetch would do with one file, of which `have` bytes are here; `why` for one that is refused."""

    path: str
    size: int
    action: Action
    have: int = 0
    why: str = ""


@dataclass(frozen=True)
class Step:
    """One content, and every path that must show it. Equal files are fetched once. Its action is never `refuse`.

    `have` is how many bytes a draft probably holds; `copied` of them lie elsewhere on this disk, and are copied into
    one first. `unproven` are the paths whose own bytes may be the right ones,
    `replaced` those where another file stands, and `placed` those where nothing is to be done.
    """

    content: Content
    paths: tuple[str, ...]
    action: Action
    have: int = 0
    unproven: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    placed: tuple[str, ...] = ()
    copied: int = 0

    @property
    def to_come(self) -> int:
        """Bytes that must come over the wire, as far as one can say beforehand."""
        return 0 if self.action in ("keep", "place", "check") else self.content.size - self.have

    def files(self) -> Iterable[PlannedFile]:
        """What is done for each of its paths."""
        for path in self.paths:
            action = "keep" if path in self.placed else "replace" if path in self.replaced else self.action
            have = self.content.size if action == "keep" or self.action in ("place", "check") else self.have
            yield PlannedFile(path, self.content.size, action, have)


@dataclass(frozen=True)
class Plan:
    """Steps in the order in which they are taken: what costs nothing first, then the largest. `refused` are the files
    that no step brings. `copies` says that each path has bytes of its own (a folder), not a link to the same (a cache).
    """

    steps: tuple[Step, ...]
    refused: tuple[PlannedFile, ...] = ()
    copies: bool = False

    @property
    def to_come(self) -> int:
        """Bytes that must come over the wire. One that fails its check comes as well, which nobody knows before."""
        return sum(step.to_come for step in self.steps)

    @property
    def here(self) -> int:
        """Bytes that need not come. Equal files count once, as they do in `to_come`."""
        return sum(step.content.size - step.to_come for step in self.steps)

    @property
    def room(self) -> int:
        """Bytes of disk that are needed at most. A file that fails its check is fetched, so it counts; one that is
        replaced goes away only when the new one is whole, so nothing is taken off for it."""
        return sum(self._room_of(step) for step in self.steps)

    def _room_of(self, step: Step) -> int:
        drafted = step.content.size - step.have + step.copied if step.action not in ("keep", "place") else 0
        if not self.copies or step.action == "keep":
            return drafted
        missing = len(step.paths) - len(step.placed) - len(step.unproven)
        more = missing - (step.action in ("resume", "fetch", "replace"))  # the draft itself becomes the first of them
        return drafted + step.content.size * more

    def files(self) -> tuple[PlannedFile, ...]:
        """Every file with what is done for it, by path."""
        planned = (*self.refused, *(file for step in self.steps for file in step.files()))
        return tuple(sorted(planned, key=lambda file: file.path))


def make_plan(
    files: Iterable[TreeFile],
    *,
    presence: Callable[[str, Content], Presence],
    drafted: Callable[[str, Content], int],
    own: Callable[[str, Content], int] | None = None,
    refused: Iterable[PlannedFile] = (),
    copies: bool = False,
) -> Plan:
    """The plan for `files`, given what a place says it has of each. Of the bytes that it says are `drafted`, only its
    `own` need no more room; None: all of them. `refused` are those that were turned away before, because of their
    names. Raises Damaged for an impossible list of files."""
    groups: dict[Content, list[str]] = {}
    seen: set[str] = set()
    for file in files:
        if file.path in seen:
            raise _impossible(f"{file.path!r} is listed twice")
        seen.add(file.path)
        groups.setdefault(content_of(file), []).append(file.path)
    for path in seen:
        if path.count("/") and any(path[:at] in seen for at, letter in enumerate(path) if letter == "/"):
            raise _impossible(f"{path!r} lies below another file")
    turned_away = list(refused)
    steps = []
    for content, paths in groups.items():
        found = {path: presence(path, content) for path in paths}
        blocked = [path for path, what in found.items() if what is Presence.BLOCKED]
        turned_away += [PlannedFile(path, content.size, "refuse", 0, BLOCKED) for path in blocked]
        open_paths = {path: what for path, what in found.items() if what is not Presence.BLOCKED}
        if open_paths:
            step = _step(content, open_paths, drafted)
            if own is not None and step.have:
                step = replace(step, copied=max(0, step.have - own(step.paths[0], content)))
            steps.append(step)
    order = sorted(steps, key=lambda step: (step.to_come > 0, -step.content.size))
    return Plan(tuple(order), tuple(turned_away), copies)


def refusal(refused: Sequence[PlannedFile]) -> LocalTrouble:
    """The error for files that cannot, or must not, be written; there is at least one."""
    seen = [f"{file.path!r}: {file.why}" for file in refused[:5]]
    if len(refused) > 5:
        seen.append(f"and {count(len(refused) - 5, 'other')}")
    return LocalTrouble.of(
        "files-refused",
        f"{count(len(refused), 'file')} of the repository cannot be written here; the others can.",
        seen=tuple(seen),
        to_try=(
            "move away what stands in the way, or fetch into another folder with --local-dir",
            "or leave those files out with --exclude",
        ),
    )


def _step(content: Content, found: Mapping[str, Presence], drafted: Callable[[str, Content], int]) -> Step:
    def those(*wanted: Presence) -> tuple[str, ...]:
        return tuple(path for path, what in found.items() if what in wanted)

    paths, placed, replaced = tuple(found), those(Presence.PLACED), those(Presence.DIFFERENT)
    if len(placed) == len(paths):
        return Step(content, paths, "keep", placed=placed)
    if placed or those(Presence.STORED):
        return Step(content, paths, "place", replaced=replaced, placed=placed)
    unproven = those(Presence.UNPROVEN)
    have = min(drafted(paths[0], content), content.size)
    if unproven:
        return Step(content, paths, "check", have, unproven, replaced)
    action: Action = "replace" if len(replaced) == len(paths) else "resume" if have else "fetch"
    return Step(content, paths, action, have, replaced=replaced)


def _impossible(what: str) -> Damaged:
    return Damaged.of("tree-unreadable", "The Hub's list of files cannot be read.", seen=(what[:200],))
