from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.bridge.packets import FLUSH, packet
from hfpush.bridge.receive_pack import (
    Answer,
    Command,
    PushRequest,
    outcome,
    parse_advertised,
    parse_push,
    report,
)
from hfpush.errors import Damaged

ONE, TWO, NONE = "1" * 40, "2" * 40, "0" * 40
BANDS = frozenset({"report-status", "side-band-64k", "agent=git/2.39.5"})
PLAIN = frozenset({"report-status-v2"})
IDS = st.none() | st.text("0123456789abcdef", min_size=40, max_size=40).filter(lambda id: id.strip("0") != "")
REFS = st.text("abcdefghijklmnopqrstuvwxyz0123456789/-_.é", min_size=1, max_size=30).map("refs/heads/".__add__)
COMMANDS = st.lists(st.builds(Command, REFS, IDS, IDS), min_size=1, max_size=5)


def written(commands: tuple[Command, ...], capabilities: str, after: bytes = b"PACK\0\0\0\2") -> bytes:
    lines = [f"{one.old or NONE} {one.new or NONE} {one.ref}".encode() for one in commands]
    lines[0] += f"\0 {capabilities}".encode()
    return b"".join(packet(line) for line in lines) + FLUSH + after


@given(COMMANDS, st.sampled_from([BANDS, PLAIN, frozenset()]), st.binary(max_size=30))
def test_commands_are_read_whatever_pack_follows(commands: list[Command], words: frozenset[str], pack: bytes) -> None:
    body = written(tuple(commands), " ".join(words), pack)
    assert parse_push(body) == PushRequest(tuple(commands), words)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_push_or_none(data: bytes) -> None:
    found = parse_push(data)
    assert found is None or found.commands


@pytest.mark.parametrize(
    "body",
    [
        b"",
        FLUSH,
        packet(f"{NONE} {ONE} refs/heads/main".encode()),  # its end is missing
        packet(b"push-cert\0report-status\n") + FLUSH,
        packet(f"{NONE} {ONE} main".encode()) + FLUSH,
    ],
)
def test_what_is_not_understood_in_full_is_no_push(body: bytes) -> None:
    assert parse_push(body) is None


def test_a_push_out_of_a_shallow_clone_is_understood() -> None:
    body = packet(f"shallow {ONE}".encode()) + written((Command("refs/heads/a", ONE, TWO),), "report-status")
    assert parse_push(body) == PushRequest((Command("refs/heads/a", ONE, TWO),), frozenset({"report-status"}))


def advertised(*lines: str) -> bytes:
    return b"".join([packet(b"# service=git-receive-pack\n"), FLUSH, *(packet(line.encode()) for line in lines), FLUSH])


def test_advertised_refs_are_read() -> None:
    refs = parse_advertised(
        advertised(f"{ONE} refs/heads/main\0report-status delete-refs\n", f"{TWO} refs/tags/v1\n", f"{TWO} .have\n")
    )
    assert refs == {"refs/heads/main": ONE, "refs/tags/v1": TWO}
    assert parse_advertised(advertised(f"{NONE} capabilities^{{}}\0report-status\n")) == {}


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", advertised()[:-4], packet(b"# service=git-upload-pack\n") + FLUSH + FLUSH, advertised() + b"00"],
)
def test_what_is_no_list_of_refs_is_damaged(answer: bytes) -> None:
    with pytest.raises(Damaged):
        parse_advertised(answer)


@pytest.mark.parametrize(
    ("command", "there", "expected"),
    [
        (Command("refs/heads/a", ONE, TWO), {"refs/heads/a": TWO}, "landed"),
        (Command("refs/heads/a", ONE, TWO), {"refs/heads/a": ONE}, "untouched"),
        (Command("refs/heads/a", ONE, TWO), {"refs/heads/a": "3" * 40}, "other"),
        (Command("refs/heads/a", ONE, TWO), {}, "other"),
        (Command("refs/heads/a", None, TWO), {}, "untouched"),
        (Command("refs/heads/a", None, TWO), {"refs/heads/a": TWO}, "landed"),
        (Command("refs/heads/a", ONE, None), {}, "landed"),
        (Command("refs/heads/a", ONE, None), {"refs/heads/a": ONE}, "untouched"),
    ],
)
def test_what_became_of_a_push_is_told_by_the_refs(command: Command, there: dict[str, str], expected: str) -> None:
    assert outcome(PushRequest((command,), BANDS), there) == expected


def test_a_push_of_which_one_ref_landed_is_neither() -> None:
    both = (Command("refs/heads/a", ONE, TWO), Command("refs/heads/b", ONE, TWO))
    assert outcome(PushRequest(both, BANDS), {"refs/heads/a": TWO, "refs/heads/b": ONE}) == "other"


@given(COMMANDS, st.sampled_from([BANDS, PLAIN]), st.integers(0, 200))
def test_our_own_report_is_a_whole_and_good_answer(commands: list[Command], words: frozenset[str], lost: int) -> None:
    request = PushRequest(tuple(commands), words)
    said = report(request)
    answer = Answer(request)
    assert answer.feed(said) == b""
    assert (answer.whole, answer.good, answer.end()) == (True, True, said)
    short = Answer(request)
    short.feed(said[: max(0, len(said) - 1 - lost)])
    assert not short.whole


def test_without_a_report_there_is_nothing_to_say() -> None:
    command = (Command("refs/heads/a", ONE, TWO),)
    assert report(PushRequest(command, frozenset())) == b""
    assert report(PushRequest(command, frozenset({"side-band-64k"}))) == FLUSH


def test_progress_goes_on_at_once_and_the_report_waits() -> None:
    request = PushRequest((Command("refs/heads/a", ONE, TWO),), BANDS)
    progress, refusal = packet(b"\2Resolving deltas\r"), packet(b"\3fatal: no room\n")
    inner = packet(b"unpack ok\n") + packet(b"ng refs/heads/a hook declined\n") + FLUSH
    answer = Answer(request)
    assert answer.feed(progress[:3]) == b""
    assert answer.feed(progress[3:] + packet(b"\1" + inner) + refusal) == progress + refusal
    assert not answer.whole
    assert answer.feed(FLUSH) == b""
    assert answer.whole
    assert not answer.good
    assert answer.end() == packet(b"\1" + inner) + FLUSH


@given(st.binary(max_size=200), st.sampled_from([BANDS, PLAIN]))
def test_any_bytes_are_an_answer_or_damaged(data: bytes, words: frozenset[str]) -> None:
    answer = Answer(PushRequest((Command("refs/heads/a", ONE, TWO),), words))
    try:
        answer.feed(data)
    except Damaged:
        return
    assert not answer.good


@pytest.mark.parametrize("words", [BANDS, PLAIN])
def test_a_report_that_never_ends_is_not_kept(words: frozenset[str]) -> None:
    answer = Answer(PushRequest((Command("refs/heads/a", None, ONE),), words))
    piece = packet(b"\1" + packet(b"ok refs/heads/a\n") * 2000) * 10
    with pytest.raises(Damaged, match="answer-too-large"):
        deque(map(answer.feed, [piece] * 100), maxlen=0)
