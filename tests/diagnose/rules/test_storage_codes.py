"""Words of storage servers."""

from __future__ import annotations

import pytest

from hfpush.diagnose.rules.storage_codes import kind_of


@pytest.mark.parametrize(
    ("status", "code", "said", "reference"),
    [
        (403, "AccessDenied", "Request has expired", "lease-refused"),
        (403, "AccessDenied", "Access Denied", "storage-refused"),
        (400, "ExpiredToken", "The provided token has expired.", "lease-refused"),
        (403, "SignatureDoesNotMatch", "The request signature we calculated", "signature-mismatch"),
        (403, "RequestTimeTooSkewed", "The difference between", "clock-skewed"),
        (400, "EntityTooLarge", "Your proposed upload exceeds", "request-too-large"),
        (413, "", "an HTML page", "request-too-large"),
        (422, "", "", "storage-refused"),
        (429, "", "", "rate-limited"),
        (501, "NotImplemented", "A header you provided", "storage-refused"),
        (503, "SlowDown", "Please reduce your request rate.", "storage-unavailable"),
        (500, "", "", "storage-unavailable"),
        (507, "InsufficientStorage", "", "storage-full"),
        (307, "TemporaryRedirect", "", "redirect-refused"),
    ],
)
def test_each_word_has_its_reference(status: int, code: str, said: str, reference: str) -> None:
    assert kind_of(status, code, said) == reference
