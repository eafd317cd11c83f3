"""What a push asks for, what the other side has, and what it said: enough to know whether a push that broke off may be
sent again. Pure.

Source: gitprotocol-pack(5), "Pushing data to a server"; gitprotocol-http(5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hfpush.bridge.packets import FLUSH, MAX_PAYLOAD, Packets, packet
from hfpush.errors import Damaged

Outcome = Literal["landed", "untouched", "other"]
"""What became of a push whose answer is missing: every ref is as wanted; every ref is as before; neither."""
_ID = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"
_COMMAND = re.compile(rf"({_ID}) ({_ID}) (refs/[^\x00-\x20\x7f]+)")
_ADVERTISED = re.compile(rf"({_ID}) ([^\x00-\x20\x7f]+)")
_LENGTH = re.compile(rb"[0-9a-fA-F]{4}")
_BAND_PAYLOAD = MAX_PAYLOAD - 1
_MOST_KEPT_BYTES = 1 << 24
"""A report has a line for each ref."""


@dataclass(frozen=True)
class Command:
    """One ref that is to move. An id is None where there is no such ref: before a creation, after a deletion."""

    ref: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class PushRequest:
    """The commands of a push, and the capabilities that git wants to use (names, those with a value in full)."""

    commands: tuple[Command, ...]
    capabilities: frozenset[str]

    @property
    def sideband(self) -> bool:
        """Whether the answer comes in packets with a band each."""
        return "side-band-64k" in self.capabilities

    @property
    def reports(self) -> bool:
        """Whether the answer says what became of each ref."""
        return not self.capabilities.isdisjoint({"report-status", "report-status-v2"})


def parse_push(beginning: bytes) -> PushRequest | None:
    """The commands with which the body of a push begins.

    None where they are not all in `beginning`, or are of a kind that cannot be repeated safely: signed, or unknown.
    """
    packets = _first_list(beginning)
    if packets is None:
        return None
    commands: list[Command] = []
    capabilities: frozenset[str] = frozenset()
    for payload in packets:
        line, zero, words = payload.partition(b"\0")
        if zero:
            capabilities = frozenset(words.decode("utf-8", "replace").split())
        if line.startswith(b"shallow "):
            continue
        match = _COMMAND.fullmatch(_text(line))
        if match is None:
            return None
        commands.append(Command(match[3], _known(match[1]), _known(match[2])))
    return PushRequest(tuple(commands), capabilities) if commands else None


def parse_advertised(answer: bytes) -> Mapping[str, str]:
    """The refs of an `info/refs` answer of git-receive-pack, by full name. Raises Damaged for anything else."""
    packets = Packets()
    lines = packets.feed(answer)
    whole = not packets.rest and lines[-1:] == [None] and lines.count(None) >= 2
    if not whole or _text(lines[0] or b"") != "# service=git-receive-pack":
        raise Damaged.of(
            "not-a-hub",
            "The endpoint's list of branches cannot be read.",
            seen=(f"it begins with {answer[:60]!a}",),
            to_try=("check the endpoint's URL",),
        )
    refs = {}
    for payload in lines[1:]:
        match = _ADVERTISED.fullmatch(_text((payload or b"").partition(b"\0")[0]))
        if match is not None and match[2].startswith("refs/"):
            refs[match[2]] = match[1]
    return refs


def outcome(request: PushRequest, advertised: Mapping[str, str]) -> Outcome:
    """What became of a push, by the refs of the other side afterwards."""
    if all(advertised.get(command.ref) == command.new for command in request.commands):
        return "landed"
    if all(advertised.get(command.ref) == command.old for command in request.commands):
        return "untouched"
    return "other"


def report(request: PushRequest) -> bytes:
    """The answer of a server that took every ref, in the form that the request asked for."""
    if not request.reports:
        return FLUSH if request.sideband else b""
    lines = [
        b"unpack ok\n",
        *(f"ok {command.ref}\n".encode("utf-8", "surrogateescape") for command in request.commands),
    ]
    plain = b"".join(map(packet, lines)) + FLUSH
    if not request.sideband:
        return plain
    pieces = (plain[at : at + _BAND_PAYLOAD] for at in range(0, len(plain), _BAND_PAYLOAD))
    return b"".join(packet(b"\1" + piece) for piece in pieces) + FLUSH


class Answer:
    """The answer to a push as it comes: what may go to git at once, and what waits for the end.

    A server's progress goes on at once; its report is kept back, so that an answer that breaks off leaves git without
    any, and the right one can be given later. `whole` says whether the end was there, `good` whether the report says
    that every ref was taken.
    """

    def __init__(self, request: PushRequest) -> None:
        self._request = request
        self._packets = Packets()
        self._ended = False
        self._report = bytearray()
        self._kept = bytearray()

    def feed(self, data: bytes) -> bytes:
        """What of these bytes, and of those before, goes to git now. Raises Damaged for what is no answer to a push."""
        if not self._request.sideband:
            self._keep(data, data)
            return b""
        now = bytearray()
        for payload in self._packets.feed(data):
            if payload is None:
                self._ended = True
                self._keep(FLUSH, b"")
            elif payload[:1] == b"\1":
                self._keep(packet(payload), payload[1:])
            else:
                now += packet(payload)
        return bytes(now)

    def _keep(self, data: bytes, report: bytes) -> None:
        self._kept += data
        self._report += report
        if len(self._kept) > _MOST_KEPT_BYTES:
            raise Damaged.of(
                "answer-too-large",
                "The endpoint does not answer git as a Hub does.",
                seen=(f"the report about a push has more than {_MOST_KEPT_BYTES} bytes",),
                to_try=("check the endpoint's URL",),
            )

    def end(self) -> bytes:
        """What was kept back."""
        return bytes(self._kept)

    @property
    def whole(self) -> bool:
        """Whether nothing is missing, as far as the protocol tells."""
        if self._request.sideband and not self._ended:
            return False
        return not self._request.reports or self._lines()[-1:] == [None]

    @property
    def good(self) -> bool:
        """Whether the report says that the pack and every ref were taken."""
        said = {_text(line) for line in self._lines() if line}
        return "unpack ok" in said and all(f"ok {command.ref}" in said for command in self._request.commands)

    def _lines(self) -> list[bytes | None]:
        try:
            return Packets().feed(bytes(self._report))
        except Damaged:
            return []


def _first_list(beginning: bytes) -> list[bytes] | None:
    """The packets before the first flush. What follows it need not be packets: a pack."""
    at, payloads = 0, list[bytes]()
    while _LENGTH.fullmatch(beginning[at : at + 4]):
        length = int(beginning[at : at + 4], 16)
        if length == 0:
            return payloads
        if length < 5 or len(beginning) < at + length:
            break
        payloads.append(beginning[at + 4 : at + length])
        at += length
    return None


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape").removesuffix("\n")


def _known(id: str) -> str | None:
    return id if id.strip("0") else None
