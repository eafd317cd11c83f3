from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.repo.track.choice import Choice, Need, choose, extension_of, folder_of, is_texts


def binary(*paths: str) -> list[Need]:
    return [Need(path, 1000, "binary") for path in paths]


def large(*paths: str) -> list[Need]:
    return [Need(path, 20_000_000, "large") for path in paths]


def said(choices: list[Choice]) -> list[str]:
    return [f"{choice.kind} {choice.value} {choice.extension}".strip() for choice in choices]


@pytest.mark.parametrize(
    ("needs", "others", "wanted"),
    [
        pytest.param(binary("w.q4"), [], ["extension q4"], id="one binary file tells what its ending is"),
        pytest.param(large("w.vec"), [], ["path w.vec"], id="one large text does not"),
        pytest.param(large("a.vec", "b.vec"), [], ["extension vec"], id="two do"),
        pytest.param(binary("a.q4", "b.q4", "c.q4"), ["d.q4"], ["extension q4"], id="most"),
        pytest.param(binary("a.q4"), ["d.q4"], ["path a.q4"], id="not most"),
        pytest.param(
            binary("a.json", "b/c.JSON", "d.txt"), [], ["path a.json", "path b/c.JSON", "path d.txt"], id="text"
        ),
        pytest.param(binary("model-v1.5"), [], ["path model-v1.5"], id="a version is no ending"),
        pytest.param(binary("model", ".hidden"), [], ["path .hidden", "path model"], id="no ending at all"),
        pytest.param(binary("a.[x]", "a.b c"), [], ["path a.[x]", "path a.b c"], id="odd endings"),
        pytest.param(binary(*(f"d/{n}" for n in range(8))), ["e"], ["folder d"], id="a folder of them"),
        pytest.param(binary(*(f"d/{n}" for n in range(3))), ["d/R"], [f"path d/{n}" for n in range(3)], id="mixed"),
        pytest.param(
            binary(*(f"{n}" for n in range(3))), [], [f"path {n}" for n in range(3)], id="never the whole top"
        ),
    ],
)
def test_a_pattern_is_as_general_as_is_right(needs: list[Need], others: list[str], wanted: list[str]) -> None:
    assert said(choose(needs, others)) == wanted


def test_texts_are_named_one_by_one_until_they_are_hundreds() -> None:
    some = large(*(f"d/{number:03}.jsonl" for number in range(200)))
    assert {choice.kind for choice in choose(some, [])} == {"path"}
    many = large(*(f"d/{number:03}.jsonl" for number in range(201)))
    assert said(choose([*many, *large("d/x.csv")], [])) == ["folder d jsonl", "path d/x.csv"]
    assert {choice.kind for choice in choose(many, ["d/small.jsonl"])} == {"path"}


def test_a_reason_names_what_it_is_for() -> None:
    (one,) = choose(large("a b.json"), [])
    assert one.reason == "a b.json is over 10 MiB (20.0 MB)"
    (several,) = choose([*binary("a.q4", "b.q4"), *large("c.q4", "d.q4")], ["t.q4"])
    assert several.reason.startswith("4 of 5 such files are over 10 MiB or binary (c.q4 20.0 MB, d.q4 20.0 MB, a.q4")
    (pointer,) = choose([Need("x\n", 130, "pointer")], [])
    assert pointer.reason == r"'x\n' is an LFS pointer already (130 B)"


paths = st.lists(
    st.builds(
        "/".join, st.lists(st.sampled_from(["a", "b", "c.q4", "d.json", "e.q5", ".x", "f.1"]), min_size=1, max_size=3)
    ),
    unique=True,
    max_size=30,
)


@given(paths, st.data())
def test_each_need_is_in_one_choice_and_the_order_does_not_matter(found: list[str], data: st.DataObject) -> None:
    needing = data.draw(st.sets(st.sampled_from(found))) if found else set()
    needs = [Need(path, len(path), "binary") for path in found if path in needing]
    others = [path for path in found if path not in needing]
    choices = choose(needs, others)
    assert sorted(need.path for choice in choices for need in choice.needs) == sorted(needing)
    shuffled = choose(data.draw(st.permutations(needs)), data.draw(st.permutations(others)))
    assert said(shuffled) == said(choices)
    for choice in choices:
        if choice.kind == "extension":
            kin = [path for path in others if extension_of(path) == choice.value]
            assert len(kin) * 3 <= len(choice.needs)
            assert not is_texts(choice.value)
        if choice.kind == "folder":
            assert choice.value not in {folder_of(path) for path in others}
