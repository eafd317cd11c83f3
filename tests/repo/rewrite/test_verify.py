from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hfpush.errors import Damaged, LocalTrouble
from hfpush.repo.rewrite.values import Verified
from hfpush.repo.rewrite.verify import verify

NewRepo = Callable[..., "Place"]  # noqa: F821
Mend = Callable[..., "Mended"]  # noqa: F821
BIG = b"big\0" * 500
STORED = Path(".git/lfs/objects") / hashlib.sha256(BIG).hexdigest()[:2] / hashlib.sha256(BIG).hexdigest()[2:4]


@pytest.fixture
def place(new_repo: NewRepo) -> Place:  # type: ignore[name-defined]  # noqa: F821
    place = new_repo()
    place.write("x", BIG)
    place.write("y", b"small")
    place.commit("first")
    place.write("z", b"more")
    place.commit("second")
    return place


def test_what_was_compared_is_counted(place: Place, mend: Mend) -> None:  # type: ignore[name-defined]  # noqa: F821
    done = mend(place.path)
    assert verify(done.repository, done.done) == Verified(commits=2, files=1, objects=1, bytes=len(BIG))


def test_other_bytes_in_the_store_are_damage(place: Place, mend: Mend) -> None:  # type: ignore[name-defined]  # noqa: F821
    done = mend(place.path)
    stored = place.path / STORED / hashlib.sha256(BIG).hexdigest()
    stored.write_bytes(BIG[:-1] + b"x")
    with pytest.raises(Damaged, match="rewrite-differs"):
        verify(done.repository, done.done)
    stored.unlink()
    with pytest.raises(LocalTrouble):
        verify(done.repository, done.done)


@pytest.mark.parametrize(
    "kind", ["content", "lost", "raw", "bare", "mode", "message", "author", "parent", "attributes"]
)
def test_any_other_difference_is_damage(place: Place, mend: Mend, kind: str) -> None:  # type: ignore[name-defined]  # noqa: F821
    done = mend(place.path)
    tip = place.git("rev-parse", "HEAD")
    new = done.new(tip)
    text = done.raw(new).decode()
    tree = dict(done.objects.files(new))
    other = place.git("hash-object", "-w", "--stdin", stdin=b"other")
    match kind:
        case "content":
            tree["y"] = ("100644", other)
        case "lost":
            del tree["z"]
        case "raw":
            tree["x"] = ("100644", place.git("rev-parse", f"{tip}:x"))
        case "bare":
            del tree[".gitattributes"]
        case "attributes":
            tree[".gitattributes"] = ("100644", other)
        case "mode":
            tree["z"] = ("100755", tree["z"][1])
        case "message":
            text = text.replace("second", "third")
        case "author":
            text = text.replace("Ada", "Eve", 1)
        case "parent":
            parent = done.new(place.git("rev-parse", "HEAD^"))
            text = text.replace(f"parent {parent}\n", "")
    rows = "".join(f"{mode} blob {id}\t{path}\n" for path, (mode, id) in tree.items())
    head = f"tree {place.git('mktree', stdin=rows.encode())}\n"
    bad = place.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=(head + text.partition("\n")[2]).encode())
    assert bad != new
    with pytest.raises(Damaged, match="rewrite-differs"):
        verify(done.repository, replace(done.done, commits={**done.done.commits, tip: bad}))


def test_a_history_with_fewer_commits_than_planned_is_damage(place: Place, mend: Mend) -> None:  # type: ignore[name-defined]  # noqa: F821
    done = mend(place.path)
    first, second = done.done.commits.items()
    with pytest.raises(Damaged):
        verify(done.repository, replace(done.done, commits=dict([first])))
    assert second
