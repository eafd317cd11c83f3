"""The conversation of git's long-running filter process, version 2: greetings, then one question after another.

Source: "Long Running Filter Process" of gitattributes(5). Git writes all of a content before it reads an answer, and
closes our input when it has no more questions.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from hfpush.disk.trouble import disk_trouble
from hfpush.errors import Damaged, HfpushError
from hfpush.findings import Finding
from hfpush.repo.filter.handler import Answer, FileAnswer, LfsFilter
from hfpush.repo.filter.pktline import MAX_PAYLOAD, PacketReader, PacketWriter

CAPABILITIES = (b"capability=clean", b"capability=smudge", b"capability=delay")
_PACKETS = 16
_FRAME = MAX_PAYLOAD + 4


class Session:
    """One conversation. `tell` is told why a question was answered by an error."""

    def __init__(self, reader: PacketReader, writer: PacketWriter, *, tell: Callable[[Finding], None]) -> None:
        self._reader = reader
        self._writer = writer
        self._tell = tell
        self._frames: memoryview | None = None

    def run(self, make: Callable[[], LfsFilter]) -> None:
        """Answer until git has no more questions; the filter is made once the greetings are over.

        Raises Damaged (`filter-protocol`) for what is no such conversation; BrokenPipeError when git has gone away.
        """
        if not self._greet():
            return
        lfs = make()
        while (lines := self._reader.lines()) is not None:
            self._answer(lfs, dict(line.partition(b"=")[::2] for line in lines))
            self._writer.send()

    def _greet(self) -> bool:
        hello = self._reader.lines()
        if hello is None:
            return False
        if hello[:1] != [b"git-filter-client"] or b"version=2" not in hello:
            raise _strange("it does not begin as git does", hello)
        self._writer.lines(b"git-filter-server", b"version=2")
        self._writer.send()
        offered = self._reader.lines()
        if offered is None:
            return False
        self._writer.lines(*(one for one in CAPABILITIES if one in offered))
        self._writer.send()
        return True

    def _answer(self, lfs: LfsFilter, question: dict[bytes, bytes]) -> None:
        command, path = question.get(b"command"), question.get(b"pathname", b"")
        if command == b"list_available_blobs":
            try:
                self._writer.lines(*(b"pathname=" + one for one in lfs.available()))
                self._writer.lines(b"status=success")
            except HfpushError as failure:
                self._refuse(failure)
            return
        if command not in (b"clean", b"smudge"):
            raise _strange("it asks for something that was not offered", [command or b"(no command)"])
        content = self._reader.content()
        try:
            if command == b"clean":
                answer = lfs.clean(content)
            else:
                answer = lfs.smudge(path, content, can_delay=question.get(b"can-delay") == b"1")
        except HfpushError as failure:
            if not isinstance(failure, Damaged) or failure.finding.reference != "filter-protocol":
                content.drain()
                self._refuse(failure)
                return
            raise
        content.drain()
        self._give(answer)

    def _refuse(self, failure: HfpushError) -> None:
        self._tell(failure.finding)
        self._writer.lines(b"status=error")

    def _give(self, answer: Answer) -> None:
        if answer == "delayed":
            self._writer.lines(b"status=delayed")
            return
        self._writer.lines(b"status=success")
        if isinstance(answer, bytes):
            self._writer.content(answer)
            self._writer.end()
            return
        try:
            self._file(answer)
        except BrokenPipeError:
            raise
        except OSError as error:
            self._writer.end()  # of a content that git now hears to be a wrong one
            self._refuse(disk_trouble(error, "the store of LFS objects"))
        else:
            self._writer.end()
            self._writer.end()
        finally:
            answer.close()

    def _file(self, answer: FileAnswer) -> None:
        """Send a file as packets, many of them in one write. Raises OSError, also for a file that is too short."""
        block = self._block()
        places = [block[at + 4 : at + _FRAME] for at in range(0, len(block), _FRAME)]
        at = 0
        while at < answer.size:
            count = os.preadv(answer.fd, places, at)
            if count == 0:
                raise OSError(errno.EIO, "a file became shorter while it was read")
            count = min(count, answer.size - at)
            whole, rest = divmod(count, MAX_PAYLOAD)
            if whole:
                self._writer.framed(block[: whole * _FRAME])
            if rest:
                self._writer.piece(places[whole][:rest])
            at += count

    def _block(self) -> memoryview:
        if self._frames is None:
            self._frames = memoryview(bytearray((b"%04x" % _FRAME + bytes(MAX_PAYLOAD)) * _PACKETS))
        return self._frames


def _strange(what: str, lines: list[bytes]) -> Damaged:
    return Damaged.of(
        "filter-protocol",
        "What git, or whoever calls the filter, says to it cannot be understood.",
        seen=(f"standard input: {what}: {b' '.join(lines)[:100]!r}",),
        to_try=("let git start it: hfpush lfs install",),
    )
