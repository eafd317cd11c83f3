import pytest

from hfpush.findings import Finding
from hfpush.receive.events import Bytes, Event, FileDone, FileStarted, Planned, Waiting, silent


@pytest.mark.parametrize(
    "event",
    [
        Planned(1, 2, 3),
        FileStarted("a", 2, 1),
        Bytes("a", 1, 2),
        FileDone("a", 2, "kept"),
        Waiting("a", 1.0, Finding("x", "y")),
    ],
)
def test_events_are_values_and_nobody_need_listen(event: Event) -> None:
    assert hash(event)
    silent(event)
