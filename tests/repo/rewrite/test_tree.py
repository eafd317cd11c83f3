from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from hfpush.repo.rewrite.tree import entries, replaced, with_file

_NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: b"\0" not in name and b"/" not in name)
_ENTRIES = st.dictionaries(
    _NAMES,
    st.tuples(
        st.sampled_from([b"100644", b"100755", b"40000", b"120000", b"160000"]), st.binary(min_size=20, max_size=20)
    ),
)


def tree_of(files: dict[bytes, tuple[bytes, bytes]]) -> bytes:
    def key(name: bytes) -> bytes:
        return name + (b"/" if files[name][0] == b"40000" else b"")

    return b"".join(b"%b %b\0%b" % (files[name][0], name, files[name][1]) for name in sorted(files, key=key))


@given(_ENTRIES)
def test_every_entry_is_found_where_it_stands(files: dict[bytes, tuple[bytes, bytes]]) -> None:
    tree = tree_of(files)
    found = list(entries(tree, 20))
    assert {entry.name: (entry.mode, entry.id) for entry in found} == files
    assert all(tree[entry.at : entry.at + 20] == entry.id for entry in found)
    one = sorted(files)[:1]
    assert [entry.name for entry in entries(tree, 20, one)] == one


@given(_ENTRIES, st.sampled_from([b".gitattributes", b"a", b"zz"]))
def test_a_file_comes_in_where_git_sorts_it(files: dict[bytes, tuple[bytes, bytes]], name: bytes) -> None:
    if files.get(name, (b"",))[0] == b"40000":
        del files[name]
    assert with_file(tree_of(files), name, b"\1" * 20) == tree_of({**files, name: (b"100644", b"\1" * 20)})


def test_other_ids_leave_the_rest_as_it_is() -> None:
    tree = tree_of({b"a": (b"100644", b"A" * 20), b"b": (b"100755", b"B" * 20)})
    at = [entry.at for entry in entries(tree, 20)]
    assert replaced(tree, [(at[1], b"C" * 20)]) == tree_of({b"a": (b"100644", b"A" * 20), b"b": (b"100755", b"C" * 20)})


@pytest.mark.parametrize("name", [b"a", b"100644 a"])
def test_a_name_inside_another_one_or_an_id_is_not_taken_for_it(name: bytes) -> None:
    tree = tree_of({b"x " + name: (b"100644", b" " + name + b"\0" + b"x" * (18 - len(name)))})
    assert not list(entries(tree, 20, [name]))
