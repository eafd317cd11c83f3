"""A repair brings exactly what is wrong, by ranges where something is left, and a second verify is clean."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.fetched import BIG, LARGE, SMALL, Fetched, add_commit, fetched, states

from hfpush.commands.verify_found import Sighting
from hfpush.commands.verify_repair import RepairMeans, repair, replaced, unconfirmed
from hfpush.errors import Misuse, Unavailable
from hfpush.receive.events import silent


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Fetched]:
    with fetched(tmp_path) as made:
        yield made


def blob(room: Fetched, path: str) -> Path:
    return (room.snapshot / path).resolve()


def zeros(content: bytes) -> bytes:
    return content[:100_000] + bytes(50_000) + content[150_000:]


def aligned_zeros(content: bytes) -> bytes:
    return content[: 4096 * 10] + bytes(4096 * 3) + content[4096 * 13 :]


@pytest.mark.parametrize(
    ("damage", "most"),
    [
        (lambda content: content[:200_000], 100_001),
        (lambda content: content + b"more", 0),
        (zeros, 70_000),
        (aligned_zeros, 5 * 4096),
        (lambda content: content[:-5] + b"wrong", len(BIG)),
        (lambda content: b"", len(BIG)),
        (lambda content: bytes(len(content)), len(BIG)),
        (lambda content: b"x" + zeros(content)[1:], 2 * len(BIG)),
    ],
    ids=["short", "long", "zeros", "aligned zeros", "wrong end", "empty", "all zeros", "zeros and more"],
)
def test_a_damaged_blob_costs_what_is_wrong_of_it(room: Fetched, damage: Callable[[bytes], bytes], most: int) -> None:
    blob(room, "model.safetensors").write_bytes(damage(BIG))
    report = room.repair()
    assert report.clean
    assert {one.path for one in report.repaired} == {"model.safetensors", "deep/again.safetensors"}
    assert report.bytes_wire <= most
    assert (room.snapshot / "deep/again.safetensors").read_bytes() == BIG
    assert room.verify().clean
    assert not list((room.repo_folder / ".hfpush").glob("*.hfpush-draft"))


def test_everything_that_is_wrong_at_once_is_put_right(room: Fetched) -> None:
    blob(room, "config.json").write_bytes(b'{"layers": 3}\n')
    blob(room, "deep/notes.txt").unlink()
    for path, target in (("empty.txt", "/etc/hostname"), ("model.safetensors", f"../../blobs/{'0' * 64}")):
        (room.snapshot / path).unlink()
        os.symlink(target, room.snapshot / path)
    (room.snapshot / "deep/again.safetensors").unlink()
    spare = room.repo_folder / "blobs" / ("3" * 64)
    spare.write_bytes(b"not that")
    report = room.repair()
    assert report.clean
    assert report.bytes_wire < 1000
    assert not spare.exists()
    assert room.verify().clean
    for path, content in (SMALL | LARGE).items():
        assert (room.snapshot / path).read_bytes() == content


def test_a_link_to_a_file_of_the_same_name_elsewhere_is_put_right(room: Fetched) -> None:
    name = blob(room, "config.json").name
    (room.root / name).write_bytes(SMALL["config.json"])
    (room.snapshot / "config.json").unlink()
    os.symlink(room.root / name, room.snapshot / "config.json")
    assert states(room.verify()) == {"config.json": "misplaced"}
    assert room.repair().clean
    assert room.verify().clean
    assert (room.root / name).exists()


def test_a_plain_file_in_a_snapshot_is_replaced(room: Fetched) -> None:
    for path in ("config.json", "deep/again.safetensors"):
        (room.snapshot / path).unlink()
        (room.snapshot / path).write_bytes(b"y" * len((SMALL | LARGE)[path]))
    assert room.repair().clean
    assert room.verify().clean
    assert (room.snapshot / "deep/again.safetensors").read_bytes() == BIG


def test_one_blob_of_two_snapshots_is_fetched_once(room: Fetched) -> None:
    add_commit(room.hub, {"more.txt": b"more"}, {})
    room.fetch()
    blob(room, "model.safetensors").write_bytes(BIG[:-1] + b"?")
    report = room.repair()
    assert (report.clean, len(report.repaired)) == (True, 4)
    assert report.bytes_wire <= len(BIG)


def test_a_shared_blob_is_healed_for_all_that_share_it(room: Fetched) -> None:
    store = room.cache / "blobs/ab"
    store.mkdir(parents=True)
    (room.cache / "blobs/.huggingface-shared-blobs").write_text("1\n")
    source, payload = blob(room, "model.safetensors"), store / ("ab" + "0" * 62)
    payload.write_bytes(b"x" * len(BIG))
    payload.chmod(0o444)
    source.unlink()
    os.symlink(f"../../blobs/ab/{payload.name}", source)
    assert room.repair(repo=room.address()).clean
    assert payload.read_bytes() == BIG
    assert payload.stat().st_mode & 0o777 == 0o444
    assert room.verify().clean


def test_what_the_hub_does_not_have_stays_and_is_told(room: Fetched) -> None:
    shutil.rmtree(room.repo_folder / "trees")
    text = b"mine"
    blob(room, "config.json").write_bytes(b'{"layers": 3}\n')
    (room.snapshot / "config.json").rename(room.snapshot / "renamed.json")
    report = room.repair()
    assert {one.path for one in report.wrong} == {"renamed.json"}
    assert "the Hub has no such file" in report.wrong[0].seen
    assert text not in (room.snapshot / "renamed.json").read_bytes()


def test_without_the_hub_nothing_is_changed(room: Fetched) -> None:
    blob(room, "model.safetensors").write_bytes(BIG[:-1] + b"?")
    settings = room.settings(HF_ENDPOINT="http://127.0.0.1:9", HFPUSH_CONNECT_SECONDS="1")
    request = room.request(repo=room.address())
    with pytest.raises(Unavailable):
        repair(RepairMeans(settings), request, room.verify(repo=room.address()))
    assert blob(room, "model.safetensors").read_bytes() == BIG[:-1] + b"?"
    everything = repair(RepairMeans(settings), room.request(), room.verify())
    assert not everything.clean
    assert len([f for f in everything.repos[0].findings if f.severity == "error"]) == 2


# ------------------------------------------------------------------ a folder


def test_a_folder_is_repaired_with_consent_only(room: Fetched) -> None:
    room.fetch(local_dir=room.folder)
    (room.folder / "config.json").write_bytes(b"mine, and longer\n")
    (room.folder / "model.safetensors").write_bytes(aligned_zeros(BIG))
    (room.folder / "deep/again.safetensors").write_bytes(b"x" * len(BIG))
    (room.folder / "empty.txt").unlink()
    request = room.request(local_dir=room.folder, repo=room.address())
    before = room.verify(local_dir=room.folder, repo=room.address())
    assert {one.path for one in replaced(before)} == {"config.json", "model.safetensors", "deep/again.safetensors"}
    asked: list[tuple[Sighting, ...]] = []

    def no(files: tuple[Sighting, ...]) -> bool:
        asked.append(files)
        return False

    refused = repair(RepairMeans(room.settings(), agreed=no), request, before)
    assert (refused, asked) == (before, [replaced(before)])
    assert (room.folder / "config.json").read_bytes() == b"mine, and longer\n"
    report = repair(RepairMeans(room.settings(), silent), request, before)
    assert report.clean
    for path, content in (SMALL | LARGE).items():
        assert (room.folder / path).read_bytes() == content
    assert room.verify(local_dir=room.folder).clean


def test_a_file_that_only_went_away_needs_no_consent(room: Fetched) -> None:
    room.fetch(local_dir=room.folder)
    (room.folder / "empty.txt").unlink()
    request = room.request(local_dir=room.folder, repo=room.address())
    means = RepairMeans(room.settings(), agreed=lambda files: pytest.fail("nobody need be asked"))
    assert repair(means, request, room.verify(local_dir=room.folder)).clean


def test_the_notes_of_a_folder_do_not_say_whose_it_is(room: Fetched) -> None:
    room.fetch(local_dir=room.folder)
    (room.folder / "empty.txt").unlink()
    with pytest.raises(Misuse, match="verify-needs-repo"):
        room.repair(local_dir=room.folder)


def test_who_cannot_be_asked_is_told_the_command(room: Fetched) -> None:
    request = room.request(local_dir=Path("my folder"), repo=room.address(), revision="v1")
    error = unconfirmed(request, (Sighting("a", "1" * 40, 5, "damaged", "it is wrong"),))
    assert error.finding.remedy == ("hfpush verify ada/model --revision v1 --local-dir 'my folder' --repair --yes",)
