"""The conversation, held in memory: greetings, questions, errors in the middle, and partners that are not git."""

from __future__ import annotations

import hashlib
import io
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.filter_talk import HELLO, answers, content, lines, lists, packet, question

from hfpush.errors import Damaged, NotFound
from hfpush.findings import Finding
from hfpush.lfs.pointer import Pointer
from hfpush.repo.filter.bringing import Bringing
from hfpush.repo.filter.handler import LfsFilter, Smudging
from hfpush.repo.filter.pktline import PacketReader, PacketWriter
from hfpush.repo.filter.session import Session
from hfpush.repo.filter.store import Store, store_folders


class Room:
    """A store, and a filter that can download nothing."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(store_folders(folder, None))
        self.told: list[Finding] = []

    def put(self, data: bytes) -> bytes:
        pointer = Pointer(hashlib.sha256(data).hexdigest(), len(data))
        draft = self.store.draft()
        draft.write(memoryview(data))
        draft.keep(pointer)
        return pointer.encode()

    def say(self, said: bytes) -> bytes:
        heard: list[bytes] = []
        writer = PacketWriter(lambda data: heard.append(bytes(data)))
        smudging = Smudging(lambda path: True, self.nobody)
        session = Session(PacketReader(io.BytesIO(said)), writer, tell=self.told.append)
        session.run(lambda: LfsFilter(self.store, smudging, tell=self.told.append))
        return b"".join(heard)

    def nobody(self) -> Bringing:
        raise NotFound.of("object-missing", "There is nobody to ask.")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_the_greetings_offer_what_git_asks_for(room: Room) -> None:
    greeting = lines("git-filter-client", "version=2") + lines("capability=smudge", "capability=other")
    assert room.say(greeting) == lines("git-filter-server", "version=2") + lines("capability=smudge")
    assert room.say(b"") == b""
    assert room.say(HELLO) == lines("git-filter-server", "version=2") + lines(
        "capability=clean", "capability=smudge", "capability=delay"
    )


@pytest.mark.parametrize("size", [0, 1, 65515, 65516, 65517, 16 * 65516, 16 * 65516 + 1, 2_500_000])
def test_content_makes_the_round_trip(room: Room, size: int) -> None:
    data = os.urandom(size)
    ((status, pointer),) = answers(room.say(HELLO + question("clean", "a", data)))
    assert status == "success"
    ((status, found),) = answers(room.say(HELLO + question("smudge", "a", pointer)))
    assert (status, found) == ("success", data)


def test_one_question_that_fails_does_not_end_the_conversation(room: Room) -> None:
    lost, here = Pointer("11" * 32, 9).encode(), room.put(b"here")
    said = room.say(
        HELLO + question("smudge", "a", lost) + question("smudge", "b", here) + question("clean", "c", b"x" * 200_000)
    )
    assert [(status, data[:4]) for status, data in answers(said)] == [
        ("error", b""),
        ("success", b"here"),
        ("success", b"vers"),
    ]
    assert [one.reference for one in room.told] == ["object-missing"]


def test_a_clean_that_cannot_store_is_an_error_after_all_is_read(room: Room, tmp_path: Path) -> None:
    (tmp_path / "lfs").write_bytes(b"in the way")
    said = room.say(HELLO + question("clean", "a", bytes(3_000_000)) + question("clean", "b", b""))
    assert answers(said) == [("error", b""), ("success", b"")]
    assert [one.reference for one in room.told] == ["not-a-folder"]


def test_an_object_that_became_shorter_ends_with_an_error(room: Room, tmp_path: Path) -> None:
    pointer = room.put(bytes(300_000))

    class Shrinking(Store):
        def find(self, pointer: Pointer) -> Path | None:
            found = super().find(pointer)
            if found is not None:
                os.truncate(found, 100_000)
            return found

    room.store = Shrinking(store_folders(tmp_path, None))
    ((status, data),) = answers(room.say(HELLO + question("smudge", "a", pointer)))
    assert (status, len(data)) == ("error", 100_000)
    assert [one.reference for one in room.told] == ["disk-failed"]


def test_names_may_hold_any_byte(room: Room) -> None:
    name = b"\xff =\n\tname=x"
    assert answers(room.say(HELLO + question("clean", name, b""))) == [("success", b"")]


def test_a_list_of_what_is_available_may_be_empty_or_fail(room: Room) -> None:
    said = room.say(HELLO + lines("command=list_available_blobs"))
    assert lists(said)[2:] == [[], [b"status=success\n"]]
    lost = Pointer("11" * 32, 9).encode()
    said = room.say(HELLO + question("smudge", "a", lost, "can-delay=1") + lines("command=list_available_blobs"))
    assert lists(said)[2:] == [[b"status=delayed\n"], [b"status=error\n"]]


@pytest.mark.parametrize(
    "said",
    [
        lines("git-filter-client", "version=3"),
        lines("something else"),
        b"GET / HTTP/1.1\r\n\r\n",
        HELLO + lines("command=erase", "pathname=a") + content(b""),
        HELLO + lines("pathname=a"),
        HELLO + lines("command=clean", "pathname=a") + packet(b"half"),
    ],
)
def test_a_partner_that_is_not_git_is_told(room: Room, said: bytes) -> None:
    with pytest.raises(Damaged) as told:
        room.say(said)
    assert told.value.finding.reference == "filter-protocol"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_a_conversation_cut_anywhere_ends(room: Room, data: st.DataObject) -> None:
    said = HELLO + question("clean", "a", b"content") + question("smudge", "b", b"no pointer")
    cut = data.draw(st.integers(min_value=0, max_value=len(said)))
    with suppress(Damaged):
        room.say(said[:cut])
