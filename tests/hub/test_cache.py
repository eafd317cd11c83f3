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
EMPTY = Content("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0)


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


@pytest.mark.parametrize("type", ["model", "dataset", "space"])
@pytest.mark.parametrize("id", ["ada/model", "gpt2"])
def test_folder_name_is_the_librarys_own(tmp_path: Path, type: str, id: str) -> None:
    library = pytest.importorskip("huggingface_hub.file_download")
    repo = RepoAddress.parse(HUB, id, type)
    assert RepoCache(tmp_path, repo).folder.name == library.repo_folder_name(repo_id=id, repo_type=type)


def test_what_stands_there_is_told_apart(cache: RepoCache, place: Snapshot) -> None:
    blobs = cache.folder / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "same-size").write_bytes(b"CONTENT")
    (blobs / "other-size").write_bytes(b"x")
    place.folder.mkdir(parents=True)
    for name, target in {"same": "same-size", "other": "other-size", "gone": "gone", "right": CONTENT.id}.items():
        place.file(name).symlink_to(f"../../blobs/{target}")
    place.file("short").write_bytes(b"cont")
    place.file("folder").mkdir()
    found = {path.name: place.presence(path.name, CONTENT) for path in place.folder.iterdir()}
    assert found == {
        "same": Presence.UNPROVEN,
        "other": Presence.DIFFERENT,
        "gone": Presence.ABSENT,
        "right": Presence.ABSENT,
        "short": Presence.DIFFERENT,
        "folder": Presence.BLOCKED,
    }
    assert place.presence("short/below", CONTENT) is Presence.BLOCKED


def test_right_blob_of_another_name_is_taken_in(cache: RepoCache, place: Snapshot) -> None:
    (cache.folder / "blobs").mkdir(parents=True)
    odd = cache.folder / "blobs" / "etag-of-a-mirror"
    odd.write_bytes(DATA)
    place.folder.mkdir(parents=True)
    place.file("a").symlink_to("../../blobs/etag-of-a-mirror")
    place.put(CONTENT, ["a", "b"], None, proven=["a"])
    assert {place.presence(path, CONTENT) for path in "ab"} == {Presence.PLACED}
    assert os.readlink(place.file("a")) == f"../../blobs/{CONTENT.id}"
    assert odd.samefile(place.file("a"))


def test_placed_files_are_not_touched_again(cache: RepoCache, place: Snapshot) -> None:
    put(place, "a", "b/c")
    files = [place.file("a"), place.file("b/c"), cache.folder / "blobs" / CONTENT.id]
    before = [path.lstat() for path in files]
    place.put(CONTENT, ["a", "b/c"], None)
    assert [path.lstat() for path in files] == before


def test_small_files_are_there_after_a_flush(cache: RepoCache, place: Snapshot) -> None:
    told: list[str] = []
    place.put_small(CONTENT, ["a", "b/c"], DATA, lambda: told.append("a"))
    place.put_small(EMPTY, ["empty"], b"")
    place.flush()
    assert told == ["a"]
    assert os.readlink(place.file("b/c")) == f"../../../blobs/{CONTENT.id}"
    assert [place.file(path).read_bytes() for path in ("a", "b/c", "empty")] == [DATA, DATA, b""]
    assert place.presence("empty", EMPTY) is Presence.PLACED
    assert os.listdir(cache.aside) == ["README"]
    place.flush()


