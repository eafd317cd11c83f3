from __future__ import annotations

import hashlib
import os
from collections.abc import Callable

from hfpush.repo.repository import Repository
from hfpush.repo.track.held import Held, look, needs_of, raw_blobs

NewRepo = Callable[..., "Place"]  # noqa: F821
LARGE = 10 * 2**20 + 1


def pointer(content: bytes) -> bytes:
    oid = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n".encode()


def seen(place: Place) -> tuple[Repository, Held]:  # noqa: F821
    repository = Repository.around(place.path)
    return repository, look(repository)


def test_files_that_are_tracked_or_could_be_are_held_and_nothing_else(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".gitignore", b"ignored\n")
    for name in ("a", "d/b", "ignored", "gone"):
        place.write(name, b"x")
    (place.path / "link").symlink_to("a")
    place.git("add", "a", "gone", "link")
    (place.path / "gone").unlink()
    place.git("init", "-q", "inner")
    place.write("inner/f", b"x")
    _, held = seen(place)
    assert held.paths == [".gitignore", "a", "d/b", "gone"]
    assert set(held.staged) == {"a", "gone"}
    assert set(held.sizes) == {".gitignore", "a", "d/b"}


def test_attributes_are_those_of_the_work_tree_and_of_the_index_where_it_has_none(new_repo: NewRepo) -> None:
    place = new_repo()
    for folder in ("", "d/", "e/"):
        place.write(f"{folder}.gitattributes", b"staged")
    place.git("add", ".")
    place.write(".gitattributes", b"edited")
    (place.path / "d/.gitattributes").unlink()
    (place.path / "e/.gitattributes").unlink()
    (place.path / "e/.gitattributes").symlink_to("../.gitattributes")
    place.write("f/.gitattributes", b"new")
    _, held = seen(place)
    assert dict(held.attributes) == {"": b"edited", "d": b"staged", "e": b"staged", "f": b"new"}
    assert dict(held.staged_attributes) == {"": b"staged", "d": b"staged", "e": b"staged"}
    assert held.links == ("e/.gitattributes",)


def test_a_file_at_the_top_that_is_ignored_counts_because_git_reads_it(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".gitignore", b".*\n")
    place.write(".gitattributes", b"mine")
    assert dict(seen(place)[1].attributes) == {"": b"mine"}


def test_needs_are_told_by_what_is_staged_and_by_what_is_in_the_work_tree(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("staged-large", b"x" * LARGE)
    place.write("exact", b"x" * (LARGE - 1))
    place.write("staged-binary", b"\0")
    place.write("pointer", pointer(b"content"))
    place.write("text", b"text")
    place.write("grown", b"small")
    place.write("gone", b"\0")
    place.git("add", ".")
    place.write("staged-large", b"small now")
    place.write("staged-binary", b"text now")
    place.write("grown", b"x" * LARGE)
    (place.path / "gone").unlink()
    place.write("untracked", b"\xff\xfe")
    place.write("both", b"\0" * LARGE)
    repository, held = seen(place)
    assert {need.path: need.why for need in needs_of(repository, held, held.paths)} == {
        "staged-large": "large",
        "staged-binary": "binary",
        "pointer": "pointer",
        "grown": "large",
        "gone": "binary",
        "untracked": "binary",
        "both": "binary",
    }
    raw = raw_blobs(repository, held, ["pointer", "text", "staged-large", "untracked"])
    assert set(raw) == {"text", "staged-large"}


def test_unmerged_and_empty_files_and_odd_names_are_no_obstacle(new_repo: NewRepo) -> None:
    place = new_repo()
    odd = os.fsdecode(b'caf\xe9\n"x"')
    place.write("f", b"\0base")
    place.write("empty", b"")
    place.write(odd, b"\0")
    place.commit()
    place.git("switch", "-q", "-c", "other")
    place.write("f", b"\0theirs")
    place.commit()
    place.git("switch", "-q", "main")
    place.write("f", b"\0ours")
    place.commit()
    blob = place.git("rev-parse", "HEAD:f")
    place.git("rm", "-q", "--cached", "f")
    lines = "".join(f"100644 {blob} {stage}\tf\n" for stage in (1, 2, 3))
    place.git("update-index", "--index-info", stdin=lines.encode())
    repository, held = seen(place)
    assert "f" not in held.staged
    assert {need.path for need in needs_of(repository, held, held.paths)} == {"f", odd}
    assert set(raw_blobs(repository, held, held.paths)) == {odd}


def test_nothing_is_fetched_in_a_partial_clone(new_repo: NewRepo) -> None:
    origin = new_repo("origin")
    origin.write("w.bin", b"\0" * 2000)
    origin.write("t", b"text")
    origin.commit()
    origin.git("config", "uploadpack.allowFilter", "true")
    url = origin.path.as_uri()
    origin.git("clone", "-q", "--no-checkout", "--filter=blob:none", url, "../partial")
    place = type(origin)(origin.path.parent / "partial")
    place.git("read-tree", "HEAD")
    before = place.git("rev-list", "--objects", "--all", "--missing=print")
    assert before.count("?") == 2
    repository, held = seen(place)
    assert {one.size for one in held.staged.values()} == {None}
    assert needs_of(repository, held, held.paths) == []
    assert raw_blobs(repository, held, held.paths) == {}
    assert place.git("rev-list", "--objects", "--all", "--missing=print") == before
