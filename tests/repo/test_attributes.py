from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfpush.repo.attributes import exact_pattern, extended, lfs_line, lfs_paths, template

ROOT = Path(__file__).parents[2]

odd = st.text(st.sampled_from(' !"#$%&()*+-.:;<=>?@[]^_`{|}~\\\t\n\r\v\x7faéü日'), min_size=1, max_size=12)
raw = st.binary(min_size=1, max_size=6).map(lambda name: name.decode("utf-8", "surrogateescape"))
part = st.one_of(odd, raw, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
name = st.lists(
    part.filter(lambda text: text not in (".", "..") and not set("/\0") & set(text)), min_size=1, max_size=3
)
names = st.lists(name.map("/".join), min_size=1, max_size=25, unique=True)


@settings(max_examples=40)
@given(names)
def test_an_exact_line_matches_its_path_and_no_other(paths: list[str]) -> None:
    chosen, others = paths[::2], [*paths[1::2], *(f"x/{path}" for path in paths), *(f"{path}x" for path in paths)]
    text = "".join(lfs_line(exact_pattern(path)) + "\n" for path in chosen).encode("utf-8", "surrogateescape")
    assert lfs_paths({"": text}, [*chosen, *others]) == set(chosen)


def test_the_template_is_the_one_at_the_top_of_the_checkout_and_names_what_the_hub_does() -> None:
    assert template() == (ROOT / ".gitattributes.template").read_bytes()
    assert lfs_paths({"": template()}, ["a.safetensors", "d/b.bin", "c.txt", "A.BIN", "saved_model/x/y"]) == {
        *("a.safetensors", "d/b.bin", "saved_model/x/y"),
    }


def test_attributes_of_the_user_do_not_count(home: Path) -> None:
    (home / ".config/git").mkdir(parents=True)
    (home / ".config/git/attributes").write_text("*.txt filter=lfs\n")
    assert lfs_paths({}, ["a.txt"]) == set()
    assert lfs_paths({"": b"*.txt filter=lfs\n"}, []) == set()


def test_lines_are_added_at_the_end_and_nothing_else_changes() -> None:
    assert extended({"": b"# mine\r\n*.x text"}, {"": ("a", "b")})[""] == b"# mine\r\n*.x text\r\na\r\nb\r\n"
    assert extended({}, {"": ("a",), "d": ()}) == {"": b"a\n"}


@pytest.mark.parametrize("below", ["", "a"])
def test_a_pattern_is_relative_to_its_file(below: str) -> None:
    assert exact_pattern("a/b", below=below) == ("/b" if below else "/a/b")
