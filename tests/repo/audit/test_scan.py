from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hfpush.errors import Damaged
from hfpush.lfs.pointer import Pointer
from hfpush.repo.audit.scan import MANY_COMMITS, scan
from hfpush.repo.audit.scoping import everything, of_range
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821
LFS = b" filter=lfs diff=lfs merge=lfs -text\n"


def long_history(place: Place, commits: int) -> None:  # noqa: F821
    """Commits on main, one file each at `f`, of 1 byte more each time from 1000 on; the last has 2 MB at `large`."""
    lines = []
    for number in range(commits):
        body = b"x" * (2_000_000 if number == commits - 2 else 100)
        name = b"large" if number == commits - 2 else b"d%d/f" % (number % 10)
        who = b"A <a@example.com> %d +0000" % (1_500_000_000 + number)
        lines.append(b"commit refs/heads/main\ncommitter %s\ndata 1\nx\n" % who)
        if number == commits - 1:
            lines.append(b"D large\n")
        lines.append(b"M 644 inline %s\ndata %d\n%d%s\n\n" % (name, len(body) + 5, 10000 + number, body))
    place.git("fast-import", "--quiet", stdin=b"".join(lines))


@pytest.mark.parametrize("commits", [MANY_COMMITS - 1, MANY_COMMITS + 1])
def test_both_ways_through_a_history_find_the_same(new_repo: NewRepo, commits: int) -> None:
    place = new_repo("r", "--bare")
    long_history(place, commits)
    repository = Repository.around(place.path)
    told: list[tuple[str, int, int | None]] = []
    found = scan(
        repository,
        everything(repository),
        above=2_000_000,
        sizes_only=True,
        progress=lambda *news: told.append(news),
    )
    assert found.commits == commits
    (blob,) = found.blobs
    (sighting,) = blob.sightings
    assert (blob.size, sighting.path, blob.refs) == (2_000_005, "large", ("refs/heads/main",))
    assert sighting.commit == place.git("rev-parse", "main~1")
    assert sighting.removed == place.git("rev-parse", "main")
    assert told[-1][1:] == (commits, commits)
    assert scan(repository, everything(repository), above=2_000_005, sizes_only=True).blobs == ()


def test_every_pointer_is_told_with_every_path_that_a_commit_brings_it_in_under(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".gitattributes", b"*.bin" + LFS)
    good, bare = Pointer("a" * 64, 1), Pointer("b" * 64, 0)
    place.write("a.bin", good.encode())
    place.write("b.bin", bare.encode())
    place.commit()
    place.git("mv", "a.bin", "c.bin")
    place.commit()
    place.write("a.bin", good.encode())
    place.commit()
    seen = []
    repository = Repository.around(place.path)
    scan(repository, everything(repository), pointer_seen=lambda pointer, path: seen.append((pointer, path)))
    assert seen == [(good, "a.bin"), (bare, "b.bin"), (good, "c.bin"), (good, "a.bin")]


def test_a_file_that_deserves_a_word_only_later_is_told_with_all_that_went_before(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("notes", b"only text\n")
    first = place.commit()
    place.write(".gitattributes", b"*.bin" + LFS)
    place.git("mv", "notes", "notes.bin")
    second = place.commit()
    place.git("rm", "-q", "notes.bin")
    third = place.commit()
    repository = Repository.around(place.path)
    (blob,) = scan(repository, everything(repository)).blobs
    told = [(one.path, one.commit, one.lfs, one.removed) for one in blob.sightings]
    assert told == [("notes", first, False, second), ("notes.bin", second, True, third)]
    assert (blob.binary, blob.pointer) == (False, None)


@pytest.mark.parametrize("sizes_only", [True, False])
def test_a_scope_with_nothing_in_it_holds_nothing(new_repo: NewRepo, sizes_only: bool) -> None:
    place = new_repo()
    repository = Repository.around(place.path)
    empty = scan(repository, everything(repository), sizes_only=sizes_only)
    assert (empty.commits, empty.blobs, empty.checked, empty.absent) == (0, (), 0, 0)
    place.write("f", b"\0")
    place.commit()
    repository = Repository.around(place.path)
    nothing = scan(repository, of_range(repository, "main ^main"), sizes_only=sizes_only)
    assert (nothing.commits, nothing.blobs) == (0, ())


def test_every_new_blob_is_looked_at_once(new_repo: NewRepo) -> None:
    place = new_repo()
    for text in (b"1", b"2", b"1"):
        place.write("f", text)
        place.commit()
    repository = Repository.around(place.path)
    assert scan(repository, everything(repository)).checked == 2


def test_a_damaged_object_is_an_error_with_gits_own_words(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("f", b"text that will be garbled")
    place.commit()
    blob = place.git("rev-parse", "HEAD:f")
    file = place.path / ".git/objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-6])
    with pytest.raises(Damaged) as caught:
        scan_all(place.path)
    assert caught.value.finding.reference == "repo-damaged"
    assert blob in " ".join(caught.value.finding.evidence)


def scan_all(path: Path) -> None:
    repository = Repository.around(path)
    scan(repository, everything(repository))
