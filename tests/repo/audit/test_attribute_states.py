from __future__ import annotations

from collections.abc import Callable

import pytest

from hfpush.repo.audit.attribute_states import AttributeStates, State
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821


@pytest.mark.parametrize("one_by_one", [True, False])
def test_each_commit_and_tree_has_the_files_that_are_in_it(new_repo: NewRepo, one_by_one: bool) -> None:
    place = new_repo()
    expected: dict[str, State] = {}

    def names(*folders: str) -> None:
        commit = place.commit()
        files = [(folder, f"{folder}/.gitattributes".lstrip("/")) for folder in folders]
        state = tuple(sorted((folder, place.git("rev-parse", f"{commit}:{path}")) for folder, path in files))
        expected[commit] = expected[place.git("rev-parse", "HEAD^{tree}")] = state

    place.write("f", b"1")
    names()
    place.write(".gitattributes", b"*.a text\n")
    place.write("x.gitattributes", b"*.a text\n")
    names("")
    place.write("d/e \n/.gitattributes", b"*.b text\n")
    names("", "d/e \n")
    place.write("f", b"2")
    names("", "d/e \n")
    (place.path / ".gitattributes").unlink()
    (place.path / ".gitattributes").symlink_to("f")
    names("d/e \n")
    place.git("rm", "-q", "-r", "d")
    names()
    repository = Repository.around(place.path)
    with ObjectReader(repository.git) as reader:
        states = AttributeStates(repository.git, reader)
        asked = list(expected)[::-1]
        numbers: dict[str, int] = {}
        for part in [[id] for id in asked] if one_by_one else [asked]:
            numbers |= states.numbers(part)
        assert {id: states.states[number] for id, number in numbers.items()} == expected
        assert len(states.states) == len(set(expected.values()))


def test_what_somebody_knows_is_not_looked_up(new_repo: NewRepo) -> None:
    repository = Repository.around(new_repo().path)
    with ObjectReader(repository.git) as reader:
        states = AttributeStates(repository.git, reader)
        number = states.number_of({"": "1" * 40})
        states.learn("ab" * 20, number)
        assert states.numbers(["ab" * 20]) == {"ab" * 20: number}
