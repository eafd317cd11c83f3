from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from hfpush.repo.rewrite.targets import TargetSpace, counted, extension_of, shared_extensions

_PARTS = st.sampled_from([b"a", b"b", b"c.zip", b"d.zip", b"e.csv"])
_PATHS = st.lists(_PARTS, min_size=1, max_size=3).map(b"/".join)


def test_targets_grow_and_equal_ones_are_one_object() -> None:
    space = TargetSpace()
    one = space.joined([], [b"a"])
    assert space.joined([one], []) is one
    assert space.joined([one, space.joined([], [b"b"])], []) is space.joined([one], [b"b"])
    assert space.joined([one], [b"b"]).exact == [b"a", b"b"]


def test_equal_folders_are_one_node_wherever_they_stand() -> None:
    targets = TargetSpace().made_of(frozenset({b"x/d/a", b"y/d/a", b"y/e"}))
    x, y = targets.root.into(b"x"), targets.root.into(b"y")
    assert x is not None
    assert y is not None
    assert x.into(b"d") is y.into(b"d")
    assert y.takes(b"e")
    assert not y.takes(b"d")
    assert not y.takes(b"f")
    assert targets.exact == [b"x/d/a", b"y/d/a", b"y/e"]


def test_a_path_can_be_a_file_here_and_a_folder_there() -> None:
    root = TargetSpace().made_of(frozenset({b"d", b"d/a"})).root
    below = root.into(b"d")
    assert root.takes(b"d")
    assert below is not None
    assert below.takes(b"a")


def test_many_of_an_extension_make_it_a_target_everywhere_but_for_files_that_git_reads() -> None:
    space = TargetSpace(many=3)
    few = space.made_of(frozenset({b"a.zip", b"d/b.zip"}))
    assert not few.extensions
    assert not few.takes(b"new.zip")
    many = space.joined([few], [b"d/e/c.zip", b"x.json"])
    assert many.extensions == {b"zip"}
    assert many.exact == [b"x.json"]
    assert many.takes(b"elsewhere/new.zip")
    node = many.root.into(b"elsewhere")
    assert node is not None
    assert node.takes(b"new.zip")
    assert node.into(b"deeper") is node
    assert space.joined([many], [b"d.zip"]).extensions == many.extensions


@pytest.mark.parametrize(
    ("paths", "shared"),
    [
        ([b"a.zip", b"b.zip", b"c.ZIP"], {b"zip"}),
        ([b"a.json", b"b.json"], set()),
        ([b"a.b c", b"d.b c"], set()),
        ([b".zip", b"d/.zip"], set()),
        ([b"a.zip", b"a.zip.md"], set()),
    ],
)
def test_an_extension_is_shared_where_it_is_plain_and_no_text(paths: list[bytes], shared: set[bytes]) -> None:
    assert shared_extensions(counted(paths, {}), 2) == shared


@pytest.mark.parametrize(
    ("name", "extension"), [(b"a.bin", b"bin"), (b"a.tar.gz", b"gz"), (b".gitignore", b""), (b"a", b""), (b"a.", b"")]
)
def test_an_extension_is_what_stands_behind_the_last_dot(name: bytes, extension: bytes) -> None:
    assert extension_of(name) == extension


@given(st.lists(st.sets(_PATHS, max_size=6), min_size=1, max_size=6))
@example([{b"c.zip", b"d.zip", b"a/c.zip"}, {b"a"}, {b"b/a"}])  # an extension first, then names one by one
def test_the_order_in_which_targets_came_together_does_not_matter(parts: list[set[bytes]]) -> None:
    space = TargetSpace(many=3)
    step = space.made_of([])
    for part in parts:
        step = space.joined([step], part)
    merged = space.joined([space.made_of(part) for part in parts], [])
    everything = set().union(*parts)
    whole = space.made_of(everything)
    assert whole is step is merged
    assert all(whole.takes(path) for path in everything)
    assert set(whole.exact) <= everything
