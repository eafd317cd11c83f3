import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, claim
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Misuse
from hfpush.hub.cache import RepoCache, Snapshot, default_cache
from hfpush.hub.presence import Presence
from hfpush.hub.tree import TreeFile

COMMIT, NEXT = "1" * 40, "2" * 40
DATA = b"content"
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))
HUB = Endpoint("hub", "http://127.0.0.1:1")


@pytest.fixture
def cache(tmp_path: Path) -> RepoCache:
    return RepoCache(tmp_path / "cache", RepoAddress.parse(HUB, "ada/model"))


@pytest.fixture
def place(cache: RepoCache) -> Snapshot:
    return cache.snapshot(COMMIT)


def put(place: Snapshot, *paths: str, data: bytes = DATA) -> None:
    draft = claim(place.home(paths[0], CONTENT))
    assert isinstance(draft, Draft)
    draft.write(0, memoryview(data))
    place.put(CONTENT, paths, draft)


@pytest.mark.parametrize(
    ("type", "id", "name"),
    [
        ("model", "ada/model", "models--ada--model"),
        ("dataset", "ada/d", "datasets--ada--d"),
        ("space", "ada/s", "spaces--ada--s"),
        ("model", "gpt2", "models--gpt2"),
    ],
)
def test_folder_is_called_as_the_hub_library_calls_it(tmp_path: Path, type: str, id: str, name: str) -> None:
    assert RepoCache(tmp_path, RepoAddress.parse(HUB, id, type)).folder == tmp_path / name


def test_default_place_is_the_hub_librarys(home: Path) -> None:
    script = "from hfpush.hub.cache import default_cache; print(default_cache())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == f"{home}/.cache/huggingface/hub"
    assert default_cache().is_absolute()


def test_looking_makes_nothing(cache: RepoCache, place: Snapshot) -> None:
    assert place.presence("a", CONTENT) is Presence.ABSENT
    assert cache.commit_of("main") is None
    assert cache.tree(COMMIT) is None
    assert place.names() == []
    assert not cache.root.exists()


def test_paths_are_relative_links_to_one_blob(cache: RepoCache, place: Snapshot) -> None:
    put(place, "a.bin", "deep/er/b.bin")
    assert os.readlink(place.file("a.bin")) == f"../../blobs/{CONTENT.id}"
    assert os.readlink(place.file("deep/er/b.bin")) == f"../../../../blobs/{CONTENT.id}"
    assert place.file("deep/er/b.bin").read_bytes() == DATA
    assert place.presence("a.bin", CONTENT) is Presence.PLACED
    assert place.names() == ["a.bin", "deep/er/b.bin"]
    assert place.home("a.bin", CONTENT).lock == cache.root / ".locks" / "models--ada--model" / f"{CONTENT.id}.lock"


def test_blob_of_another_commit_is_only_pointed_to(cache: RepoCache, place: Snapshot) -> None:
    put(place, "a.bin")
    other = cache.snapshot(NEXT)
    assert other.presence("b.bin", CONTENT) is Presence.STORED
    other.put(CONTENT, ["b.bin"], None)
    other.put(CONTENT, ["b.bin"], None)
    assert other.file("b.bin").read_bytes() == DATA


def test_link_to_something_else_is_replaced(cache: RepoCache, place: Snapshot) -> None:
    put(place, "a.bin")
    place.file("a.bin").unlink()
    place.file("a.bin").symlink_to("../../blobs/other")
    (cache.folder / "blobs" / "other").write_bytes(b"7 bytes")
    assert place.presence("a.bin", CONTENT) is Presence.STORED
    place.put(CONTENT, ["a.bin"], None)
    assert place.file("a.bin").read_bytes() == DATA
    assert (cache.folder / "blobs" / "other").read_bytes() == b"7 bytes"


@pytest.mark.parametrize("wrong", [b"", b"cont", b"content and more"])
def test_blob_of_the_wrong_size_is_not_there(cache: RepoCache, place: Snapshot, wrong: bytes) -> None:
    put(place, "a.bin")
    (cache.folder / "blobs" / CONTENT.id).write_bytes(wrong)
    assert place.presence("a.bin", CONTENT) is Presence.ABSENT
    put(place, "a.bin")
    assert place.file("a.bin").read_bytes() == DATA