def test_without_links_a_file_lies_in_its_snapshot_once(tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from hfpush.disk.content import Content
from hfpush.disk.draft import claim
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.hub.cache import RepoCache
cache = RepoCache(Path({str(tmp_path)!r}), RepoAddress.parse(Endpoint("h", "http://h"), "ada/model"))
content = Content({CONTENT.id!r}, {CONTENT.size})
place = cache.snapshot("1" * 40)
draft = claim(place.home("a", content)); draft.write(0, memoryview({DATA!r})); place.put(content, ["a", "b/c"], draft)
place.put_small(Content({EMPTY.id!r}, 0), ["d", "e"], b""); place.flush()
print({{place.file(name).is_symlink() for name in ("a", "b/c", "d", "e")}}, (cache.folder / "blobs").exists())
print(place.names(), place.file("b/c").read_bytes())
"""
    env = os.environ | {"HF_HUB_DISABLE_SYMLINKS": "1"}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=30)
    assert done.stdout == f"{{False}} False\n['a', 'b/c', 'd', 'e'] {DATA!r}\n", done.stderr


LARGE = b"large" * 300_000
LARGE_CONTENT = Content(hashlib.sha256(LARGE).hexdigest(), len(LARGE))


def gathered(place: Snapshot) -> bytes:
    assert place.waiting("m", LARGE_CONTENT) > 0
    assert place.presence("m", LARGE_CONTENT) is Presence.ABSENT
    place.gather("m", LARGE_CONTENT)
    draft = claim(place.home("m", LARGE_CONTENT))
    assert isinstance(draft, Draft)
    found = bytearray(draft.length)
    draft.read(0, memoryview(found))
    draft.discard()
    return bytes(found)


@pytest.mark.parametrize("kind", ["another repository", "another commit, without links", "unfinished"])
def test_bytes_that_lie_elsewhere_in_the_cache_become_a_draft(cache: RepoCache, place: Snapshot, kind: str) -> None:
    source, data = {
        "another repository": (cache.root / "datasets--x--y" / "blobs" / LARGE_CONTENT.id, LARGE),
        "another commit, without links": (cache.snapshot(NEXT).file("m"), LARGE),
        "unfinished": (cache.folder / "blobs" / f"{LARGE_CONTENT.id}.incomplete", LARGE[:1_200_000]),
    }[kind]
    source.parent.mkdir(parents=True)
    source.write_bytes(data)
    assert gathered(place) == data
    assert source.read_bytes() == data


def test_there_is_nothing_elsewhere_for_a_small_file(place: Snapshot) -> None:
    assert place.waiting("a", CONTENT) == 0
    place.gather("a", CONTENT)
    place.gather("m", LARGE_CONTENT)
    assert not place.folder.parent.exists()


def test_shared_store_is_only_read(cache: RepoCache, place: Snapshot) -> None:
    store = pytest.importorskip("huggingface_hub.utils._shared_blobs")
    other = cache.root / "models--bob--model" / "blobs" / LARGE_CONTENT.id
    other.parent.mkdir(parents=True)
    other.write_bytes(LARGE)
    assert store.publish_blob_to_shared_store(
        blob_path=str(other), xet_hash="ab" * 32, cache_dir=cache.root, expected_size=len(LARGE)
    )
    before = {path: path.lstat() for path in (cache.root / "blobs").rglob("*")}
    assert gathered(place) == LARGE
    assert other.is_symlink()
    after = {path: path.lstat() for path in (cache.root / "blobs").rglob("*")}
    assert {path: facts.st_mtime_ns for path, facts in after.items()} == {
        path: facts.st_mtime_ns for path, facts in before.items()
    }


def test_absent_file_is_noted_where_the_library_looks(cache: RepoCache, place: Snapshot) -> None:
    library = pytest.importorskip("huggingface_hub")
    put(place, "a")
    cache.remember("main", COMMIT)
    cache.remember_absent(COMMIT, "sub/none.json")
    cache.remember_absent(COMMIT, "sub/none.json")
    cache.remember_absent(COMMIT, "../out")
    look = library.try_to_load_from_cache
    assert look("ada/model", "sub/none.json", cache_dir=cache.root) is library._CACHED_NO_EXIST
    assert look("ada/model", "other.json", cache_dir=cache.root) is None
    assert look("ada/model", "a", cache_dir=cache.root) == str(place.file("a"))
    assert [path.name for path in (cache.folder / ".no_exist").rglob("*") if path.is_file()] == ["none.json"]


def test_a_ref_without_an_end_is_none_and_is_written_anew(cache: RepoCache) -> None:
    refs = cache.folder / "refs"
    refs.mkdir(parents=True)
    os.mkfifo(refs / "main")
    (refs / "zeros").symlink_to("/dev/zero")
    for name in ("main", "zeros"):
        assert cache.commit_of(name) is None
        cache.remember(name, COMMIT)
        assert cache.commit_of(name) == COMMIT
