"""What follows when a request has failed: for the source, for the file, for the whole fetch.

With others who have the file a source gets little patience, and the others go on; who is alone gets all of it.
"""

from __future__ import annotations

from collections.abc import Callable

from hfpush.errors import Damaged, HfpushError, LeaseExpired, NotFound, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.net.download import RangeUnusable
from hfpush.receive.board import Board
from hfpush.receive.budget import lease_finding
from hfpush.receive.filling import Filling
from hfpush.receive.stream import Stream

_HAS_NOTHING = ("repo-not-found", "revision-not-found")  # a mirror that lags behind has not one of the files
_STRIKES = 2  # wrong bytes may be an accident of the line once
STALL_SECONDS = 5.0
"""How long a connection may stand still while others move."""
_LIVE_SECONDS = 2.0
_ANSWER_SECONDS = 10.0  # a mirror may have to ask elsewhere before it answers

Lost = Callable[[Filling, HfpushError], None]


class Mishaps:
    """Called under the board's lock. `lost` is told of a file that does not come."""

    def __init__(self, board: Board, lost: Lost) -> None:
        self._board = board
        self._desk = board.desk
        self._policy = board.desk.means.policy
        self._lost = lost

    def failed(self, stream: Stream, failure: HfpushError) -> None:
        """A request has failed; its stream has left."""
        filling, giver = stream.filling, stream.giver
        others = self._board.others(filling, giver)
        if isinstance(failure, Unavailable):
            giver.troubled = giver.troubled or not isinstance(failure, LeaseExpired)
            self._unavailable(stream, failure) if others else self._alone(stream, failure)
        elif isinstance(failure, NotFound) and failure.finding.reference in _HAS_NOTHING and others:
            self._board.drop(giver, failure.finding)
        elif isinstance(failure, NotFound) and others:
            filling.lacking.add(giver.number)
            self._board.free(filling)
            self._board.call_in()
        elif isinstance(failure, RangeUnusable) and (stream.ranged or giver.number not in filling.plain):
            filling.plain.add(giver.number)  # several at once may learn it, from one answer even
        elif isinstance(failure, (Damaged, Refused)) and others:
            self._board.drop(giver, failure.finding)
        elif isinstance(failure, Damaged) and not isinstance(failure, RangeUnusable):
            if stream.began >= filling.noted:  # else it is the accident that was counted
                filling.noted = self._desk.now
                self.strike(filling, failure)
        else:
            self._lost(filling, failure)

    def strike(self, filling: Filling, failure: Damaged) -> None:
        """What came is not the file, and there is nobody else to ask."""
        filling.strikes += 1
        if filling.strikes >= _STRIKES:
            self._lost(filling, failure)
        else:
            self._pause(filling, self._policy.first_wait, failure.finding)

    def stalls(self) -> None:
        """Give up what stands still while others bring something."""
        now = self._desk.now
        running = [stream for some in self._board.streams.values() for stream in some]
        if not any(stream.wire and now - stream.moved_at < _LIVE_SECONDS for stream in running):
            if running and all(now - stream.moved_at >= STALL_SECONDS for stream in running):
                self._board.call_in()  # whether it is the source or our line, that one will show
            return
        limit = self._desk.means.limit
        ours = 0.0 if limit is None else limit.turn_seconds(len(running))
        for stream in running:
            patience = ours + (STALL_SECONDS if stream.answered else _ANSWER_SECONDS)
            if not stream.wanted or now - stream.moved_at < patience:
                continue
            still = all(now - one.moved_at >= ours + STALL_SECONDS for one in stream.giver.streams)
            others = self._board.others(stream.filling, stream.giver)
            failure = Unavailable(_stalled(stream.giver.name, now - stream.moved_at))
            self._board.give_up(stream)
            if still and others:
                self._board.drop(stream.giver, failure.finding)
            else:
                self.failed(stream, failure)

    def _unavailable(self, stream: Stream, failure: Unavailable) -> None:
        giver = stream.giver
        giver.standing = giver.standing.after(failure, self._policy, began=stream.began, now=self._desk.now)
        if giver.standing.failed:
            stream.filling.why = failure.finding
        if giver.standing.given_up is not None:
            self._board.drop(giver, giver.standing.given_up)

    def _alone(self, stream: Stream, failure: Unavailable) -> None:
        filling = stream.filling
        if stream.began < filling.noted:
            return  # the same accident as the one that was counted
        filling.noted = self._desk.now
        filling.budget, wait = filling.budget.after(failure, filling.total)
        if wait is not None:
            self._pause(filling, wait, failure.finding)
        elif isinstance(failure, LeaseExpired):
            told = Unavailable(lease_finding(failure))
            told.__cause__ = failure
            self._lost(filling, told)
        else:
            self._lost(filling, failure)

    def _pause(self, filling: Filling, seconds: float, why: Finding) -> None:
        filling.until, filling.why = self._desk.now + seconds, why


def _stalled(name: str, seconds: float) -> Finding:
    message = "A server has stopped moving bytes, while others go on."
    remedy = ("run the same command again in a while; it goes on where it was",)
    return Finding("stalled", message, (f"{name}: nothing for {seconds:.0f} s",), remedy)
