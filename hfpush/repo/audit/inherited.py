"""The attribute files of each commit of a walk, taken over from its parents.

Most commits change none, so that nothing has to be read for them. Where the parents of a merge differ, its own trees
tell.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from hfpush.repo.audit.attribute_states import FILE, AttributeStates
from hfpush.repo.audit.graph import Graph
from hfpush.repo.audit.rows import Row
from hfpush.repo.audit.trees import TreeReader

_NAME = FILE.decode("ascii")


class Inheritance:
    """Follows a walk, parents first, and tells `states` what it learns of each commit."""

    def __init__(self, states: AttributeStates, graph: Graph, trees: TreeReader) -> None:
        self._states, self._graph, self._trees = states, graph, trees
        before = states.numbers(graph.outside)
        self._outside = [before[id] for id in graph.outside]
        self._numbers = array("l")

    def follow(self, rows: Iterable[Row]) -> None:
        """The next commit of the walk, with all of its rows about attribute files."""
        place = len(self._numbers)
        commit, parents = self._graph.ids[place], self._graph.parents[place]
        self._numbers.append(self._number(commit, parents, list(rows)))
        self._states.learn(commit, self._numbers[place])

    def _number(self, commit: str, parents: Sequence[int], rows: Sequence[Row]) -> int:
        numbers = {self._numbers[at] if at >= 0 else self._outside[-1 - at] for at in parents}
        if len(numbers) == 1 and not rows:
            return numbers.pop()
        if len(numbers) > 1:
            folders = {folder for number in numbers for folder, _ in self._states.states[number]}
            paths = {f"{folder}/{_NAME}" if folder else _NAME for folder in folders} | {row.path for row in rows}
            return self._states.number_of({_folder(path): id for path, id in self._trees.files(commit, paths).items()})
        files = dict(self._states.states[numbers.pop()]) if numbers else {}
        for row in rows:
            if row.blob:
                files[_folder(row.path)] = row.blob
            else:
                files.pop(_folder(row.path), None)
        return self._states.number_of(files)


def is_about_attributes(row: Row) -> bool:
    """Whether a row is about an attribute file."""
    return row.path.endswith(_NAME) and row.path.rpartition("/")[2] == _NAME


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
