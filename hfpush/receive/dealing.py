"""Who brings what next: pieces.py's rules over the files that are open and the sources that have room."""

from __future__ import annotations

from hfpush.receive import pieces
from hfpush.receive.board import Board
from hfpush.receive.events import Bytes
from hfpush.receive.filling import Filling
from hfpush.receive.giver import Giver
from hfpush.receive.pieces import SMALL_BYTES
from hfpush.receive.plan import Step
from hfpush.receive.stream import SMALL_BLOCK_BYTES, Stream

_OPEN_AT_ONCE = 4  # large files; further requests bring more of these before others are begun
_MANY = 16
_FASTER_ELSEWHERE, _FASTER_AGAIN = 2.0, 4.0  # the same source is seldom that much faster the second time


class Dealer:
    """Called under the board's lock."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._desk = board.desk

    def roomy(self) -> list[Giver]:
        """The sources of which one more request may be made now, the one to ask first."""
        now = self._desk.now
        givers = [one for one in self._board.givers if one.has_room(now)]
        return sorted(givers, key=lambda one: (len(one.streams) > 0, -one.rate, one.number))

    def next_step(self, givers: list[Giver]) -> tuple[int, Step, int] | None:
        """The next step, if it may be begun now."""
        steps = self._board.steps
        if not steps:
            return None
        step = steps[0][1]
        free = step.to_come == 0 or (givers and (step.content.size <= SMALL_BYTES or self._board.large < _OPEN_AT_ONCE))
        return steps.popleft() if free else None

    def fresh(self, givers: list[Giver]) -> Stream | None:
        """A stream for something that nobody brings yet."""
        for filling in self._board.open:
            if not filling.full:
                stream = self.fresh_of(filling, givers)
                if stream is not None:
                    return stream
        return None

    def fresh_of(self, filling: Filling, givers: list[Giver]) -> Stream | None:
        """A stream for something of one file that nobody brings yet."""
        now = self._desk.now
        if filling.ended or filling.until > now:
            return None
        for giver in givers:
            if not filling.can_ask(giver):
                continue
            if self.useless(filling, giver):
                stretch = self._whole(filling, giver)
            else:
                if self._slow(filling, giver, now):
                    continue
                taken = pieces.covered(filling.there, [one.running(now) for one in self._board.streams[filling.number]])
                share = self._share(filling)
                stretch = pieces.fresh(taken, filling.content.size, rate=giver.rate, latency=giver.latency, share=share)
                if stretch is None:
                    filling.full = True
                    return None
            if stretch is not None:
                return self._started(filling, giver, *stretch)
        return None

    def hurry(self, givers: list[Giver]) -> Stream | None:
        """A stream for the rest of one that takes long, or for what would come late."""
        now = self._desk.now
        for filling in self._board.open:
            able = [one for one in givers if filling.can_ask(one) and not self.useless(filling, one)]
            if filling.ended or not self._board.streams[filling.number] or filling.until > now or not able:
                continue
            running = [one.running(now) for one in self._board.streams[filling.number]]
            cut = pieces.split(running)
            if cut is not None and self._board.streams[filling.number][cut[0]].shorten(cut[1]) < running[cut[0]].stop:
                filling.full = False
                stream = self.fresh_of(filling, able)
                if stream is not None:
                    return stream
            if self._desk.means.limit is not None:  # it is we who are slow, and would be no faster the second time
                continue
            fastest = max(able, key=lambda one: one.rate)
            faster = _FASTER_ELSEWHERE if len(self._board.givers) > 1 else _FASTER_AGAIN
            late = pieces.double(running, rate=fastest.rate, faster=faster)
            if late is not None:
                return self._doubled(filling, self._board.streams[filling.number][late], fastest)
        return None

    def takes_whole(self, stream: Stream) -> bool:
        """Whether a source that gives the whole file for a range may go on: where nobody else can give the rest."""
        board, filling = self._board, stream.filling
        with board.lock:
            stream.giver.whole_only = True
            if not stream.wanted or filling.ended or self._helped(filling, stream.giver):
                return False
            for other in tuple(self._board.streams[filling.number]):
                if other is not stream:
                    board.give_up(other)
            stream.begin_whole(filling.content.size)
            self._over(filling, stream)
            return True

    def useless(self, filling: Filling, giver: Giver) -> bool:
        """Whether a source has no ranges of that file to give."""
        return giver.whole_only or giver.number in filling.plain

    def may_bring(self, filling: Filling, giver: Giver) -> bool:
        """Whether a source is asked for something of that file: one that has no ranges to give, only for all of it, or
        where nobody else helps."""
        if not filling.can_ask(giver):
            return False
        return not self.useless(filling, giver) or not filling.total or not self._helped(filling, giver)

    def _helped(self, filling: Filling, giver: Giver) -> bool:
        """Whether another one can give what is missing, now or soon."""
        others = self._board.others(filling, giver)
        return any(filling.can_ask(one) and not self.useless(filling, one) for one in others)

    def _share(self, filling: Filling) -> int:
        """Among how many requests the rest of a file is divided."""
        able = [one for one in self._board.givers if filling.can_ask(one)]
        mine = min(self._board.jobs, sum(one.limit for one in able))
        return max(1, mine // max(1, self._board.large), len(self._board.streams[filling.number]) + 1)

    def _slow(self, filling: Filling, giver: Giver, now: float) -> bool:
        """Whether it had better leave the rest of the file to others."""
        if len(self._board.givers) == 1 or filling.content.size <= SMALL_BYTES:
            return False
        others = [  # only the quicker ones, or two of a kind would leave it to each other for ever
            one
            for one in self._board.others(filling, giver)
            if one.rate > giver.rate and filling.can_ask(one) and one.standing.usable(now)
        ]
        fastest = max((one.rate * one.limit for one in others), default=0.0)
        return pieces.too_slow(filling.content.size - filling.total, rate=giver.rate, others=fastest)

    def _whole(self, filling: Filling, giver: Giver) -> tuple[int, int] | None:
        """All that is missing, in one stream: at an empty draft, or where nobody else helps."""
        if self._board.streams[filling.number] or not self.may_bring(filling, giver):
            return None
        gap = next(filling.there.gaps(filling.content.size), None)
        start = 0 if gap is None or giver.number in filling.plain else gap[0]
        return None if gap is None else (start, filling.content.size)

    def _started(self, filling: Filling, giver: Giver, start: int, stop: int) -> Stream:
        stream = Stream(self._desk, filling, giver, start, stop, takes_whole=self.takes_whole)
        stream.ranged = giver.number not in filling.plain and filling.content.size > SMALL_BYTES
        if self._board.streams[filling.number] or sum(len(one.streams) for one in self._board.givers) >= _MANY:
            stream.block = SMALL_BLOCK_BYTES
        if giver.number in filling.plain and filling.total:
            self._over(filling, stream)
        self._board.streams[filling.number].append(stream)
        giver.enter(stream)
        return stream

    def _over(self, filling: Filling, stream: Stream) -> None:
        """It will bring all bytes, those that are there as well."""
        stream.over = filling.full = True
        gone = filling.doubt(filling.draft.have)
        if gone:
            self._desk.tell(Bytes(filling.path, -gone, filling.total))

    def _doubled(self, filling: Filling, late: Stream, giver: Giver) -> Stream:
        with late.lock:  # what it is putting into the file now must not land over bytes of the second stream
            filling.careful()
        late.doubled = True
        stream = self._started(filling, giver, late.at, late.stop)
        stream.doubled = True
        return stream
