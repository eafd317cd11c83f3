"""What a storage server says when it refuses an upload, as the reference of a finding. Pure.

Sources: the list of error codes of S3; what MinIO, Ceph and R2 say in their place. A 413 is seldom the storage's own:
what stands before it limits bodies.
"""

from __future__ import annotations

import re

_BY_CODE = {
    "ExpiredToken": "lease-refused",
    "ExpiredRequest": "lease-refused",
    "RequestExpired": "lease-refused",
    "TokenRefreshRequired": "lease-refused",
    "SignatureDoesNotMatch": "signature-mismatch",
    "InvalidSignature": "signature-mismatch",
    "AuthorizationQueryParametersError": "signature-mismatch",
    "XAmzContentSHA256Mismatch": "signature-mismatch",
    "BadDigest": "signature-mismatch",
    "RequestTimeTooSkewed": "clock-skewed",
    "EntityTooLarge": "request-too-large",
    "SlowDown": "storage-unavailable",
    "InternalError": "storage-unavailable",
    "ServiceUnavailable": "storage-unavailable",
    "RequestTimeout": "storage-unavailable",
    "InsufficientStorage": "storage-full",
    "QuotaExceeded": "storage-full",
}
_BY_STATUS = {
    408: "storage-unavailable",
    413: "request-too-large",
    429: "rate-limited",
    500: "storage-unavailable",
    502: "storage-unavailable",
    503: "storage-unavailable",
    504: "storage-unavailable",
    507: "storage-full",
}
_EXPIRED = re.compile(r"(?i)request has expired|token .{0,40}has expired|url .{0,20}expired")


def kind_of(status: int, code: str, said: str) -> str:
    """The reference for a status, the code in the answer's XML and its message."""
    if status == 413:
        return "request-too-large"
    if _EXPIRED.search(said):
        return "lease-refused"
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return "redirect-refused" if 300 <= status < 400 else "storage-refused"
