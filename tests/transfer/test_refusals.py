from __future__ import annotations

from hfpush.errors import Damaged, Refused, Unavailable
from hfpush.lfs.batch import Rejected
from hfpush.transfer.refusals import gave_up, rejected, tagless
from hfpush.transfer.state import GiveUp


def test_giving_up_says_why_and_what_the_server_said_last() -> None:
    error = gave_up(
        "model.bin", GiveUp("lease-fruitless", "4 leases in a row ended."), ("PUT https://s/o answered 403",)
    )
    assert isinstance(error, Unavailable)
    assert error.finding.reference == "lease-fruitless"
    assert "model.bin" in error.finding.message
    assert error.finding.evidence == ("4 leases in a row ended.", "PUT https://s/o answered 403")
    assert error.finding.remedy


def test_a_rejected_object_is_named_and_nothing_secret_is_shown() -> None:
    error = rejected("model.bin", Rejected(422, "see https://h/x?X-Amz-Signature=5ec7e7 \x1b[31m" + "x" * 5000))
    (evidence,) = error.finding.evidence
    assert isinstance(error, Refused)
    assert "model.bin" in error.finding.message
    assert "422 see https://h/x?***" in evidence
    assert "5ec7e7" not in evidence
    assert "\x1b" not in evidence
    assert len(evidence) < 600


def test_a_part_without_an_etag_may_be_an_accident_once() -> None:
    once, again = tagless("model.bin", 3, again=False), tagless("model.bin", 3, again=True)
    assert isinstance(once, Unavailable)
    assert isinstance(again, Damaged)
    assert once.finding == again.finding
    assert (once.finding.reference, "Part 3 of model.bin" in once.finding.message) == ("part-tag-missing", True)
