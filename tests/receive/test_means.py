from hfpush.disk.content import Content
from hfpush.receive.means import Outcome
from hfpush.receive.plan import Step


def test_what_was_here_came_from_nobody() -> None:
    outcome = Outcome(Step(Content("0" * 64, 3), ("a",), "keep"), "kept")
    assert (outcome.wire, outcome.shares) == (0, ())
