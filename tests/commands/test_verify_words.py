"""What is told, and the commands in it."""

from __future__ import annotations

from pathlib import Path

from hfpush.commands.verify_found import CacheRepo, Sighting
from hfpush.commands.verify_report import VerifyRequest
from hfpush.commands.verify_words import asides, confirmed_command, repair_command, told, unlisted_finding
from hfpush.findings import Finding
from hfpush.hub.tree import TreeFile

COMMIT = "1" * 40


def test_each_kind_of_trouble_is_one_finding_with_its_files() -> None:
    found = [Sighting(f"f{number}", COMMIT, 5, "damaged", "it is wrong") for number in range(20)]
    found += [Sighting("gone", COMMIT, 5, "missing", "it went"), Sighting("fine", COMMIT, 5)]
    found += [Sighting("odd", "", 0, "unjudged", "no digest")]
    first, second, third = told("ada/model", found, "hfpush verify ada/model --repair")
    assert (first.reference, first.message) == (
        "file-damaged",
        "20 files of ada/model are not what the repository lists.",
    )
    assert first.evidence[0] == "'f0' at 1111111111: it is wrong"
    assert first.evidence[-1] == "and 12 others"
    assert first.remedy == ("hfpush verify ada/model --repair",)
    assert second.message == "1 file of ada/model was here and is gone."
    assert (third.reference, third.severity, third.remedy) == ("file-unjudged", "note", ())


def test_the_commands_are_those_that_were_given() -> None:
    request = VerifyRequest(revision="v1", local_dir=Path("my folder"), endpoint=("mirror",))
    assert repair_command(request, "dataset", "ada/data") == (
        "hfpush verify ada/data --type dataset --revision v1 --local-dir 'my folder' --endpoint mirror --repair"
    )
    assert confirmed_command(request, "model", "ada/m").endswith("--repair --yes")
    assert repair_command(VerifyRequest(cache_dir=Path("c")), "model", "a/b") == (
        "hfpush verify a/b --cache-dir c --repair"
    )


def test_unfinished_downloads_are_told_by_size_with_the_command_that_removes_them() -> None:
    drafts = {".hfpush/a.hfpush-draft": 10, ".hfpush/b.hfpush-draft": 2000}
    (note,) = asides(CacheRepo(Path("my cache"), "model", "ada/model", drafts=drafts), {})
    assert note.evidence == (".hfpush/b.hfpush-draft: 2.0 kB", ".hfpush/a.hfpush-draft: 10 B")
    assert note.remedy[1:] == ("if nobody wants them, and no fetch runs: rm -r 'my cache/.hfpush'",)


def test_what_is_no_fault_is_a_note() -> None:
    repo = CacheRepo(Path("x"), "model", "ada/model", refs={"old": COMMIT}, drafts={"blobs/a.incomplete": 2000})
    notes = asides(repo, {COMMIT: [TreeFile("a", 1000, "b" * 40)]})
    assert [note.reference for note in notes] == ["snapshot-partial", "ref-dangling", "drafts-left"]
    assert {note.severity for note in notes} == {"note"}
    assert notes[2].message == "ada/model has 1 unfinished download: 2.0 kB of the disk."
    assert notes[2].evidence == ("blobs/a.incomplete: 2.0 kB",)
    assert notes[2].remedy[1:] == (
        "if nobody wants them, and no fetch runs: find x/blobs -name '*.incomplete' -delete",
    )
    unlisted = unlisted_finding("ada/model", Finding("host-unreachable", "No way.", ("seen",)))
    assert unlisted.evidence == ("host-unreachable: No way.", "seen")
