from __future__ import annotations

from hfpush.errors import Unavailable
from hfpush.transfer.observe import Observer, Silent, UploadReport


def test_an_observer_may_be_silent() -> None:
    observer: Observer = Silent()
    observer.started("oid", "name", 5, 0)
    observer.moved("oid", -5)
    observer.finished("oid", "present")
    observer.waiting(1.0, Unavailable.of("stalled", "It stopped."))


def test_a_report_of_nothing_is_all_zero() -> None:
    report = UploadReport()
    assert (report.sent, report.resumed, report.present) == ((), (), ())
    assert report.bytes_sent == report.bytes_resumed == report.bytes_present == 0
