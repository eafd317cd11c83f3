"""How a file ends: verified and shown, doubted, lost, or begun anew.

Whoever puts the last byte into it sees to that. Whose bytes are wrong, suspects.py says; what a failed request means,
mishaps.py.
"""

from __future__ import annotations

from hfpush.disk.draft import sweep
from hfpush.errors import Busy, HfpushError, LocalTrouble
from hfpush.findings import Finding
from hfpush.receive.board import Board
from hfpush.receive.events import Bytes, FileDone, How
from hfpush.receive.filling import Filling, mismatch
from hfpush.receive.giver import Giver
from hfpush.receive.means import Outcome
from hfpush.receive.memory import MemoryDraft, TakesSmall
from hfpush.receive.mishaps import Mishaps
from hfpush.receive.suspects import guilty, next_doubt

_CLAIMS = 5


class Ending:
    """`takes_small` is the place, where that shows small files in groups. `mishaps` says what follows from a request
    that failed: by that, too, a file may be lost."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._desk = board.desk
        self._place = place = board.desk.means.place
        self.takes_small = place if isinstance(place, TakesSmall) else None
        self.mishaps = Mishaps(board, self.lost)

    def finish(self, filling: Filling) -> None:
        """All bytes are there, and nobody brings more: verify them, and show them or doubt them.

        It takes a while: called without the board's lock. Raises Stopped.
        """
        try:
            right = filling.follower.matches()
        except LocalTrouble as failure:
            self.lost(filling, failure)
            return
        self._desk.check()
        if not right:
            self._doubt(filling)
            return
        how: How = "resumed" if filling.kept_earlier else "fetched"
        brought = [(self._board.givers[number].name, count) for number, count in sorted(filling.wire.items()) if count]
        outcome = Outcome(filling.step, how, sum(filling.wire.values()), tuple(brought))
        with self._board.lock:
            if filling not in self._board.open:
                return
            self._board.open.remove(filling)
            for giver in (self._board.givers[number] for number in guilty(filling.differences) if number >= 0):
                self._board.drop(giver, _lied(filling, giver))
        self._show(filling, outcome)

    def done(self, number: int, outcome: Outcome) -> None:
        """A step has come to a good end: tell it, and note it."""
        for path in outcome.step.paths:
            self._desk.tell(FileDone(path, outcome.step.content.size, outcome.how))
        self._board.result(number, outcome)

    def lost(self, filling: Filling, failure: HfpushError) -> None:
        """The file does not come, because of `failure`."""
        with self._board.lock:
            if filling not in self._board.open:
                return
            self._board.open.remove(filling)
            self._board.dismiss(filling)
        filling.close()
        if isinstance(failure, Busy):
            self._again(filling)
        else:
            self._board.result(filling.number, failure)

    def _show(self, filling: Filling, outcome: Outcome) -> None:
        filling.follower.__exit__()
        if isinstance(filling.draft, MemoryDraft):
            self._show_small(filling, filling.draft.data, outcome)
            return
        try:
            self._place.put(filling.content, filling.step.paths, filling.draft)
        except Busy:
            filling.draft.release()
            self._again(filling)
            return
        except HfpushError as failure:
            filling.draft.release()
            self._board.result(filling.number, failure)
            return
        except BaseException:
            filling.draft.release()
            raise
        sweep(self._place.home(filling.path, filling.content))
        self.done(filling.number, outcome)

    def _show_small(self, filling: Filling, data: bytes, outcome: Outcome) -> None:
        board = self._board

        def shown() -> None:
            with board.lock:
                board.unflushed -= 1
            self.done(filling.number, outcome)

        assert self.takes_small is not None
        with board.lock:
            board.unflushed += 1
        try:
            self.takes_small.put_small(filling.content, filling.step.paths, data, shown)
        except HfpushError as failure:
            board.end(failure)

    def _doubt(self, filling: Filling) -> None:
        """The digest does not hold."""
        with self._board.lock:
            filling.ask = None
            self._board.call_in()
            usable = [one.number for one in self._board.givers if filling.can_ask(one)]
            doubt = None if filling.strikes else next_doubt(filling.given, filling.doubted, usable)
            gone = filling.restart() if doubt is None else filling.doubt_giver(doubt)
            self._desk.tell(Bytes(filling.path, -gone, filling.total))
            filling.ended = filling.full = False
            if doubt is None:
                filling.ask = frozenset(usable[:1])
                self.mishaps.strike(filling, mismatch(filling.path, filling.content.id))
            self._board.work_waits.notify()

    def _again(self, filling: Filling) -> None:
        """Another process took the draft while this one was asleep: begin anew."""
        if filling.claims < _CLAIMS:
            with self._board.lock:
                self._board.steps.appendleft((filling.number, filling.step, filling.claims + 1))
                self._board.work_waits.notify()
            return
        lost = Busy.of(
            "draft-lost",
            "Other processes keep taking over a file that we are fetching.",
            seen=(filling.path,),
            to_try=("run one fetch at a time on this folder",),
        )
        self._board.result(filling.number, lost)


def _lied(filling: Filling, giver: Giver) -> Finding:
    return Finding(
        "content-mismatch",
        f"{giver.name} gave wrong bytes.",
        (f"{filling.path!r}: what other sources gave has the digest that is listed, {filling.content.id}",),
        ("leave that endpoint out",),
        "warning",
    )
