import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.errors import NotFound
from hfpush.receive.select import is_pattern, select

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
