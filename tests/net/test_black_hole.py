"""What looks like an MTU black hole, what proves one, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hfpush.net import news
from hfpush.net.black_hole import Evidence, LineCut, black_hole, cut_finding, proven, suspicious
from hfpush.net.counts import Counts

LOST = Counts(acked=1200, received=3000, retransmits=5, unacked=10, all_retransmits=5, segment=1448)
STALL = Evidence("s3.example", 10.4, LOST)

LOOKS: list[tuple[str, str, Evidence, bool]] = [
    ("segments are lost", news.SENDING, STALL, True),
    ("not long enough", news.SENDING, replace(STALL, quiet_seconds=9.0), False),
    ("large segments have passed", news.SENDING, replace(STALL, counts=replace(LOST, acked=1_000_000)), False),
    ("all is acknowledged: the server thinks", news.ANSWER, replace(STALL, counts=replace(LOST, unacked=0)), False),
    ("nothing is sent again", news.SENDING, replace(STALL, counts=replace(LOST, retransmits=0)), False),
    ("the server takes nothing", news.SENDING, replace(STALL, counts=replace(LOST, probes=3)), False),
    ("no connection yet", news.HANDSHAKE, STALL, False),
]


@pytest.mark.parametrize(("layer", "evidence", "looks"), [row[1:] for row in LOOKS], ids=[row[0] for row in LOOKS])
def test_a_black_hole_swallows_full_segments_and_only_those(layer: str, evidence: Evidence, looks: bool) -> None:
    assert suspicious(layer, evidence) is looks


PROOFS: list[tuple[str, int, Counts, bool | None]] = [
    ("small ones pass, a large one was lost once more", 100_000, replace(LOST, all_retransmits=6), True),
    ("no large one was sent again yet", 100_000, LOST, None),
    ("hardly anything passed in small ones", 2000, replace(LOST, all_retransmits=6), None),
    ("large ones pass as well: it was an outage", 100_000, replace(LOST, acked=9000), False),
    ("the other side has closed: nobody knows", 100_000, replace(LOST, open=False, all_retransmits=6), False),
]


@pytest.mark.parametrize(("passed", "control", "verdict"), [row[1:] for row in PROOFS], ids=[row[0] for row in PROOFS])
def test_only_a_large_segment_that_fails_while_small_ones_pass_is_proof(
    passed: int, control: Counts, verdict: bool | None
) -> None:
    assert proven(passed, LOST, control) is verdict


def test_the_note_names_host_evidence_and_the_command_for_the_interface() -> None:
    note = black_hole(STALL, None, ("wg 0",))
    assert (note.reference, note.severity) == ("mtu-black-hole", "note")
    assert "s3.example" in note.message
    assert note.evidence == (
        "s3.example: 1.2 kB acknowledged, then nothing for 10 s",
        "5 segments of up to 1448 bytes sent again in vain",
    )
    assert note.remedy[0].startswith("ip link set dev 'wg 0' mtu 1280 ")


def test_where_small_segments_fail_too_it_is_an_error_with_both_evidences() -> None:
    small = replace(STALL, counts=replace(LOST, segment=1188))
    error = black_hole(STALL, small, ())
    assert error.severity == "error"
    assert [text for text in error.evidence if "up to" in text] == [
        "5 segments of up to 1448 bytes sent again in vain",
        "5 segments of up to 1188 bytes sent again in vain",
    ]
    assert error.remedy[0].startswith("ip link set dev INTERFACE mtu 576 ")


def test_only_a_final_cut_is_not_tried_again() -> None:
    assert LineCut(cut_finding(STALL), final=False).failure().tries is None
    assert LineCut(cut_finding(STALL), final=True).failure().tries == 1
