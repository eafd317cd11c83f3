"""The commits of a scope and how they hang together; which tips reach what, and where something is taken away. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Graph:
    """Commits, parents before children. `parents` are indices into `ids`; a negative one, `-1 - n`, is the n-th of
    `outside`, the parents that are not in the scope."""

    ids: Sequence[str] = field(repr=False)
    parents: Sequence[tuple[int, ...]] = field(repr=False)
    outside: Sequence[str] = ()

    @classmethod
    def parse(cls, lines: Iterable[bytes]) -> Graph:
        """From the lines of `git rev-list --topo-order --reverse --parents`."""
        ids: list[str] = []
        parents: list[tuple[int, ...]] = []
        place: dict[bytes, int] = {}
        outside: list[str] = []
        for line in lines:
            commit, *others = line.split()
            place[commit] = len(ids)
            ids.append(commit.decode("ascii"))
            for other in others:
                if other not in place:
                    outside.append(other.decode("ascii"))
                    place[other] = -len(outside)
            parents.append(tuple([place[other] for other in others]))
        return cls(ids, parents, outside)

    def reached_from(self, tips: Mapping[str, Sequence[str]], commits: Iterable[str]) -> dict[str, int]:
        """For each of `commits`, which tips reach it: bit n stands for the n-th key of `tips` (a commit id).

        One pass, children first; only what is still to be handed down is held.
        """
        wanted, bit = set(commits), {commit: 1 << number for number, commit in enumerate(tips)}
        masks: dict[int, int] = {}
        found = {}
        for number in range(len(self.ids) - 1, -1, -1):
            commit = self.ids[number]
            mask = masks.pop(number, 0) | bit.get(commit, 0)
            if not mask:
                continue
            if commit in wanted:
                found[commit] = mask
            for parent in self.parents[number]:
                if parent < 0:
                    continue
                before = masks.get(parent, 0)
                masks[parent] = mask if not before or before == mask else before | mask
        return found


def bits(mask: int) -> list[int]:
    """The numbers of the bits that are set, least first."""
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found