def test_blob_in_the_shared_store_is_found_and_kept(cache: RepoCache, place: Snapshot) -> None:
    stored = cache.root / "blobs" / "ab" / ("ab" * 32)
    stored.parent.mkdir(parents=True)
    stored.write_bytes(DATA)
    blob = cache.folder / "blobs" / CONTENT.id
    blob.parent.mkdir(parents=True)
    blob.symlink_to(f"../../blobs/ab/{stored.name}")
    assert place.presence("a", CONTENT) is Presence.STORED
    place.put(CONTENT, ["a"], None)
    assert place.presence("a", CONTENT) is Presence.PLACED
    assert blob.is_symlink()


def test_plain_file_in_a_snapshot_counts_and_serves_its_equals(place: Snapshot) -> None:
    place.file("a").parent.mkdir(parents=True)
    place.file("a").write_bytes(DATA)
    assert place.presence("a", CONTENT) is Presence.PLACED
    place.put(CONTENT, ["a", "b"], None)
    assert place.file("b").read_bytes() == DATA


def test_file_system_without_links_gets_copies(tmp_path: Path) -> None:
    script = f"""
import errno, hashlib, os
from pathlib import Path
def no(*a, **k): raise OSError(errno.EPERM, "no links here")
os.symlink = no
from hfpush.disk.content import Content
from hfpush.disk.draft import claim
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.hub.cache import RepoCache
cache = RepoCache(Path({str(tmp_path)!r}), RepoAddress.parse(Endpoint("h", "http://h"), "ada/model"))
content = Content({CONTENT.id!r}, {CONTENT.size})
place = cache.snapshot("1" * 40)
draft = claim(place.home("a", content)); draft.write(0, memoryview({DATA!r})); place.put(content, ["a", "b/c"], draft)
print(place.file("a").is_symlink(), place.file("b/c").read_bytes(), place.presence("b/c", content).value)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert done.stdout.strip() == f"False {DATA!r} placed", done.stderr


def test_ref_is_forty_digits_without_a_newline_and_only_written_when_it_changes(cache: RepoCache) -> None:
    cache.remember("refs/pr/1", COMMIT)
    ref = cache.folder / "refs" / "refs" / "pr" / "1"
    assert ref.read_bytes() == COMMIT.encode()
    written = ref.stat().st_ino
    cache.remember("refs/pr/1", COMMIT)
    assert ref.stat().st_ino == written
    cache.remember("refs/pr/1", NEXT)
    assert cache.commit_of("refs/pr/1") == NEXT
    cache.remember(COMMIT, COMMIT)
    assert cache.commit_of(COMMIT) == COMMIT
    assert not (cache.folder / "refs" / COMMIT).exists()


def test_ref_with_a_newline_is_read_and_set_right(cache: RepoCache) -> None:
    (cache.folder / "refs").mkdir(parents=True)
    (cache.folder / "refs" / "main").write_text(COMMIT + "\n")
    assert cache.commit_of("main") == COMMIT
    cache.remember("main", COMMIT)
    assert (cache.folder / "refs" / "main").read_text() == COMMIT


@pytest.mark.parametrize("text", ["", "main", "\xff", "../../x"])
def test_ref_that_is_no_commit_is_unknown(cache: RepoCache, text: str) -> None:
    (cache.folder / "refs").mkdir(parents=True)
    (cache.folder / "refs" / "main").write_bytes(text.encode("latin-1"))
    assert cache.commit_of("main") is None


@pytest.mark.parametrize("revision", ["../x", "/x", "", "a\\b"])
def test_revision_that_leaves_the_folder_is_refused(cache: RepoCache, revision: str) -> None:
    with pytest.raises(Misuse):
        cache.commit_of(revision)


def test_tree_is_written_once(cache: RepoCache) -> None:
    files = [TreeFile("a", 1, "b" * 40)]
    cache.remember_tree(COMMIT, files)
    file = cache.folder / "trees" / f"{COMMIT}.json"
    written = file.stat().st_ino
    cache.remember_tree(COMMIT, files)
    assert file.stat().st_ino == written
    assert cache.tree(COMMIT) == files
