"""Which commit takes a blob away from the path under which another one brought it in. Pure.

A merge that takes one parent's side whole has no row of its own in a combined diff; where its parents differ, what it
holds is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hfpush.repo.audit.graph import Graph, bits

Held = Callable[[str, Collection[str]], Mapping[str, str]]
"""Asked with a commit and paths: the blob of each file that it has there."""


@dataclass(frozen=True, order=True)
class Placed:
    """A blob under a path, at the commit that brings it in or takes it away."""

    commit: str
    path: str
    blob: str


@dataclass
class _Pass:
    """One pass over the commits, parents first. A bit stands for an introduction whose blob is still in place."""

    graph: Graph
    introductions: Sequence[Placed]
    held: Held
    same: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    removed: dict[Placed, str] = field(default_factory=dict)

    def run(self, removals: Iterable[Placed]) -> dict[Placed, str]:
        brought: dict[str, int] = defaultdict(int)
        for number, one in enumerate(self.introductions):
            brought[one.commit] |= 1 << number
            self.same[one.path, one.blob] |= 1 << number
        taken: dict[str, list[Placed]] = defaultdict(list)
        for one in removals:
            taken[one.commit].append(one)
        children = [0] * len(self.graph.ids)
        for parents in self.graph.parents:
            for parent in parents:
                if parent >= 0:
                    children[parent] += 1
        masks: dict[int, int] = {}
        for number, commit in enumerate(self.graph.ids):
            parents = self.graph.parents[number]
            mask = self._before(commit, [masks.get(parent, 0) for parent in parents], taken.get(commit, ()))
            mask |= brought.get(commit, 0)
            if mask and children[number]:
                masks[number] = mask
            for parent in parents:
                if parent >= 0:
                    children[parent] -= 1
                    if not children[parent]:
                        masks.pop(parent, None)
        return self.removed

    def _before(self, commit: str, masks: Sequence[int], taken: Sequence[Placed]) -> int:
        """What of the parents' is still in place at a commit."""
        if not masks:
            return 0
        mask = every = masks[0]
        for other in masks[1:]:
            if other != mask:
                mask |= other
                every &= other
        gone = 0
        for one in taken:
            gone |= self.same.get((one.path, one.blob), 0) & mask
        unsure = mask & ~every & ~gone
        if unsure:
            gone |= self._dropped(commit, unsure)
        for number in bits(gone):
            self.removed.setdefault(self.introductions[number], commit)
        return mask & ~gone

    def _dropped(self, commit: str, unsure: int) -> int:
        asked = [(number, self.introductions[number]) for number in bits(unsure)]
        there = self.held(commit, {one.path for _, one in asked})
        gone = 0
        for number, one in asked:
            if there.get(one.path) != one.blob:
                gone |= 1 << number
        return gone


def removed(graph: Graph, introductions: Sequence[Placed], removals: Iterable[Placed], held: Held) -> dict[Placed, str]:
    """For each introduction whose blob does not stay, the first commit after it that takes it away."""
    return _Pass(graph, introductions, held).run(removals)
