from __future__ import annotations

from pathlib import Path

from support.histories import history

from hfpush.repo.audit.attribute_states import AttributeStates
from hfpush.repo.audit.inherited import Inheritance, is_about_attributes
from hfpush.repo.audit.rows import Row
from hfpush.repo.audit.scoping import everything, to_push
from hfpush.repo.audit.trees import TreeReader
from hfpush.repo.audit.walk import Walk
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository
from hfpush.repo.scope import Scope


def followed(repository: Repository, scope: Scope, reader: ObjectReader) -> AttributeStates:
    states = AttributeStates(repository.git, reader)
    with Walk(repository.git, scope, reader) as walk:
        following = Inheritance(states, walk.graph(), TreeReader(reader))
        commits: list[list[Row]] = []
        for row in walk.rows():
            if isinstance(row, str):
                commits.append([])
            elif row.commit and is_about_attributes(row):
                commits[-1].append(row)
        for rows in commits:
            following.follow(rows)
    return states


def test_it_comes_to_what_the_trees_say(tmp_path: Path) -> None:
    for seed in range(12):
        repository = Repository.around(history(tmp_path / str(seed), seed).root)
        scope = to_push(repository, None) if seed % 2 else everything(repository)
        with ObjectReader(repository.git) as reader, Walk(repository.git, scope, reader) as walk:
            commits = walk.graph().ids
            learnt, read = followed(repository, scope, reader), AttributeStates(repository.git, reader)
            here, there = learnt.numbers(commits), read.numbers(commits)
            assert [learnt.states[here[id]] for id in commits] == [read.states[there[id]] for id in commits]


def test_only_a_whole_name_is_an_attribute_file() -> None:
    names = {".gitattributes": True, "d/.gitattributes": True, "x.gitattributes": False, ".gitattributes/x": False}
    assert {name: is_about_attributes(Row("1", name, "100644", "2", ())) for name in names} == names
