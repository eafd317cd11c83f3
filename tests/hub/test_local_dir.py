import hashlib
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, claim
from hfpush.errors import LocalTrouble
from hfpush.hub.cachedir_tag import TEXT
from hfpush.hub.local_dir import LocalDir, Note, is_reserved, noted_commit, parse_note
from hfpush.hub.presence import Presence
from hfpush.hub.tree import TreeFile

COMMIT, NEXT = "1" * 40, "2" * 40
DATA = b"content"
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))


@pytest.fixture
def place(tmp_path: Path) -> LocalDir:
    return LocalDir(tmp_path / "here", COMMIT)


def put(place: LocalDir, *paths: str) -> None:
    draft = claim(place.home(paths[0], CONTENT))
    assert isinstance(draft, Draft)
    draft.write(0, memoryview(DATA))
    place.put(CONTENT, paths, draft)


def test_looking_makes_nothing(place: LocalDir) -> None:
    assert place.presence("a", CONTENT) is Presence.ABSENT
    assert place.names() == []
    assert place.tree() is None
    assert noted_commit(place.folder) is None
    assert not place.folder.exists()


def test_files_are_files_and_noted(place: LocalDir) -> None:
    put(place, "a.bin", "deep/b.bin")
    for path in ("a.bin", "deep/b.bin"):
        assert place.file(path).read_bytes() == DATA
        assert place.presence(path, CONTENT) is Presence.PLACED
    notes = place.folder / ".cache" / "huggingface"
    commit, id, when, rest = (notes / "download" / "deep" / "b.bin.metadata").read_text().split("\n")
    assert (commit, id, rest) == (COMMIT, CONTENT.id, "")
    assert abs(float(when) - time.time()) < 60
    assert (notes / ".gitignore").read_text() == "*"
    assert (notes / "CACHEDIR.TAG").read_text() == TEXT
    assert place.names() == ["a.bin", "deep/b.bin"]
    assert noted_commit(place.folder) == COMMIT


def test_the_hub_library_reads_the_notes_and_has_the_same_lock(place: LocalDir) -> None:
    library = pytest.importorskip("huggingface_hub._local_folder")
    put(place, "deep/b.bin")
    note = library.read_download_metadata(place.folder, "deep/b.bin")
    assert (note.commit_hash, note.etag) == (COMMIT, CONTENT.id)
    assert (
        library.get_local_download_paths(place.folder, "deep/b.bin").lock_path == place.home("deep/b.bin", CONTENT).lock
    )


def test_file_that_was_changed_after_its_note_is_unproven(place: LocalDir) -> None:
    put(place, "a")
    os.utime(place.file("a"), (time.time() + 10, time.time() + 10))
    assert place.presence("a", CONTENT) is Presence.UNPROVEN


@pytest.mark.parametrize(
    "text", ["", "x\ny\n", f"{COMMIT}\n{'0' * 64}\n1\n", f"{COMMIT}\n{CONTENT.id}\nsoon\n", "\xff"]
)
def test_note_that_says_nothing_or_something_else_proves_nothing(place: LocalDir, text: str) -> None:
    put(place, "a")
    note = place.folder / ".cache/huggingface/download/a.metadata"
    note.write_bytes(text.encode("latin-1"))
    assert place.presence("a", CONTENT) is Presence.UNPROVEN


def test_file_of_another_size_would_be_replaced_and_a_folder_is_in_the_way(place: LocalDir) -> None:
    put(place, "a")
    place.file("a").write_bytes(b"other size")
    place.file("b").mkdir()
    place.file("c").symlink_to("nowhere")
    place.file("d").symlink_to("b")
    os.mkfifo(place.file("e"))
    found = {name: place.presence(name, CONTENT) for name in ("a", "b", "c", "d", "e", "a/x", "c/x", "d/x", "f")}
    different, blocked = Presence.DIFFERENT, Presence.BLOCKED
    assert found == {
        "a": different,
        "b": blocked,
        "c": different,
        "d": blocked,
        "e": blocked,
        "a/x": blocked,
        "c/x": blocked,
        "d/x": Presence.ABSENT,
        "f": Presence.ABSENT,
    }


def test_proven_file_is_copied_to_its_equals_and_noted(place: LocalDir) -> None:
    place.folder.mkdir()
    place.file("b").write_bytes(DATA)
    place.file("c").write_bytes(b"CONTENT")
    place.put(CONTENT, ["a", "b", "c"], None, proven=["b"])
    assert [place.file(name).read_bytes() for name in "abc"] == [DATA] * 3
    assert {place.presence(name, CONTENT) for name in "abc"} == {Presence.PLACED}


def test_refresh_notes_the_new_commit_only_once(place: LocalDir) -> None:
    put(place, "a")
    later = LocalDir(place.folder, NEXT)
    assert later.names() == []
    note = place.folder / ".cache/huggingface/download/a.metadata"
    later.refresh("a", CONTENT)
    assert later.names() == ["a"]
    written = note.stat().st_ino
    later.refresh("a", CONTENT)
    assert note.stat().st_ino == written
    assert noted_commit(place.folder) == NEXT


def test_tree_is_kept_with_the_notes(place: LocalDir) -> None:
    files = [TreeFile("a", 1, "b" * 40)]
    place.remember_tree(files)
    place.remember_tree(files)
    assert place.tree() == files
    assert (place.folder / ".cache/huggingface/trees" / f"{COMMIT}.json").exists()


@pytest.mark.parametrize(
    ("path", "reserved"),
    [
        (".cache/huggingface/.gitignore", True),
        (".Cache/HuggingFace/x", True),
        (".cache/huggingface", True),
        (".cache/other", False),
        ("sub/.cache/huggingface/x", False),
        (".cache", True),
    ],
)
def test_names_of_notes_are_reserved(path: str, reserved: bool) -> None:
    assert is_reserved(path) == reserved


