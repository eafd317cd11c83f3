"""What a fetch makes of the disk alone. Whole fetches without a Hub are in test_fetch.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from hfpush.commands.fetch_disk import disk_of
from hfpush.commands.fetch_offline import NoSource, has_all, not_here, unasked, unlisted
from hfpush.commands.fetch_report import FetchRequest
from hfpush.disk.content import Content
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import NotFound, Unavailable
from hfpush.findings import Finding

COMMIT = "c" * 40


def request(cache: Path, *files: str) -> FetchRequest:
    address = RepoAddress.parse(Endpoint("a", "http://127.0.0.1:1"), "ada/model")
    return FetchRequest(address, files=files, cache_dir=cache)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache with one file and no list, as an older huggingface_hub leaves it."""
    folder = tmp_path / "models--ada--model"
    (folder / "snapshots" / COMMIT).mkdir(parents=True)
    (folder / "snapshots" / COMMIT / "a.txt").write_bytes(b"a")
    (folder / "refs").mkdir()
    (folder / "refs/main").write_text(COMMIT)
    return tmp_path


@pytest.mark.parametrize(
    ("files", "revision", "there"),
    [(("a.txt",), "main", True), ((), "main", True), (("b.txt",), "main", False), ((), "other", False)],
)
def test_what_is_there_is_seen(cache: Path, files: tuple[str, ...], revision: str, there: bool) -> None:
    asked = request(cache, *files)
    assert has_all(disk_of(asked), asked, revision) is there


def test_without_a_list_what_is_there_is_taken_for_the_whole_and_told(cache: Path) -> None:
    asked = request(cache)
    chosen, notes = unlisted(disk_of(asked), asked, COMMIT, "never")
    assert (chosen, [note.reference for note in notes]) == (("a.txt",), ["completeness-unknown"])
    named = request(cache, "a.txt")
    assert unlisted(disk_of(named), named, COMMIT, "never") == (("a.txt",), ())
    with pytest.raises(NotFound, match="not-on-disk"):
        unlisted(disk_of(asked), request(cache, "b.txt"), COMMIT, "never")


def test_words() -> None:
    assert not_here(["a", "b", "c", "d", "e", "f", "g"]).finding.evidence[-1] == "and 2 more"
    gone = Unavailable(Finding("connection-refused", "Nothing listens.", ("seen",)))
    note = unasked(gone)
    assert (note.reference, note.severity, note.evidence) == ("hub-not-asked", "note", ("seen",))
    with pytest.raises(NotFound, match="not-on-disk"):
        NoSource().open("a", Content("a" * 64, 1), 0)
