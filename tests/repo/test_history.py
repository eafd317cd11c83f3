from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from hfpush.errors import LocalTrouble
from hfpush.lfs.pointer import Pointer
from hfpush.repo.history import Outgoing, outgoing
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821
LIMIT = 10 * 2**20


def pointer(content: bytes) -> tuple[Pointer, bytes]:
    oid = hashlib.sha256(content).hexdigest()
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"
    return Pointer(oid, len(content)), text.encode()


def carried(path: Path, *remote: str) -> Outgoing:
    repository = Repository.open(path)
    return outgoing(repository, repository.head, remote)


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_objects_come_once_with_all_their_paths_and_under_odd_names(new_repo: NewRepo, object_format: str) -> None:
    place = new_repo("r", f"--object-format={object_format}")
    (one, one_text), (two, two_text) = pointer(b"one"), pointer(b"two")
    names = ["a", "sp ace/ü", 'q"uote', "new\nline", "tab\t", "back\\slash", ":!-x"]
    for name in names:
        place.write(name, one_text)
    place.write(b"\xff\xfe.bin", two_text)
    place.write("text", b"not a pointer")
    place.commit()
    place.git("mv", "a", "moved")
    place.commit()
    found = {item.pointer: set(item.paths) for item in carried(place.path).objects}
    assert found == {one: {*names, "moved"}, two: {"\udcff\udcfe.bin"}}


def test_objects_of_the_tip_count_although_the_remote_has_the_commit(new_repo: NewRepo) -> None:
    place = new_repo()
    (old, old_text), (new, new_text) = pointer(b"old"), pointer(b"new")
    place.write("old", old_text)
    base = place.commit()
    place.write("new", new_text)
    place.commit()
    seen = carried(place.path, base)
    assert {item.pointer for item in seen.objects} == {old, new}
    assert seen.commits == 1


def test_an_object_that_was_deleted_again_is_still_carried(new_repo: NewRepo) -> None:
    place = new_repo()
    gone, text = pointer(b"gone")
    place.write("f", text)
    place.commit()
    place.git("rm", "-q", "f")
    place.commit()
    assert [item.pointer for item in carried(place.path).objects] == [gone]


def test_a_remote_commit_that_is_not_here_is_left_out_of_account(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    assert carried(place.path, "ab" * 20).commits == 1


def test_of_large_blobs_only_those_of_new_commits_are_seen(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("known", b"0" * (LIMIT + 1))
    base = place.commit()
    place.write("exact", b"1" * LIMIT)
    place.write("over", b"2" * (LIMIT + 1))
    culprit = place.commit()
    place.git("rm", "-q", "over")
    place.commit()
    (found,) = carried(place.path, base).scan.blobs
    assert [(at.path, found.size, at.commit) for at in found.sightings] == [("over", LIMIT + 1, culprit)]
    assert found.refs == ("refs/heads/main",)


def test_a_file_named_like_a_pointer_but_longer_is_content(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("f", pointer(b"x")[1] + b"x" * 1024)
    place.commit()
    assert carried(place.path).objects == ()


def test_settings_of_the_user_change_nothing(new_repo: NewRepo) -> None:
    place = new_repo()
    for setting in ("color.ui=always", "core.quotePath=true", "diff.renames=copies", "diff.external=false"):
        place.git("config", *setting.split("="))
    place.git("config", "log.showSignature", "true")
    place.git("config", "diff.orderFile", "/dev/null")
    one, text = pointer(b"1")
    place.write("ü", text)
    place.commit()
    assert [(item.pointer, item.paths) for item in carried(place.path).objects] == [(one, ("ü",))]


def test_a_shallow_clone_carries_what_it_has(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    one, text = pointer(b"1")
    place.write("f", text)
    place.commit()
    place.commit()
    place.git("clone", "-q", "--depth=1", place.path.as_uri(), str(tmp_path / "shallow"))
    seen = carried(tmp_path / "shallow")
    assert (seen.commits, [item.pointer for item in seen.objects]) == (1, [one])


def test_a_partial_clone_fetches_nothing_and_counts_what_is_absent(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.git("config", "uploadpack.allowFilter", "true")
    one, text = pointer(b"1")
    place.write("f", text)
    place.write("gone", b"1" * 5000)
    place.commit()
    place.git("rm", "-q", "gone")
    place.commit()
    clone = tmp_path / "partial"
    place.git("clone", "-q", "--filter=blob:limit=2k", place.path.as_uri(), str(clone))
    before = sorted(path.name for path in (clone / ".git/objects").rglob("*"))
    seen = carried(clone)
    assert ([item.pointer for item in seen.objects], seen.absent) == ([one], 1)
    assert sorted(path.name for path in (clone / ".git/objects").rglob("*")) == before


def test_a_clone_without_directories_is_refused_and_fetches_nothing(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.git("config", "uploadpack.allowFilter", "true")
    for name in ("d/1", "d/2"):
        place.write(name, b"1")
        place.commit()
    place.git("clone", "-q", "--filter=tree:0", place.path.as_uri(), str(tmp_path / "treeless"))
    with pytest.raises(LocalTrouble) as caught:
        carried(tmp_path / "treeless")
    assert caught.value.finding.reference == "repo-partial"


def test_a_merge_carries_the_other_side(new_repo: NewRepo) -> None:
    place = new_repo()
    base = place.commit()
    place.git("checkout", "-q", "-b", "side")
    one, text = pointer(b"side")
    place.write("side", text)
    place.commit()
    place.git("checkout", "-q", "main")
    place.write("other", b"text")
    place.commit()
    place.git("merge", "-q", "--no-edit", "side")
    assert [(item.pointer, item.paths) for item in carried(place.path, base).objects] == [(one, ("side",))]
