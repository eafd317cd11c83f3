import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.disk.content import Content
from hfpush.errors import Damaged
from hfpush.hub.presence import Presence
from hfpush.hub.tree import TreeFile
from hfpush.lfs.pointer import Pointer
from hfpush.receive.plan import Plan, Step, make_plan


def file(path: str, size: int = 100, name: str | None = None) -> TreeFile:
    oid = hashlib.sha256((name or path).encode()).hexdigest()
    return TreeFile(path, size, "b" * 40, Pointer(oid, size))


def plan(files: list[TreeFile], there: dict[str, Presence] | None = None, drafts: dict[str, int] | None = None) -> Plan:
    def presence(path: str, content: Content) -> Presence:
        return (there or {}).get(path, Presence.ABSENT)

    return make_plan(files, presence=presence, drafted=lambda path, content: (drafts or {}).get(path, 0))


@pytest.mark.parametrize(
    ("presence", "draft", "action", "to_come", "room"),
    [
        (Presence.ABSENT, 0, "fetch", 100, 100),
        (Presence.ABSENT, 40, "resume", 60, 60),
        (Presence.ABSENT, 100, "resume", 0, 0),
        (Presence.ABSENT, 500, "resume", 0, 0),
        (Presence.PLACED, 40, "keep", 0, 0),
        (Presence.STORED, 40, "place", 0, 0),
        (Presence.UNPROVEN, 0, "check", 0, 100),
    ],
)
def test_one_file(presence: Presence, draft: int, action: str, to_come: int, room: int) -> None:
    made = plan([file("a")], {"a": presence}, {"a": draft})
    assert [step.action for step in made.steps] == [action]
    assert (made.to_come, made.room) == (to_come, room)


@pytest.mark.parametrize(
    ("first", "second", "action"),
    [
        (Presence.PLACED, Presence.PLACED, "keep"),
        (Presence.PLACED, Presence.ABSENT, "place"),
        (Presence.ABSENT, Presence.STORED, "place"),
        (Presence.UNPROVEN, Presence.PLACED, "place"),
        (Presence.ABSENT, Presence.UNPROVEN, "check"),
        (Presence.ABSENT, Presence.ABSENT, "fetch"),
    ],
)
def test_equal_files_are_one_step(first: Presence, second: Presence, action: str) -> None:
    made = plan([file("a", name="x"), file("b", name="x")], {"a": first, "b": second})
    assert [(step.paths, step.action) for step in made.steps] == [(("a", "b"), action)]


def test_what_costs_nothing_comes_first_then_the_largest() -> None:
    made = plan([file("small", 1), file("here", 5), file("large", 9)], {"here": Presence.PLACED})
    assert [step.paths[0] for step in made.steps] == ["here", "large", "small"]


@pytest.mark.parametrize("paths", [["a", "a"], ["a", "a/b"], ["a/b/c/d", "a/b"]])
def test_impossible_list_of_files_is_refused(paths: list[str]) -> None:
    with pytest.raises(Damaged) as error:
        plan([file(path, name=str(number)) for number, path in enumerate(paths)])
    assert error.value.finding.reference == "tree-unreadable"


@given(
    st.dictionaries(
        st.text("abc", min_size=1, max_size=3),
        st.tuples(st.sampled_from(list(Presence)), st.integers(0, 300), st.integers(0, 300), st.integers(0, 2)),
    )
)
def test_every_path_is_in_one_step_and_nothing_is_counted_twice(
    files: dict[str, tuple[Presence, int, int, int]],
) -> None:
    made = plan(
        [file(path, size, f"{group}-{size}") for path, (_, size, _, group) in files.items()],
        {path: presence for path, (presence, *_) in files.items()},
        {path: draft for path, (_, _, draft, _) in files.items()},
    )
    assert sorted(path for step in made.steps for path in step.paths) == sorted(files)
    assert len({step.content for step in made.steps}) == len(made.steps)
    assert 0 <= made.to_come <= made.room <= sum({step.content: step.content.size for step in made.steps}.values())


def test_step_of_an_unproven_file_names_it() -> None:
    made = plan([file("a", name="x"), file("b", name="x")], {"b": Presence.UNPROVEN})
    assert made.steps[0] == Step(made.steps[0].content, ("a", "b"), "check", 0, ("b",))