@given(st.text(max_size=200))
def test_any_text_is_a_note_or_none(text: str) -> None:
    note = parse_note(text)
    assert note is None or isinstance(note.time, float)


def test_note_is_three_lines() -> None:
    assert parse_note("c\ne\n1712656091.123\n") == Note("c", "e", 1712656091.123)


def test_file_of_another_commit_by_its_note_is_different_without_being_read(place: LocalDir) -> None:
    put(place, "a")
    other = Content(hashlib.sha256(b"CONTENT").hexdigest(), len(DATA))
    assert LocalDir(place.folder, NEXT).presence("a", other) is Presence.DIFFERENT
    assert place.presence("a", other) is Presence.UNPROVEN  # the same commit: whoever noted it has other ids
    os.utime(place.file("a"), (time.time() + 10, time.time() + 10))
    assert LocalDir(place.folder, NEXT).presence("a", other) is Presence.UNPROVEN


def test_nothing_is_written_through_a_link_that_leads_out(place: LocalDir, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    place.folder.mkdir()
    place.file("sub").symlink_to("../out")
    assert place.presence("sub/a", CONTENT) is Presence.BLOCKED
    draft = claim(place.home("sub/a", CONTENT))
    assert isinstance(draft, Draft)
    draft.write(0, memoryview(DATA))
    with pytest.raises(LocalTrouble) as error:
        place.put(CONTENT, ["sub/a"], draft)
    assert error.value.finding.reference == "link-leads-out"
    draft.discard()
    with pytest.raises(LocalTrouble):
        place.put_small(CONTENT, ["a", "sub/a"], DATA)
    assert list((tmp_path / "out").iterdir()) == []


def test_link_inside_the_folder_is_the_users_business(place: LocalDir) -> None:
    (place.folder / "real").mkdir(parents=True)
    place.file("sub").symlink_to("real")
    place.put_small(CONTENT, ["sub/a"], DATA)
    place.flush()
    assert (place.folder / "real" / "a").read_bytes() == DATA


def test_small_files_are_there_and_noted_after_a_flush(place: LocalDir) -> None:
    told: list[str] = []
    place.put_small(CONTENT, ["a", "b/c"], DATA, lambda: told.append("a"))
    place.flush()
    assert told == ["a"]
    assert {place.presence(name, CONTENT) for name in ("a", "b/c")} == {Presence.PLACED}
    assert place.names() == ["a", "b/c"]


@pytest.mark.parametrize("kind", ["cache", "unfinished, 0.25", "unfinished, 0.36", "unfinished, 2.4"])
def test_bytes_that_lie_elsewhere_become_a_draft(tmp_path: Path, kind: str) -> None:
    data = b"large" * 300_000
    content = Content(hashlib.sha256(data).hexdigest(), len(data))
    place = LocalDir(tmp_path / "here", COMMIT, cache=tmp_path / "cache")
    notes = place.folder / ".cache/huggingface/download/sub"
    source = {
        "cache": tmp_path / "cache/models--ada--model/blobs" / content.id,
        "unfinished, 0.25": notes / f"m.safetensors.{content.id}.incomplete",
        "unfinished, 0.36": notes / f"qnHZDuAX1BVlN8cRqZcdtRcFEyc=.{content.id}.incomplete",
        "unfinished, 2.4": notes / f"qnHZDuAX1BVlN8cRqZcdtRcFEyc=.{content.id}.0a1b2c3d.incomplete",
    }[kind]
    source.parent.mkdir(parents=True)
    source.write_bytes(data[:-1] if "unfinished" in kind else data)
    path = "sub/m.safetensors"
    assert place.waiting(path, content) == source.stat().st_size
    place.gather(path, content)
    draft = claim(place.home(path, content))
    assert isinstance(draft, Draft)
    assert draft.length == source.stat().st_size
    draft.write(len(data) - 1, memoryview(data)[-1:])
    place.put(content, [path], draft)
    assert place.file(path).read_bytes() == data


def test_place_that_is_a_file_blocks_no_single_file(place: LocalDir) -> None:
    place.folder.write_text("mine")
    assert place.presence("a", CONTENT) is Presence.ABSENT
    assert place.presence("sub/a", CONTENT) is Presence.ABSENT


def test_a_pipe_or_another_word_in_place_of_a_note_hides_no_other_note(place: LocalDir) -> None:
    put(place, "a", "b")
    notes = place.folder / ".cache" / "huggingface" / "download"
    os.mkfifo(notes / "c.metadata")
    (place.folder / "c").write_bytes(DATA)
    (notes / "d.metadata").write_text(f"../../elsewhere\n{CONTENT.id}\n9e99\n")
    assert place.presence("c", CONTENT) is Presence.UNPROVEN
    assert noted_commit(place.folder) == COMMIT


@pytest.mark.parametrize("link", [".cache", ".cache/huggingface", ".cache/huggingface/download"])
def test_notes_and_drafts_are_not_written_through_a_link_out_of_the_folder(tmp_path: Path, link: str) -> None:
    outside, here = tmp_path / "outside", tmp_path / "here"
    outside.mkdir()
    (here / link).parent.mkdir(parents=True)
    (here / link).symlink_to(outside)
    (here / "a").write_bytes(DATA)
    place = LocalDir(here, COMMIT)
    tree = [TreeFile("a", len(DATA), "1" * 40)]
    for step in (
        lambda: place.home("a", CONTENT),
        lambda: place.refresh("a", CONTENT),
        lambda: place.remember_tree(tree),
    ):
        with pytest.raises(LocalTrouble) as caught:
            step()
        assert caught.value.finding.reference == "link-leads-out"
    assert list(outside.iterdir()) == []
