from __future__ import annotations

import hashlib
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from hfpush.repo.trees import Leaf, trees_of

NewRepo = Callable[..., "Place"]  # noqa: F821

part = st.text(st.sampled_from("ab-./0é日").filter(lambda c: c != "/"), min_size=1, max_size=3).filter(
    lambda text: text not in (".", "..")
)
paths = st.lists(st.lists(part, min_size=1, max_size=4).map("/".join), max_size=20, unique=True)


def leaf(path: str) -> Leaf:
    blob = hashlib.sha1(path.encode()).hexdigest()
    return Leaf(path, (0o100644, 0o100755, 0o120000)[len(path) % 3], blob)


def test_trees_are_those_that_git_makes(new_repo: NewRepo) -> None:
    place = new_repo()

    @settings(max_examples=25)
    @given(paths)
    def check(names: list[str]) -> None:
        files = [name for name in names if not any(other.startswith(f"{name}/") for other in names)]
        leaves = [leaf(name) for name in files]
        lines = b"".join(f"{one.mode:o} {one.id}\t{one.path}\0".encode() for one in leaves)
        place.git("read-tree", "--empty")
        place.git("update-index", "-z", "--add", "--index-info", stdin=lines)
        top, objects = trees_of(leaves)
        assert top == place.git("write-tree", "--missing-ok")
        # Of every folder, and not of the top alone, the object is here.
        listed = place.git("ls-tree", "-r", "-t", top).splitlines()
        folders = {line.split()[2] for line in listed if line.split()[1] == "tree"}
        assert objects.keys() == folders | {top}

    check()


def test_names_that_are_not_utf8_keep_their_bytes() -> None:
    name = b"caf\xe9/x".decode("utf-8", "surrogateescape")
    _, objects = trees_of([Leaf(name, 0o100644, "12" * 20)])
    assert any(b"40000 caf\xe9\0" in content for content in objects.values())


def test_no_files_are_the_empty_tree() -> None:
    assert trees_of([]) == (
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        {"4b825dc642cb6eb9a060e54bf8d69288fbee4904": b""},
    )
