import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.disk.content import Content
from hfpush.errors import Damaged
from hfpush.hub.presence import Presence
from hfpush.hub.tree import TreeFile
from hfpush.lfs.pointer import Pointer
from hfpush.receive.plan import BLOCKED, Plan, PlannedFile, Step, make_plan, refusal


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
        (Presence.DIFFERENT, 0, "replace", 100, 100),
        (Presence.DIFFERENT, 40, "replace", 60, 60),
    ],
)
def test_one_file(presence: Presence, draft: int, action: str, to_come: int, room: int) -> None:
    made = plan([file("a")], {"a": presence}, {"a": draft})
    assert [step.action for step in made.steps] == [action]
    assert (made.to_come, made.room) == (to_come, room)


def test_bytes_that_lie_elsewhere_need_not_come_but_need_room() -> None:
    absent: dict[str, Presence] = {"a": Presence.ABSENT}
    made = make_plan([file("a")], presence=lambda path, content: absent[path], drafted=lambda *_: 90, own=lambda *_: 40)
    assert (made.to_come, made.room, made.steps[0].copied) == (10, 60, 50)


@pytest.mark.parametrize(
    ("first", "second", "action"),
    [
        (Presence.PLACED, Presence.PLACED, "keep"),
        (Presence.PLACED, Presence.ABSENT, "place"),
        (Presence.ABSENT, Presence.STORED, "place"),
        (Presence.UNPROVEN, Presence.PLACED, "place"),
        (Presence.ABSENT, Presence.UNPROVEN, "check"),
        (Presence.ABSENT, Presence.ABSENT, "fetch"),
        (Presence.ABSENT, Presence.DIFFERENT, "fetch"),
        (Presence.DIFFERENT, Presence.DIFFERENT, "replace"),
        (Presence.DIFFERENT, Presence.UNPROVEN, "check"),
        (Presence.STORED, Presence.DIFFERENT, "place"),
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
    planned = [path for step in made.steps for path in step.paths] + [file.path for file in made.refused]
    assert sorted(planned) == sorted(files) == [file.path for file in made.files()]
    assert len({step.content for step in made.steps}) == len(made.steps)
    assert made.to_come + made.here == sum(step.content.size for step in made.steps)
    assert 0 <= made.to_come <= made.room <= sum({step.content: step.content.size for step in made.steps}.values())


def test_step_of_an_unproven_file_names_it() -> None:
    made = plan([file("a", name="x"), file("b", name="x")], {"b": Presence.UNPROVEN})
    assert made.steps[0] == Step(made.steps[0].content, ("a", "b"), "check", 0, ("b",))


def test_what_is_in_the_way_is_refused_and_its_equals_are_brought() -> None:
    made = plan([file("a", name="x"), file("b", name="x"), file("c")], {"a": Presence.BLOCKED, "c": Presence.BLOCKED})
    assert [step.paths for step in made.steps] == [("b",)]
    assert made.refused == (PlannedFile("a", 100, "refuse", 0, BLOCKED), PlannedFile("c", 100, "refuse", 0, BLOCKED))
    assert made.to_come == 100


def test_what_was_refused_before_is_in_the_plan() -> None:
    unsafe = PlannedFile("../x", 5, "refuse", 0, "its name leads out of the folder")
    made = make_plan([file("a")], presence=lambda *_: Presence.PLACED, drafted=lambda *_: 0, refused=[unsafe])
    assert (made.refused, [planned.action for planned in made.files()]) == ((unsafe,), ["refuse", "keep"])


def test_each_file_has_an_action_of_its_own() -> None:
    there = {"a": Presence.PLACED, "b": Presence.DIFFERENT, "d": Presence.DIFFERENT}
    made = plan([file(path, name="x") for path in "abc"] + [file("d"), file("e")], there, {"d": 30, "e": 40})
    assert [(planned.path, planned.action, planned.have) for planned in made.files()] == [
        ("a", "keep", 100),
        ("b", "replace", 100),
        ("c", "place", 100),
        ("d", "replace", 30),
        ("e", "resume", 40),
    ]


@pytest.mark.parametrize(
    ("there", "room"),
    [
        ({}, 300),
        ({"a": Presence.PLACED}, 200),
        ({"a": Presence.PLACED, "b": Presence.PLACED, "c": Presence.PLACED}, 0),
        ({"a": Presence.UNPROVEN}, 300),
        ({"a": Presence.DIFFERENT, "b": Presence.DIFFERENT, "c": Presence.DIFFERENT}, 300),
    ],
)
def test_in_a_folder_each_of_three_equal_files_needs_room(there: dict[str, Presence], room: int) -> None:
    made = make_plan(
        [file(path, name="x") for path in "abc"],
        presence=lambda path, content: there.get(path, Presence.ABSENT),
        drafted=lambda path, content: 0,
        copies=True,
    )
    assert made.room == room


def test_a_refusal_names_a_few_of_the_files_and_why() -> None:
    finding = refusal([PlannedFile(f"\x1b{number}", 1, "refuse", 0, BLOCKED) for number in range(7)]).finding
    assert finding.reference == "files-refused"
    assert finding.message.startswith("7 files")
    assert finding.evidence[0] == f"'\\x1b0': {BLOCKED}"
    assert finding.evidence[5:] == ("and 2 others",)
