import pytest
from huggingface_hub.utils._paths import filter_repo_objects
from hypothesis import given
from hypothesis import strategies as st

from hfpush.errors import NotFound
from hfpush.receive.select import is_pattern, near, select

PATHS = ["README.md", "a/b.bin", "a/c.json", "ab.json", "x[1].txt", "config.json"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([], PATHS),
        (["README.md"], ["README.md"]),
        (["config.json", "README.md"], ["README.md", "config.json"]),
        (["*.json"], ["a/c.json", "ab.json", "config.json"]),
        (["a"], ["a/b.bin", "a/c.json"]),
        (["a/"], ["a/b.bin", "a/c.json"]),
        (["a/*.json"], ["a/c.json"]),
        (["x[1].txt"], ["x[1].txt"]),
        (["*"], PATHS),
        (["a?.json"], ["ab.json"]),
    ],
)
def test_names_folders_and_patterns(wanted: list[str], found: list[str]) -> None:
    assert list(select(PATHS, wanted)) == found


@pytest.mark.parametrize("name", ["readme.md", "b.bin", "*.gguf", "a/b.bin/", "", "/"])
def test_what_matches_nothing_is_told(name: str) -> None:
    with pytest.raises(NotFound) as error:
        select(PATHS, ["README.md", name])
    assert error.value.finding.reference == "file-not-found"


def test_near_names_are_offered() -> None:
    with pytest.raises(NotFound) as error:
        select(PATHS, ["confg.json"])
    assert "config.json" in error.value.finding.evidence[0]


@given(st.lists(st.sampled_from(PATHS), min_size=1))
def test_exact_names_give_exactly_those(wanted: list[str]) -> None:
    assert set(select(PATHS, wanted)) == set(wanted)


@pytest.mark.parametrize(("name", "many"), [("a", False), ("a/", True), ("*", True), ("a[b]", True), ("a?", True)])
def test_pattern_is_told_from_a_name(name: str, many: bool) -> None:
    assert is_pattern(name) == many


@pytest.mark.parametrize(
    ("include", "exclude", "found"),
    [
        (["*.json"], [], ["a/c.json", "ab.json", "config.json"]),
        (["*.json"], ["a*"], ["config.json"]),
        ([], ["*.json"], ["README.md", "a/b.bin", "x[1].txt"]),
        (["a/"], [], ["a/b.bin", "a/c.json"]),
        ([], ["a/"], ["README.md", "ab.json", "x[1].txt", "config.json"]),
        (["README.md", "*.bin"], [], ["README.md", "a/b.bin"]),
        (["x[[]1].txt"], [], ["x[1].txt"]),
    ],
)
def test_patterns_narrow_down_as_in_huggingface_hub(include: list[str], exclude: list[str], found: list[str]) -> None:
    assert list(select(PATHS, include=include, exclude=exclude)) == found
    theirs = filter_repo_objects(PATHS, allow_patterns=include or None, ignore_patterns=exclude)
    assert list(theirs) == found


def test_patterns_narrow_down_what_is_named() -> None:
    assert select(PATHS, ["a", "config.json"], include=["*.json"], exclude=["config*"]) == ("a/c.json",)


@pytest.mark.parametrize(
    ("wanted", "include", "exclude", "message"),
    [
        ([], ["*.gguf"], [], "None of the 6 files fits --include '*.gguf'."),
        (["a"], ["*.gguf", "a"], [], "None of the 2 files fits --include '*.gguf', 'a'."),
        (["a"], ["*.bin"], ["a/"], "--exclude 'a/' leaves out the only file."),
        (["ab.json"], ["*.bin"], [], "The only file does not fit --include '*.bin'."),
        ([], [], ["*"], "--exclude '*' leaves out every one of the 6 files."),
    ],
)
def test_patterns_that_leave_nothing_are_told(
    wanted: list[str], include: list[str], exclude: list[str], message: str
) -> None:
    with pytest.raises(NotFound) as error:
        select(PATHS, wanted, include=include, exclude=exclude)
    assert (error.value.finding.reference, error.value.finding.message) == ("nothing-selected", message)


def test_of_an_empty_repository_nothing_is_nothing_wrong() -> None:
    assert select([], include=["*.json"], exclude=["*"]) == ()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Readme.MD", ["README.md"]),
        ("b.bin", ["a/b.bin"]),
        ("confg.json", ["config.json"]),
        ("quite another thing", []),
    ],
)
def test_near_names(name: str, found: list[str]) -> None:
    assert near(name, PATHS)[: len(found)] == found
