import os
import sys
from pathlib import Path

import pytest

from hfpush.hub.naming import Naming, naming_of, refused_names
from hfpush.hub.tree import TreeFile

LINUX, MAC, WINDOWS = Naming(), Naming(folds=True), Naming(folds=True, windows=True)


def refused(naming: Naming, *paths: str) -> dict[str, str]:
    return {one.path: one.why for one in refused_names([TreeFile(path, 1, "b" * 40) for path in paths], naming)}


@pytest.mark.parametrize(
    ("paths", "linux", "mac", "windows"),
    [
        (["a", "b/a", "b/c"], set(), set(), set()),
        (["README", "readme"], set(), {"readme"}, {"readme"}),
        (["readme", "README"], set(), {"readme"}, {"readme"}),
        (["A/x", "a/y"], set(), set(), set()),
        (["A/x", "a/X"], set(), {"a/X"}, {"a/X"}),
        (["A", "a/x"], set(), {"a/x"}, {"a/x"}),
        (["\u00e9", "e\u0301"], set(), {"\u00e9"}, {"\u00e9"}),
        (["a", "a/b", "a/c/d"], {"a/b", "a/c/d"}, {"a/b", "a/c/d"}, {"a/b", "a/c/d"}),
        (["a/b", "a"], {"a/b"}, {"a/b"}, {"a/b"}),
        (["a.", "b ", "c ./d", "10:00", "what?", "e.f"], set(), set(), {"a.", "b ", "c ./d", "10:00", "what?"}),
    ],
)
def test_what_cannot_lie_side_by_side_is_refused(
    paths: list[str], linux: set[str], mac: set[str], windows: set[str]
) -> None:
    assert [set(refused(naming, *paths)) for naming in (LINUX, MAC, WINDOWS)] == [linux, mac, windows]


def test_the_reason_names_the_other_file() -> None:
    assert refused(MAC, "README", "readme") == {"readme": "has the same name on this disk as 'README'"}
    assert refused(LINUX, "a", "a/b") == {"a/b": "lies below another file, 'a'"}
    assert refused(LINUX, "a", "a") == {"a": "is listed twice"}
    assert refused(MAC, "A!", "A/x", "a") == {"a": "is called like the folder of 'A/x'"}


def test_refusals_come_in_the_order_of_the_list() -> None:
    assert list(refused(MAC, "z", "y", "Z", "Y")) == ["z", "y"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems name files in other ways")
def test_an_ordinary_disk_of_linux_keeps_names_apart(tmp_path: Path) -> None:
    assert naming_of(tmp_path / "not" / "there") == LINUX
    (tmp_path / "a").write_text("")
    os.link(tmp_path / "a", tmp_path / "A")
    os.link(tmp_path / "a", tmp_path / "a.")
    assert naming_of(tmp_path) == LINUX
    assert sorted(os.listdir(tmp_path)) == ["A", "a", "a."]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_disk_without_a_file_is_known_by_its_kind() -> None:
    assert naming_of(Path("/proc/sys/fs/binfmt_misc")) == LINUX
    assert naming_of(Path("/")) == LINUX
