from __future__ import annotations

from collections.abc import Callable

import pytest

from hfpush.repo.audit.trees import TreeReader, parse_tree
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_files_are_found_under_any_name_and_nothing_else_is(new_repo: NewRepo, object_format: str) -> None:
    place = new_repo("r", f"--object-format={object_format}")
    names = ["a", "d/e/f", "new\nline", "d/sp ace", "\udcff/\udcfe"]
    for name in names:
        place.write(name.encode("utf-8", "surrogateescape"), name.encode("utf-8", "surrogateescape"))
    (place.path / "link").symlink_to("a")
    commit = place.commit()
    with ObjectReader(Repository.around(place.path).git) as reader:
        found = TreeReader(reader).files(commit, [*names, "d", "d/e", "link", "a/b", "gone", "gone/gone"])
        assert list(found) == names
        assert found["d/e/f"] == place.git("rev-parse", f"{commit}:d/e/f")


def test_a_tree_is_modes_names_and_ids() -> None:
    content = b"100644 a b\0" + b"\1" * 20 + b"40000 d\0" + b"\0" * 20
    assert parse_tree(content, 20) == {b"a b": (b"100644", "01" * 20), b"d": (b"40000", "00" * 20)}
